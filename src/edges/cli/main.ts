#!/usr/bin/env node
import { processOutput } from './output.js';
import { outputLost, reportError } from './report-error.js';
import { runCli } from './run.js';

const output = processOutput(process.stdout, process.stderr);
const argv = process.argv.slice(2);

// What stands on stderr is ours: no warning of the platform (node:sqlite is called experimental on Node 22 and 24) among the errors.
process.removeAllListeners('warning');

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => process.exit(reportError(error, output, argv.includes('--json'))));
}

const exitCode = await runCli(argv, {
  output,
  stdin: process.stdin,
  injected: {},
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
});
process.exitCode = (await output.finish()) ? exitCode : reportError(outputLost(), output, argv.includes('--json'));
