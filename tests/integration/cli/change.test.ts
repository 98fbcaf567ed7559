import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../../../src/testing.js';
import { type CliOptions, cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'cli-change-'));
const dir = join(root, 'registry');
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
let entryId = '';

const run = (argv: readonly string[], options: CliOptions = {}) => cli(argv, { clock, ...options });
const json = async (argv: readonly string[], options: CliOptions = {}): Promise<Record<string, unknown>> =>
  JSON.parse((await run([...argv, '--json'], options)).out) as Record<string, unknown>;
const change = (argv: readonly string[], options: CliOptions = {}) => run(['change', '--dir', dir, '--entry', entryId, ...argv], options);
const publish = async (): Promise<unknown> => {
  clock.advanceDays(1);
  return (await json(['publish', '--dir', dir]))['changes'];
};
const entry = async (): Promise<Record<string, unknown>> =>
  ((await json(['entries', '--dir', dir]))['entries'] as readonly Record<string, unknown>[])[0] ?? {};

beforeAll(async () => {
  await run(['init', '--dir', dir, '--custody', join(root, 'custody'), '--policy', 'tiny']);
  const person = {
    identity: { names: ['诸葛建国'] },
    statement: { alias: '金福', categories: ['party'], text: 'I leave.', evidence: 'contact' },
  };
  ({ entryId } = (await json(['register', '--dir', dir], { stdin: JSON.stringify(person) })) as { entryId: string });
  await run(['sort', '--dir', dir]);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('cryptonym change', () => {
  it('before publication too: the change waits for the entry', async () => {
    expect(await change(['--evidence', 'verified'])).toEqual({
      code: 0,
      out: 'Taken in. The first batch that may carry it is that of 2026-11-21. Next: cryptonym publish.\n',
      err: '',
    });
    expect(await json(['health', '--dir', dir])).toMatchObject({ ok: true, pool: { waiting: 1, changes: 1 } });
    expect(await publish()).toBe(0);
    expect(await publish()).toBe(1);
    expect(await entry()).toMatchObject({ evidence: 'verified', amendments: 0, retracted: false });
  });

  it('text and name come from stdin, one waiting at a time', async () => {
    expect(await json(['change', '--dir', dir, '--entry', entryId, '--text-stdin'], { stdin: 'For good.\r\n' })).toEqual({
      dueOn: '2026-11-23',
    });
    const second = await change(['--name-stdin'], { stdin: '诸葛建国\n' });
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toBe('error CHANGE_REFUSED: the change does not fit the entry: pending\n');
    expect(await publish()).toBe(1);
    await change(['--name-stdin'], { stdin: '诸葛建国\n' });
    expect(await publish()).toBe(1);
    expect(await entry()).toMatchObject({ name: '诸葛建国', display: 'name', text: 'For good.', amendments: 2 });
    expect((await run(['entries', '--dir', dir])).out).toContain('amended 2×');
  });

  it('veto, retraction and removal', async () => {
    expect((await change(['--veto'])).out).toMatch(/^Vetoed: /);
    await change(['--retract']);
    expect(await publish()).toBe(1);
    expect((await run(['entries', '--dir', dir])).out).toContain('retracted, amended 2×');
    expect((await run(['counts', '--dir', dir, '--json'])).out).toContain('"retracted": 1');
    await change(['--remove-content']);
    expect(await publish()).toBe(1);
    expect(await entry()).toMatchObject({ removed: true, retracted: true });
    expect((await entry())['name']).toBeUndefined();
    expect((await change(['--text-stdin'], { stdin: 'x' })).err).toContain('CHANGE_REFUSED');
    expect(await json(['health', '--dir', dir])).toMatchObject({ ok: true, problems: [], pool: { changes: 0 } });
  });

  it.each([
    ['no change', []],
    ['two changes', ['--retract', '--veto']],
    ['evidence that is none', ['--evidence', 'stated']],
  ])('%s is wrong use', async (_, argv) => {
    expect(await change(argv)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error USAGE: /) });
  });

  it('refusals have codes and repeat nothing of what was typed', async () => {
    const refused = [
      [await run(['change', '--dir', dir, '--entry', 'ab'.repeat(16), '--retract']), 'ENTRY_UNKNOWN'],
      [await run(['change', '--dir', dir, '--entry', '诸葛', '--retract']), 'FORMAT_INVALID'],
      [await change(['--name-stdin'], { stdin: '<b>诸葛' }), 'ALIAS_INVALID'],
      [await change(['--text-stdin'], { stdin: '诸葛\u202e' }), 'STATEMENT_INVALID'],
      [await change(['--text-stdin'], { stdin: '诸葛'.repeat(10_000) }), 'STATEMENT_INVALID'],
    ] as const;
    for (const [{ code, out, err }, expected] of refused) {
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(new RegExp(`^error ${expected}: `));
      expect(err).not.toContain('诸葛');
    }
  });
});
