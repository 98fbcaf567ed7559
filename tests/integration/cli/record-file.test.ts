import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSealedRecord } from '../../../src/custodian.js';
import { openRegistry } from '../../../src/index.js';
import { fixedClock } from '../../../src/testing.js';
import { cli } from '../../support/cli-shell.js';
import { openRaw } from '../../support/raw-sqlite.js';

/** A record travels to the custodians' station as a file, so that shares never come near the registry's machine. */
const root = mkdtempSync(join(tmpdir(), 'cli-record-file-'));
const dir = join(root, 'registry');
const file = join(root, 'one.record');
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
const NAME = '诸葛建国';
const PHONE = '138 0000 4321';
let [id, other] = ['', ''];
/** Everything printed except by an opening that succeeded. */
let printed = '';

async function run(...argv: readonly string[]) {
  const result = await cli(argv, { clock });
  printed += result.err + (argv[0] === 'open' ? '' : result.out);
  return result;
}

const init = (name: string) =>
  run(
    'init',
    '--dir',
    join(root, name),
    '--custody',
    join(root, `${name}-custody`),
    '--policy',
    'tiny',
    '--quorum',
    '2',
    '--custodians',
    '3',
  );
const shares = (purpose: 'vault' | 'link' | 'quarantine', numbers: readonly number[], of = 'registry'): string[] =>
  numbers.map((i) => join(root, `${of}-custody`, purpose === 'vault' ? '' : purpose, `${purpose}-${i}-of-3.share`));
const open = (path: string, ...more: readonly string[]) => run('open', '--record-file', path, '--shares', ...more);
const openInPlace = (...more: readonly string[]) => run('open', '--dir', dir, '--record', id, '--shares', ...more);
const write = (record: string, out: string) => run('records', '--dir', dir, '--record', record, '--out', out);

let copies = 0;
function altered(change: (bytes: Uint8Array) => Uint8Array): string {
  const path = join(root, `altered-${++copies}.record`);
  writeFileSync(path, change(new Uint8Array(readFileSync(file))));
  return path;
}

function flipped(at: number): string {
  return altered((bytes) => {
    bytes.set([(bytes[at] ?? 0) ^ 1], at);
    return bytes;
  });
}

beforeAll(async () => {
  await init('registry');
  await init('elsewhere');
  const person = { identity: { names: [NAME, 'Zhuge'], birthDate: '1957-10-03' }, contact: { phones: [PHONE] } };
  const call = ['金福', '万顺'].map((alias) => ({ ...person, statement: { alias, categories: ['party'] } }));
  await cli(['register', '--dir', dir], { clock, stdin: JSON.stringify(call) });
  await run('sort', '--dir', dir);
  [id, other] = (JSON.parse((await run('records', '--dir', dir, '--json')).out) as { records: [string, string] }).records;
});
afterAll(() => rmSync(root, { recursive: true }));

describe('records --record --out', () => {
  it('writes the record as the library encodes it, for its owner only, and says what the file is', async () => {
    const { code, out, err } = await write(id, file);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/open --record-file.*\nThe file holds the shred\. Destroy it after use; an erasure does not reach it\.\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const registry = await openRegistry({ dir }, { clock });
    const sealed = await registry.sealed.get(id);
    await registry.close();
    expect(new Uint8Array(readFileSync(file))).toEqual(sealed && encodeSealedRecord(sealed));
  });

  it('says it as JSON', async () => {
    const out = join(root, 'json.record');
    const result = await run('records', '--dir', dir, '--record', id, '--out', out, '--json');
    expect(JSON.parse(result.out)).toEqual({ recordId: id, bytes: statSync(out).size, holdsShred: true });
    expect(readFileSync(out)).toEqual(readFileSync(file));
  });

  it('overwrites nothing and follows no link', async () => {
    const precious = join(root, 'precious');
    writeFileSync(precious, 'precious');
    const link = join(root, 'link');
    const target = join(root, 'not-there-yet');
    symlinkSync(target, link);
    for (const out of [precious, link, join(root, 'registry-custody')]) {
      const refused = await write(id, out);
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error USAGE: --out is there already/) });
    }
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(existsSync(target)).toBe(false);
  });

  it('writes nothing into the registry, nor where it cannot', async () => {
    const inside = join(dir, 'sealed', 'one.record');
    expect(await write(id, inside)).toMatchObject({ code: 2, err: expect.stringMatching(/^error USAGE: --out must lie apart/) });
    expect(existsSync(inside)).toBe(false);
    const nowhere = join(root, 'no', 'such', 'folder');
    expect(await write(id, nowhere)).toMatchObject({ code: 2, err: expect.stringMatching(/^error USAGE: .*--out cannot be written/) });
    // A link that leads into the registry is a place in it.
    symlinkSync(join(dir, 'sealed'), join(root, 'way-in'));
    expect((await write(id, join(root, 'way-in', 'one.record'))).err).toMatch(/must lie apart/);
    expect(readdirSync(join(dir, 'sealed')).filter((name) => name.endsWith('.record'))).toEqual([]);
  });

  it('an id that there is not has the code of open, and leaves no file', async () => {
    const out = join(root, 'unknown.record');
    expect(await write('00'.repeat(16), out)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^error RECORD_ERASED: /) });
    expect(await write(NAME, out)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^error FORMAT_INVALID: /) });
    expect(existsSync(out)).toBe(false);
  });
});

describe('open --record-file', () => {
  it('does what open in the registry does, where no registry is', async () => {
    const asked = [
      shares('vault', [1, 3]),
      shares('link', [2, 3]),
      [...shares('vault', [2, 3]), ...shares('link', [1, 2])],
      [...shares('vault', [1, 2]), '--compartments', 'identity'],
      [...shares('vault', [1, 2]), '--json'],
      [...shares('vault', [1]), '--shares', ...shares('vault', [2])],
    ];
    const there = [];
    for (const words of asked) there.push(await openInPlace(...words));
    renameSync(dir, `${dir}-away`);
    try {
      for (const [i, words] of asked.entries()) expect(await open(file, ...words)).toEqual(there[i]);
    } finally {
      renameSync(`${dir}-away`, dir);
    }
    expect(there.map(({ code, err }) => ({ code, err }))).toEqual(asked.map(() => ({ code: 0, err: '' })));
    expect(there[0]?.out).toContain(`  names            ${NAME} · Zhuge\n`);
    expect(there[0]?.out).toContain(`  phones           ${PHONE}\n`);
    expect(there[3]?.out).not.toContain(PHONE);
    expect(JSON.parse(there[4]?.out ?? '')).toMatchObject({ recordId: id, identity: { birthDate: '1957-10-03' } });
  });

  it('takes shares under the names of earlier versions: what a share is for stands in it', async () => {
    const folder = join(root, 'old-names');
    mkdirSync(folder);
    const old = shares('vault', [1, 2]).map((path, i) => {
      const to = join(folder, `custodian-${i + 1}.share`);
      copyFileSync(path, to);
      return to;
    });
    expect(await open(file, ...old)).toMatchObject({ code: 0, out: expect.stringContaining(NAME) });
  });

  it('refuses wrong shares as open in the registry does', async () => {
    const none = join(root, 'none.share');
    writeFileSync(none, 'no share at all');
    const wrong: [code: string, words: string[]][] = [
      ['SHARES_TOO_FEW', shares('vault', [1])],
      ['SHARES_TOO_FEW', shares('quarantine', [1, 2])],
      ['SHARES_TOO_FEW', [...shares('vault', [1, 2]), '--compartments', 'link']],
      ['SHARE_DUPLICATE', shares('vault', [2, 2])],
      ['SHARE_MIXED', [...shares('vault', [1]), ...shares('vault', [2], 'elsewhere')]],
      ['SHARE_INVALID', [...shares('vault', [1]), none]],
      ['OPEN_FAILED', shares('vault', [1, 2], 'elsewhere')],
    ];
    for (const [code, words] of wrong) {
      const refused = await open(file, ...words);
      expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(`^error ${code}: `) });
      expect(await openInPlace(...words)).toEqual(refused);
    }
  });

  it('a file that is none: the code of the format', async () => {
    const bad = [
      altered(() => new Uint8Array(0)),
      altered((bytes) => bytes.slice(0, -1)),
      altered((bytes) => new Uint8Array([...bytes, 0])),
      altered(() => new Uint8Array(70_000)),
      flipped(0),
      ...shares('vault', [1]),
    ];
    for (const path of bad) {
      const { code, out, err } = await open(path, ...shares('vault', [1, 2]));
      expect({ code, out, err }).toEqual({ code: 1, out: '', err: expect.stringMatching(/^error FORMAT_INVALID: /) });
    }
  });

  it('a file of the right form that is damaged does not open, and nothing says where', async () => {
    const [magic, recordId, shred] = [8, 16, 32];
    const length = readFileSync(file).length;
    const inIdentity = magic + recordId + shred + 4 + 1400;
    const answers = [];
    for (const at of [magic, magic + recordId, inIdentity]) answers.push(await open(flipped(at), ...shares('vault', [1, 2])));
    answers.push(await open(flipped(length - 1), ...shares('link', [1, 2])));
    for (const answer of answers) expect(answer).toEqual({ code: 1, out: '', err: 'error OPEN_FAILED: could not open\n' });
    // Only what is asked for is opened: the last byte belongs to the link.
    expect((await open(flipped(length - 1), ...shares('vault', [1, 2]))).code).toBe(0);
  });

  it('an erasure does not reach the file, as its maker was told', async () => {
    await run('erase', '--dir', dir, '--record', id);
    expect(await openInPlace(...shares('vault', [1, 2]))).toMatchObject({ code: 1, err: expect.stringMatching(/^error RECORD_ERASED: /) });
    expect((await write(id, join(root, 'late.record'))).err).toMatch(/^error RECORD_ERASED: /);
    expect(existsSync(join(root, 'late.record'))).toBe(false);
    expect(await open(file, ...shares('vault', [1, 2]))).toMatchObject({ code: 0, out: expect.stringContaining(NAME) });
  });
});

it('a record that is damaged in the store is not written: exit code 3', async () => {
  const raw = openRaw(join(dir, 'sealed', 'vault.db'));
  raw.prepare('UPDATE records SET identity = link, link = identity WHERE id = ?').run(Buffer.from(other, 'hex'));
  raw.close();
  const out = join(root, 'damaged.record');
  expect(await write(other, out)).toEqual({ code: 3, out: '', err: 'error STORE_INTEGRITY: the record is damaged in the store\n' });
  expect(existsSync(out)).toBe(false);
});

it('nothing but an opening has printed a name, a number or a path', () => {
  expect(printed.length).toBeGreaterThan(2000);
  const said = printed.replace(/^Their files lie in .*$/gm, '');
  for (const canary of [NAME, PHONE, '1957-10-03', root]) expect(said).not.toContain(canary);
});
