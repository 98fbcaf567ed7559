import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/log/checkpoint.js';
import { verifyForkProof } from '../../../src/log/fork-proof.js';
import { fixedClock } from '../../../src/testing.js';
import { type CliResult, cli } from '../../support/cli-shell.js';
import { type Running, SECONDS, startWitness } from './running.js';

const PERSON = { identity: { names: ['王小明'] }, statement: { alias: 'jin fu', categories: ['party'] } };

/** What the operations page tells, from the command line, in its order. */
describe('cryptonym publish under two witnesses', () => {
  const root = mkdtempSync(join(tmpdir(), 'cli-witnesses-'));
  const [dir, out] = [join(root, 'registry'), join(root, 'export')];
  const clock = fixedClock(SECONDS * 1000);
  const run = (...argv: string[]): Promise<CliResult> => cli(argv, { clock });
  const register = (at: string): Promise<CliResult> => cli(['register', '--dir', at], { clock, stdin: JSON.stringify(PERSON) });
  let key: string;
  let policy: string;
  let a: Running;
  let b: Running;

  beforeAll(async () => {
    const made = await run(
      'init',
      '--dir',
      dir,
      '--custody',
      join(root, 'custody'),
      '--policy',
      'tiny',
      '--origin',
      'register.example/log',
      '--json',
    );
    ({ logKey: key } = JSON.parse(made.out) as { logKey: string });
    a = await startWitness([key], { seed: 71 });
    // Nobody has told this one about the log yet.
    b = await startWitness([], { seed: 72 });
    policy = `witness a ${a.vkey} ${a.url}\nwitness b ${b.vkey} ${b.url}\ngroup both all a b\nquorum both\n`;
    writeFileSync(join(dir, 'keys/log/witnesses'), policy);
    await register(dir);
  });
  afterAll(async () => {
    await Promise.all([a.remove(), b.remove()]);
    rmSync(root, { recursive: true, force: true });
  });

  it('waits, and shows nothing, while one does not know the log', async () => {
    const { code, err } = await run('publish', '--dir', dir, '--now');
    expect([code, err]).toEqual([0, expect.stringMatching(/^Too few witnesses have cosigned so far/)]);
    const refused = await run('export', '--dir', dir, '--out', out);
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/WITNESSES_TOO_FEW/) });
    // Nothing is added behind a batch that waits.
    await register(dir);
    expect((await run('publish', '--dir', dir, '--now')).out).toBe('Nothing to publish.\n');
  });

  it('goes on when both have it, and the export is what a reader with the policy takes', async () => {
    await b.stop();
    b = await startWitness([key], { seed: 72, dir: b.dir });
    policy = policy.replace(/(witness b \S+) \S+/, `$1 ${b.url}`);
    writeFileSync(join(dir, 'keys/log/witnesses'), policy);
    const { code, out: said, err } = await run('publish', '--dir', dir, '--now');
    expect([code, err]).toEqual([0, '']);
    expect(said).toMatch(/^Batch 2: published 1 statement/);
    expect((await run('export', '--dir', dir, '--out', out)).code).toBe(0);
    const opened = openCheckpoint(readFileSync(join(out, 'checkpoint'), 'utf8'), { key, policy, notBefore: SECONDS });
    expect([opened.size, opened.witnesses.length]).toEqual([4, 2]);
  });

  it('alarms when a copy of the registry has published too, and the witnesses hold the proof', async () => {
    const copy = join(root, 'copy');
    cpSync(dir, copy, { recursive: true });
    for (const at of [copy, dir]) await register(at);
    expect((await run('publish', '--dir', copy, '--now')).err).toBe('');
    const { code, err } = await run('publish', '--dir', dir, '--now');
    expect(code).toBe(3);
    expect(err).toMatch(/Too few witnesses/);
    expect(err).toMatch(/ALARM: a witness has seen another history of this log\. Stop, and read docs\/operations-log\.md\./);
    expect((await run('export', '--dir', dir, '--out', out)).err).toMatch(/WITNESSES_TOO_FEW/);
    for (const { dir: state } of [a, b]) {
      const [evidence = ''] = readdirSync(state).filter((name) => name.endsWith('.fork'));
      expect(verifyForkProof(readFileSync(join(state, evidence), 'utf8'), { key })).toMatchObject({
        first: { size: 6 },
        second: { size: 6 },
      });
    }
  });
});
