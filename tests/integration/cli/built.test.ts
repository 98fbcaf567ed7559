import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const BIN = resolve(import.meta.dirname, '../../../dist/cli.js');
const built = existsSync(BIN);
const root = mkdtempSync(join(tmpdir(), 'cli-built-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

function run(
  argv: readonly string[],
  more: { stdin?: string; onErr?: (child: ChildProcess) => void; onOut?: (child: ChildProcess) => void } = {},
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [BIN, ...argv], { stdio: 'pipe' });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      more.onOut?.(child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      more.onErr?.(child);
    });
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, out, err }));
    child.stdin.end(more.stdin ?? '');
  });
}

describe.skipIf(!built)(`the built command${built ? '' : ' (skipped: run `npm run build` first)'}`, () => {
  const dir = join(root, 'registry');
  const file = join(root, 'people.csv');
  const PEOPLE = 160;
  writeFileSync(file, `name,categories\n${Array.from({ length: PEOPLE }, (_, i) => `王小明${i},party`).join('\n')}\n`);

  it('makes a registry', async () => {
    expect(await run(['init', '--dir', dir, '--custody', join(root, 'custody'), '--policy', 'tiny', '--json'])).toMatchObject({
      code: 0,
      err: '',
    });
  });

  it('killed in an import at any moment, and run again: every row once', async () => {
    const killed = await run(['import', file, '--dir', dir, '--batch', '8'], { onErr: (child) => child.kill('SIGKILL') });
    expect(killed.signal).toBe('SIGKILL');
    const stopped = await run(['import', file, '--dir', dir, '--batch', '8'], { onErr: (child) => child.kill('SIGINT') });
    expect(stopped).toMatchObject({ code: 1, signal: null });
    expect(stopped.out).toMatch(/^Import interrupted\. Everything up to here is stored\.\n/);
    const ended = await run(['import', file, '--dir', dir]);
    expect(ended.code).toBe(0);
    const published = JSON.parse((await run(['publish', '--dir', dir, '--now', '--json'])).out) as { published: number };
    expect(published.published).toBe(PEOPLE);
    expect(await run(['health', '--dir', dir])).toMatchObject({ code: 0, err: '' });
  });

  it('does not mind a reader that leaves', async () => {
    const { code, err } = await run(['entries', '--dir', dir, '--json'], { onOut: (child) => child.stdout?.destroy() });
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('says so when what was asked for cannot be written', async () => {
    for (const command of [['records'], ['keys'], ['counts'], ['entries', '--json'], ['health']]) {
      const full = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [BIN, ...command, '--dir', dir], { stdio: ['ignore', full, 'pipe'] });
      let err = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      const code = await new Promise((done) => child.on('close', done));
      closeSync(full);
      expect({ code, err: err.includes('the output could not be written') }).toEqual({ code: 1, err: true });
    }
  });

  it('reads a registration from stdin and fails without a stack trace', async () => {
    const person = { identity: { names: ['王建国'] }, statement: { categories: ['party'] } };
    expect(await run(['register', '--dir', dir, '--json'], { stdin: JSON.stringify(person) })).toMatchObject({ code: 0, err: '' });
    const { code, out, err } = await run(['register', '--dir', dir], { stdin: '{"identity":' });
    expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'error JSON_INVALID: not JSON\n' });
    expect(await run([])).toMatchObject({ code: 2, out: '' });
  });
});
