import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePublicKeys } from '../../../src/intake.js';
import { fixedClock } from '../../../src/testing.js';
import { type CliOptions, cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'cli-commands-'));
const dir = join(root, 'registry');
const custody = join(root, 'custody');
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
const NAME = '诸葛建国';
const PHONE = '13800004321';
const PERSON = {
  identity: { names: [NAME], birthDate: '1957-10-03' },
  contact: { phones: [PHONE], address: '长安街 1\n北京' },
  statement: { alias: '金福', categories: ['party', 'league'], text: 'I leave.\nToday.' },
  channel: 'web',
};
const shares = (folder: string, ...numbers: number[]): string[] =>
  numbers.map((i) => join(custody, folder, `${folder || 'vault'}-${i}-of-5.share`));
/** Everything printed except by `open`, for the canaries. */
let printed = '';

async function run(argv: readonly string[], options: CliOptions = {}) {
  const result = await cli(argv, { clock, ...options });
  if (argv[0] !== 'open') printed += result.out + result.err;
  return result;
}

async function json<T>(argv: readonly string[], options: CliOptions = {}): Promise<T> {
  const { code, out, err } = await run([...argv, '--json'], options);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

beforeAll(async () => {
  await run(['init', '--dir', dir, '--custody', custody, '--policy', 'tiny']);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('from a call to a count', () => {
  it('register reads JSON from stdin and shows the claim phrase once', async () => {
    const { code, out } = await run(['register', '--dir', dir], { stdin: JSON.stringify(PERSON) });
    expect(code).toBe(0);
    expect(out).toMatch(/entry id +[0-9a-f]{32}\n +claim phrase +([a-z]+ ){11}[a-z]+\n/);
  });

  it('register takes the people of one call from a file, all or none', async () => {
    const file = join(root, 'call.json');
    const member = { ...PERSON, channel: 'phone', statement: { categories: ['pioneers'] } };
    writeFileSync(file, JSON.stringify([member, { ...member, identity: { names: [] } }]));
    const refused = await run(['register', '--dir', dir, '--file', file]);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^error GROUP_INVALID: .*IDENTITY_INVALID.*\(field identity\.names, number 2\)\n$/);
    writeFileSync(file, JSON.stringify([member, member]));
    const { accepted } = await json<{ accepted: Record<string, unknown>[] }>(['register', '--dir', dir, '--file', file]);
    expect(accepted.map(Object.keys)).toEqual([
      ['member', 'submissionId', 'entryId'],
      ['member', 'submissionId', 'entryId'],
    ]);
  });

  it('register refuses what is no registration, without repeating it', async () => {
    const refused = [
      ['', 'JSON_INVALID'],
      [NAME, 'JSON_INVALID'],
      ['['.repeat(100_000), 'JSON_INVALID'],
      [JSON.stringify({ ...PERSON, identity: { names: [NAME.repeat(400_000)] } }), 'JSON_INVALID'],
      [new Uint8Array([0x22, 0xff, 0x22]), 'JSON_INVALID'],
      ['[]', 'GROUP_INVALID'],
      ['null', 'REGISTRATION_INVALID'],
      [JSON.stringify({ ...PERSON, [NAME]: 1 }), 'REGISTRATION_INVALID'],
      [JSON.stringify({ ...PERSON, identity: { names: ['\ud800'] } }), 'IDENTITY_INVALID'],
      [JSON.stringify({ ...PERSON, statement: { alias: NAME, categories: ['party'] } }), 'STATEMENT_LEAKS_NAME'],
    ] as const;
    for (const [stdin, code] of refused) {
      const result = await run(['register', '--dir', dir], { stdin });
      expect(result).toMatchObject({ code: 1, out: '' });
      expect(result.err).toMatch(new RegExp(`^error ${code}: `));
    }
  });

  it('sort, publish, counts, entries', async () => {
    expect(await json(['sort', '--dir', dir])).toMatchObject({ ran: true, sorted: 3, waiting: 0 });
    expect((await run(['sort', '--dir', dir])).out).toBe('Nothing waits.\n');
    expect((await run(['publish', '--dir', dir])).out).toMatch(/^Batch 1: published 3 statements\.\n/);
    expect((await run(['publish', '--dir', dir])).out).toBe('This day’s batch went out before; nothing published.\n');
    expect(await json(['publish', '--dir', dir, '--at', '2026-11-22'])).toMatchObject({
      batch: 2,
      published: 0,
      alreadyPublished: false,
    });
    expect(await json(['counts', '--dir', dir])).toMatchObject({ total: 3, byCategory: { party: 1, league: 1, pioneers: 2 } });
    expect((await run(['counts', '--dir', dir])).out).toMatch(/^ {2}statements +3\n/);
    const { entries } = await json<{ entries: { name: string; registerNumber: number }[] }>(['entries', '--dir', dir]);
    expect(entries).toHaveLength(3);
    const shown = (await run(['entries', '--dir', dir])).out;
    expect(shown).toMatch(/\d +金福 {20} {2}league\+party +stated +2026-11 +alias\n {10}I leave\.\n {10}Today\.\n/);
    const one = (await run(['entries', '--dir', dir, '--limit', '1'])).out;
    expect(one.split('\n')).toHaveLength(one.includes('Today.') ? 6 : 4);
    expect(one).toContain(`More: --from ${entries[1]?.registerNumber}\n`);
    expect((await json<{ entries: unknown[] }>(['entries', '--dir', dir, '--from', '3'])).entries).toHaveLength(1);
    expect((await run(['entries', '--dir', dir, '--from', '99'])).out).toMatch(/none\n$/);
  });

  it('keys prints exactly what devices decode', async () => {
    const { out } = await run(['keys', '--dir', dir]);
    const keys = decodePublicKeys(new TextEncoder().encode(out));
    expect(keys.categories.map(({ id }) => id)).toEqual(['party', 'league', 'pioneers']);
  });

  it('maintain and health', async () => {
    clock.advanceDays(1);
    expect(await json(['maintain', '--dir', dir])).toMatchObject({ epochKeysDestroyed: 0, submissionsDropped: 0 });
    expect((await run(['maintain', '--dir', dir])).out).toMatch(/^Maintained\.\n/);
    expect(await json(['health', '--dir', dir])).toMatchObject({ ok: true, linkable: true, records: 3, entries: 3 });
    expect((await run(['health', '--dir', dir])).out).toMatch(/^No problems found\.\n.*\nlinkable: /s);
  });
});

describe('share', () => {
  it('says whose share it is, and shows nothing of it', async () => {
    const { out } = await run(['share', ...shares('link', 4)]);
    expect(out).toMatch(/^This share is whole\.\n +key +link\n +custodian +4 of 5\n +needed together +3\n +set id +[0-9a-f]{32}\n/);
    const infos = await Promise.all([1, 2, 3, 4, 5].map((i) => json<{ custodian: number; setId: string }>(['share', ...shares('', i)])));
    expect(infos.map(({ custodian }) => custodian)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(infos.map(({ setId }) => setId)).size).toBe(1);
  });

  it('refuses a damaged one', async () => {
    const [whole = ''] = shares('', 1).map((file) => readFileSync(file, 'utf8'));
    const file = join(root, 'damaged.share');
    const body = /\n[A-Za-z0-9+/]{64}\n/.exec(whole)?.index ?? 0;
    writeFileSync(file, `${whole.slice(0, body + 30)}${whole[body + 30] === 'A' ? 'B' : 'A'}${whole.slice(body + 31)}`);
    const { code, out, err } = await run(['share', file]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error SHARE_(INVALID|BAD): /);
  });
});

describe('open', () => {
  async function recordOf(name: string): Promise<string> {
    const { records } = await json<{ records: string[] }>(['records', '--dir', dir]);
    expect(records).toHaveLength(3);
    expect((await run(['records', '--dir', dir])).out).toBe(records.map((id) => `${id}\n`).join(''));
    for (const id of records) {
      const { out } = await run(['open', '--dir', dir, '--record', id, '--shares', ...shares('', 1, 2, 3), '--json']);
      if ((JSON.parse(out) as { contact: { address?: string } }).contact.address !== undefined && out.includes(name)) return id;
    }
    throw new Error('not found');
  }

  it('opens what the shares are for, with one --shares or several', async () => {
    const id = await recordOf(NAME);
    const vault = await run(['open', '--dir', dir, '--record', id, '--shares', ...shares('', 2, 3, 5)]);
    expect(vault.out.split('\n')).toEqual([
      'identity',
      `  names            ${NAME}`,
      '  birthDate        1957-10-03',
      'contact',
      `  phones           ${PHONE}`,
      '  address          长安街 1, 北京',
      '',
    ]);
    const link = await run([
      'open',
      '--dir',
      dir,
      '--record',
      id,
      ...shares('link', 1, 4, 5).flatMap((file) => ['--shares', file]),
      '--json',
    ]);
    const opened = JSON.parse(link.out) as { recordId: string; link: { entryId: string } };
    expect(Object.keys(opened)).toEqual(['recordId', 'link']);
    const { entries } = await json<{ entries: { entryId: string }[] }>(['entries', '--dir', dir]);
    expect(entries.map(({ entryId }) => entryId)).toContain(opened.link.entryId);
    const some = await run([
      'open',
      '--dir',
      dir,
      '--record',
      id,
      '--shares',
      ...shares('', 1, 2, 3),
      '--compartments',
      'identity',
      '--json',
    ]);
    expect(Object.keys(JSON.parse(some.out) as object)).toEqual(['recordId', 'identity']);
  });

  it('refuses before it opens, naming the custodian or the file', async () => {
    const id = await recordOf(NAME);
    const bad = join(root, 'bad.share');
    writeFileSync(bad, 'no share at all');
    const open = (...files: string[]) => run(['open', '--dir', dir, '--record', id, '--shares', ...files]);
    expect((await open(...shares('', 1, 2))).err).toMatch(/^error SHARES_TOO_FEW: /);
    expect((await open(...shares('', 1, 2, 2))).err).toMatch(/^error SHARE_DUPLICATE: .*custodian 2/);
    expect((await open(...shares('', 1, 2), bad)).err).toMatch(/^error SHARE_INVALID: .*\(number 3\)\n$/);
    expect((await open(...shares('quarantine', 1, 2, 3))).err).toMatch(/^error SHARES_TOO_FEW: /);
    expect((await run(['open', '--dir', dir, '--record', id, '--shares', ...shares('', 1, 2, 3), '--compartments', 'link'])).err).toMatch(
      /^error SHARES_TOO_FEW: /,
    );
    expect((await run(['open', '--dir', dir, '--record', '00'.repeat(16), '--shares', ...shares('', 1, 2, 3)])).err).toMatch(
      /^error RECORD_ERASED: /,
    );
    expect((await run(['open', '--dir', dir, '--record', NAME, '--shares', ...shares('', 1, 2, 3)])).err).toMatch(
      /^error FORMAT_INVALID: /,
    );
  });
});

it('no command but open has printed a name or a telephone number', () => {
  expect(printed.length).toBeGreaterThan(5000);
  for (const canary of [NAME, PHONE, '1957-10-03', '长安街']) expect(printed).not.toContain(canary);
});

it('a damaged store is told with exit code 3, also by health', async () => {
  const file = join(dir, 'public', 'public.db');
  const whole = readFileSync(file);
  writeFileSync(file, 'not a database, not even nearly, but long enough to be looked at'.repeat(100));
  for (const name of ['counts', 'health']) {
    const { code, out, err } = await run([name, '--dir', dir]);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^error STORE_INTEGRITY: /);
    expect(err).not.toContain(root);
  }
  writeFileSync(file, whole);
  appendFileSync(join(dir, 'keys', 'epochs', '1.json'), '{}');
  const { code, out } = await run(['health', '--dir', dir]);
  expect(code).toBe(3);
  expect(out).toMatch(/^\d+ problems? found:\n {2}keys: /);
});
