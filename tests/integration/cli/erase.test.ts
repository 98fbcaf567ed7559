import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../../../src/testing.js';
import { openRaw } from '../../support/raw-sqlite.js';
import { cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'cli-erase-'));
const dir = join(root, 'registry');
const custody = join(root, 'custody');
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
const NAMES = ['诸葛建国', '司马丽华', '欧阳明'];
const FINAL = '2026-11-30';
const shares = [1, 2].map((i) => join(custody, `vault-${i}-of-2.share`));
let [byText, byJson, kept] = ['', '', ''];

const run = (argv: readonly string[], stdin = '') => cli(argv, { clock, stdin });
const json = async (argv: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await run([...argv, '--json'])).out) as Record<string, unknown>;
const open = (record: string, ...more: string[]) => run(['open', '--dir', dir, '--record', record, '--shares', ...shares, ...more]);

beforeAll(async () => {
  await run(['init', '--dir', dir, '--custody', custody, '--policy', 'tiny', '--quorum', '2', '--custodians', '2']);
  for (const name of NAMES) {
    const person = { identity: { names: [name] }, statement: { alias: '金福', categories: ['party'] } };
    await run(['register', '--dir', dir], JSON.stringify(person));
  }
  await run(['publish', '--dir', dir]);
  [byText, byJson, kept] = (await json(['records', '--dir', dir]))['records'] as [string, string, string];
});
afterAll(() => rmSync(root, { recursive: true }));

describe('cryptonym erase', () => {
  it('before: each record opens', async () => {
    for (const record of [byText, byJson, kept]) {
      const { code, out } = await open(record);
      expect(code).toBe(0);
      expect(NAMES.some((name) => out.includes(name))).toBe(true);
    }
  });

  it('prints the day in text and as JSON, and the same again', async () => {
    const { code, out, err } = await run(['erase', '--dir', dir, '--record', byText]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Erased\.\n/);
    expect(out).toContain(FINAL);
    expect(await json(['erase', '--dir', dir, '--record', byJson])).toEqual({ finalOn: FINAL });
    expect(await json(['erase', '--dir', dir, '--record', byText])).toEqual({ finalOn: FINAL });
  });

  it('after: `open` says RECORD_ERASED, exits 1 and prints no name; the others still open', async () => {
    for (const record of [byText, byJson]) {
      const { code, out, err } = await open(record);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^error RECORD_ERASED: /);
      const asJson = await open(record, '--json');
      expect({ code: asJson.code, out: asJson.out }).toEqual({ code: 1, out: '' });
      expect(JSON.parse(asJson.err)).toMatchObject({ error: { code: 'RECORD_ERASED' } });
      for (const name of NAMES) expect(err + asJson.err).not.toContain(name);
    }
    expect((await open(kept)).code).toBe(0);
  });

  it('entries, counts and health stay, also after the old key is gone', async () => {
    const entries = await json(['entries', '--dir', dir]);
    const before = [entries, await json(['counts', '--dir', dir])];
    for (let day = 0; day < 10; day++) {
      clock.advanceDays(1);
      expect(await json(['maintain', '--dir', dir])).toMatchObject({ shredsUnreadable: 0 });
    }
    expect([await json(['entries', '--dir', dir]), await json(['counts', '--dir', dir])]).toEqual(before);
    expect(entries['entries']).toHaveLength(NAMES.length);
    expect(await json(['health', '--dir', dir])).toMatchObject({ ok: true, records: NAMES.length });
    expect((await open(byText)).err).toMatch(/^error RECORD_ERASED: /);
    expect((await open(kept)).code).toBe(0);
  });

  it('a reader in the way: STORE_BUSY and exit 1; run again, it is done', async () => {
    const reader = openRaw(join(dir, 'shred/shred.db'));
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM shreds').get();
    const busy = await run(['erase', '--dir', dir, '--record', kept]);
    expect({ code: busy.code, out: busy.out }).toEqual({ code: 1, out: '' });
    expect(busy.err).toMatch(/^error STORE_BUSY: /);
    reader.exec('COMMIT');
    reader.close();
    expect((await run(['erase', '--dir', dir, '--record', kept])).code).toBe(0);
    expect((await open(kept)).err).toMatch(/^error RECORD_ERASED: /);
  });

  it.each([
    ['an unknown record', '00'.repeat(16), 1, 'RECORD_UNKNOWN'],
    ['what is no id', '诸葛', 1, 'FORMAT_INVALID'],
  ])('%s has its code and is not repeated', async (_, record, code, name) => {
    const text = await run(['erase', '--dir', dir, '--record', record]);
    expect({ code: text.code, out: text.out }).toEqual({ code, out: '' });
    expect(text.err).toMatch(new RegExp(`^error ${name}: `));
    expect(text.err).not.toContain(record);
    const asJson = await run(['erase', '--dir', dir, '--record', record, '--json']);
    expect([asJson.code, JSON.parse(asJson.err)]).toMatchObject([code, { error: { code: name } }]);
  });

  it.each([[['--dir', dir]], [['--record', '00'.repeat(16)]], [['--dir', dir, '--record', 'x', 'y']]])('%j is wrong use', async (argv) => {
    expect(await run(['erase', ...argv])).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error USAGE: /) });
  });
});
