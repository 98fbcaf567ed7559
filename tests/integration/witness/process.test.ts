import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNote, parseVerifierKey } from '../../../src/log/note.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { testLog, texts } from '../../support/test-log.js';
import { buildWitness, type RunningProgram, startProgram } from '../../support/witness-program.js';
import { requestOf } from './running.js';

/** As README.md of the example says: one file, made from the source, run by Node alone. */
describe('the witness as a program', () => {
  const work = mkdtempSync(join(tmpdir(), 'witness-program-'));
  const program = join(work, 'witness.mjs');
  const dir = join(work, 'w');
  const log = testLog();
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    await log.append(...texts(3));
    buildWitness(program);
  });
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(work, { recursive: true, force: true });
  });

  const start = (): Promise<RunningProgram> => startProgram(program, dir, running);
  const post = async (url: string, body: string): Promise<[number, string]> => {
    const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
    return [answer.status, await answer.text()];
  };

  it('makes a key once, runs, remembers across a kill, and ends on a polite word', async () => {
    const vkey = execFileSync(process.execPath, [program, 'key', dir, 'witness.example/w'], { encoding: 'utf8' }).trim();
    expect(parseVerifierKey(vkey).type).toBe(4);
    expect(statSync(join(dir, 'key')).mode & 0o777).toBe(0o600);
    expect(() => execFileSync(process.execPath, [program, 'key', dir, 'witness.example/w'], { stdio: 'pipe' })).toThrow();
    writeFileSync(join(dir, 'logs'), `# the register\n${log.vkey}\n`);

    const first = await start();
    const [status, line] = await post(first.url, await requestOf(log, 0));
    expect(status).toBe(200);
    const opened = openNote(addSignatures(log.note(), [line]), [parseVerifierKey(vkey)]);
    expect(Math.abs((opened.verified[0]?.timestamp ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    // A second one would have its own idea of the latest checkpoint.
    await expect(start()).rejects.toThrow(/another process/);
    await first.end('SIGKILL');
    expect(existsSync(join(dir, 'lock'))).toBe(true);

    await log.append('x');
    const second = await start();
    expect(await post(second.url, await requestOf(log, 0))).toEqual([409, '3\n']);
    expect((await post(second.url, await requestOf(log, 3)))[0]).toBe(200);
    expect(await second.end('SIGTERM')).toBe(0);
    expect(existsSync(join(dir, 'lock'))).toBe(false);
  });

  it('says how it is called', () => {
    expect(() => execFileSync(process.execPath, [program], { stdio: 'pipe' })).toThrow(/makes the key/);
  });
});
