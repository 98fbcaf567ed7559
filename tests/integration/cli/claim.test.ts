import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../../../src/testing.js';
import { cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'cli-claim-'));
const dir = join(root, 'registry');
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
const PIN = '19571003';
const UNKNOWN = `${'abandon '.repeat(11)}about`;

interface Registered {
  readonly entryId: string;
  readonly claim: string;
}
interface Found {
  readonly recordId: string;
  readonly entryId: string;
  readonly status: string;
  readonly registerNumber: number | null;
  readonly pending: readonly string[];
}
interface Answered {
  readonly operation: string;
  readonly number: number;
  readonly reply: { readonly result: string; readonly reason?: string; readonly dueOn?: string; readonly finalOn?: string } | null;
}

const run = (argv: readonly string[], stdin = '') => cli(argv, { clock, stdin });

async function json<T>(argv: readonly string[], stdin = ''): Promise<T> {
  const { code, out, err } = await run([...argv, '--json'], stdin);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

const register = (more: object) =>
  json<Registered>(
    ['register', '--dir', dir],
    JSON.stringify({
      identity: { names: ['诸葛建国'] },
      statement: { categories: ['party'], evidence: 'contact' },
      channel: 'web',
      ...more,
    }),
  );
const claim = (stdin: string, ...words: string[]) => json<Found>(['claim', '--dir', dir, ...words], stdin);
const ask = (stdin: string, ...words: string[]) => json<Answered>(['claim', '--dir', dir, ...words], stdin);
/** `tiny` draws no delay: the change is in the next day's batch. */
async function nextBatch(days = 1): Promise<void> {
  clock.advanceDays(days);
  await run(['publish', '--dir', dir]);
}

let plain: Registered;
let pinned: Registered;

beforeAll(async () => {
  await run(['init', '--dir', dir, '--custody', join(root, 'custody'), '--policy', 'tiny']);
  plain = await register({ claim: { language: 'zh-Hans' } });
  pinned = await register({ claim: { pin: PIN } });
});
afterAll(() => rmSync(root, { recursive: true }));

describe('cryptonym claim', () => {
  it('finds the record, the entry and how it stands, before and after the batch', async () => {
    const waiting = await claim(plain.claim);
    expect(waiting).toMatchObject({ entryId: plain.entryId, status: 'waiting', registerNumber: null, record: 'sealed' });
    expect(waiting.recordId).toMatch(/^[0-9a-f]{32}$/);
    await nextBatch(0);
    const published = await claim(`${plain.claim}\n`);
    expect(published).toMatchObject({ recordId: waiting.recordId, status: 'published', registerNumber: expect.any(Number) });
    const { out } = await run(['claim', '--dir', dir], plain.claim);
    expect(out).toContain(waiting.recordId);
    expect(out).toMatch(/status +published\n +register number +\d+\n/);
  });

  it('with --pin reads the PIN from the second line', async () => {
    expect(await claim(`${pinned.claim}\n${PIN}\n`, '--pin')).toMatchObject({ entryId: pinned.entryId, status: 'published' });
  });

  it('unknown, mistyped, wrong PIN, PIN left out or too many: the same error, the same text', async () => {
    const tries: [string, string[]][] = [
      [UNKNOWN, []],
      ['', []],
      ['once upon a time', []],
      [pinned.claim, []],
      [`${pinned.claim}\n00000000`, ['--pin']],
      [`${plain.claim}\n${PIN}`, ['--pin']],
      [`${UNKNOWN}\nnew text`, ['--amend']],
      [UNKNOWN, ['--reply', 'erase']],
    ];
    for (const [stdin, words] of tries) {
      const result = await run(['claim', '--dir', dir, ...words], stdin);
      expect(result).toEqual({ code: 1, out: '', err: 'error OPEN_FAILED: could not open\n' });
    }
    expect(await run(['claim', '--dir', dir, '--pin'], `${pinned.claim}\n123`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('PIN_INVALID'),
    });
  });

  it('no phrase, PIN or name may stand on the command line', async () => {
    for (const words of [
      [plain.claim],
      ['--pin', PIN],
      ['--show-name', '诸葛建国'],
      ['--amend', '--retract'],
      ['--reply', 'status'],
      ['--reply', 'amend'],
    ])
      expect((await run(['claim', '--dir', dir, ...words], plain.claim)).code).toBe(2);
  });

  it('--amend: waits, is shown again by --reply, is published, and cannot be asked twice', async () => {
    const asked = await ask(`${plain.claim}\n新的话。\nTwo lines.\n`, '--amend');
    expect(asked).toMatchObject({ operation: 'amend', number: 1, reply: { result: 'waiting', dueOn: expect.stringMatching(/^2026-11-/) } });
    expect(await ask(plain.claim, '--reply', 'amend', '--number', '1')).toEqual(asked);
    expect((await claim(plain.claim)).pending).toEqual(['text']);
    expect(await ask(`${plain.claim}\nanother`, '--amend')).toMatchObject({ reply: { result: 'refused', reason: 'pending' } });
    await nextBatch();
    const { entries } = await json<{ entries: { name: string; text?: string }[] }>(['entries', '--dir', dir]);
    expect(entries.filter(({ text }) => text === '新的话。\nTwo lines.')).toHaveLength(1);
    expect(await claim(plain.claim)).toMatchObject({ status: 'published', pending: [], amendments: 1 });
  });

  it('--show-name waits seven days and --veto stops it', async () => {
    const shown = await ask(`${pinned.claim}\n${PIN}\n诸葛建国\n`, '--pin', '--show-name');
    expect(shown).toMatchObject({ operation: 'show-name', reply: { result: 'waiting' } });
    expect(await ask(`${pinned.claim}\n${PIN}`, '--pin', '--veto')).toMatchObject({ reply: { result: 'done' } });
    expect(await claim(`${pinned.claim}\n${PIN}`, '--pin')).toMatchObject({ pending: [], nameLocked: true });
    const { out } = await run(['claim', '--dir', dir, '--pin', '--reply', 'veto'], `${pinned.claim}\n${PIN}`);
    expect(out).toMatch(/^ {2}veto +done\n$/);
    expect((await run(['claim', '--dir', dir, '--reply', 'retract'], plain.claim)).out).toMatch(/^retract: no answer yet/);
  });

  it('--retract, then --remove-content, then --erase: the status says so', async () => {
    expect((await run(['claim', '--dir', dir, '--retract'], plain.claim)).out).toMatch(/retract +waiting\n +not before +2026-11-/);
    await nextBatch();
    expect(await claim(plain.claim)).toMatchObject({ status: 'retracted' });
    expect(await ask(plain.claim, '--remove-content')).toMatchObject({ reply: { result: 'waiting' } });
    await nextBatch();
    expect(await claim(plain.claim)).toMatchObject({ status: 'removed' });
    const erased = await ask(plain.claim, '--erase');
    expect(erased).toMatchObject({ reply: { result: 'done', finalOn: expect.stringMatching(/^2026-1/) } });
    expect(await claim(plain.claim)).toMatchObject({ status: 'erased', record: 'erased' });
    expect(await json(['counts', '--dir', dir])).toMatchObject({ total: 2 });
    expect(await json(['health', '--dir', dir])).toMatchObject({ ok: true });
  });
});
