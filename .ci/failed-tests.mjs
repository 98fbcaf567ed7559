// What failed in a vitest JSON report, one line a test with the first lines of its message: .ci/run prints it at its end.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const file of report.testResults.filter((one) => one.status === 'failed')) {
  const name = file.name.replace(`${process.cwd()}/`, '');
  const tests = file.assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) console.log(`   ${name}: ${firstLines(file.message)}`);
  for (const test of tests) console.log(`   ${name} › ${test.fullName}: ${firstLines(test.failureMessages.join('\n'))}`);
}

function firstLines(message) {
  return message.split('\n').slice(0, 6).join(' | ').slice(0, 600);
}
