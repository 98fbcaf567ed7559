import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clearUnlessWhole } from '../../../src/stores/sqlite/private-directories.js';
import { clearIfUseless } from '../../../src/stores/sqlite/private-files.js';
import { openTestStores, temporaryDirectory } from './support.js';

const PRIVATE = new Uint8Array(96).fill(1);
const PUBLIC = new Uint8Array(1249).fill(2);
const OTHER_PRIVATE = new Uint8Array(96).fill(3);
const OTHER_PUBLIC = new Uint8Array(1249).fill(4);

async function withKeys(...epochs: readonly number[]) {
  const directory = temporaryDirectory();
  const { keys, tidy } = await openTestStores(directory);
  for (const epoch of epochs) await keys.putEpochKey(epoch, PRIVATE, PUBLIC, epoch + 7);
  const at = (...names: readonly string[]): string => join(directory, 'keys', ...names);
  return { keys, at, tidy };
}

const integrity = expect.objectContaining({ code: 'STORE_INTEGRITY' });

describe('the halves of an epoch key', () => {
  test('lie in two files, the private one raw', async () => {
    const { at } = await withKeys(4);
    expect(new Uint8Array(readFileSync(at('epochs/4/private.key')))).toEqual(PRIVATE);
    const publicFile = readFileSync(at('epochs/4/public.json'), 'utf8');
    expect(publicFile).toBe(`{"epoch":4,"expires":11,"key":"${Buffer.from(PUBLIC).toString('base64')}"}`);
    expect(publicFile).not.toContain(Buffer.from(PRIVATE).toString('base64'));
  });

  test('listing the public ones opens no private key, and none of earlier epochs', async () => {
    const { keys, at } = await withKeys(4, 5);
    for (const epoch of ['4', '5']) {
      // Nothing can read a directory as a file; the control is that reading the private key fails.
      rmSync(at('epochs', epoch, 'private.key'));
      mkdirSync(at('epochs', epoch, 'private.key'));
      writeFileSync(at('epochs', epoch, 'private.key/x'), 'x');
    }
    await expect(keys.epochKey(5)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    writeFileSync(at('epochs/4/public.json'), 'damaged');
    expect(await keys.epochPublicKeys(5)).toEqual([{ epoch: 5, expires: 12, publicKey: PUBLIC }]);
    await expect(keys.epochPublicKeys(4)).rejects.toEqual(integrity);
  });

  test('a damaged file is an error and a finding, never a wrong key', async () => {
    const { keys, at } = await withKeys(4);
    const damaged = [
      '',
      '{}',
      '{"epoch":5,"expires":11,"key":"AA=="}',
      '{"epoch":4,"expires":11,"key":"A"}',
      '{"epoch":4,"expires":-1,"key":"AA=="}',
    ];
    for (const text of damaged) {
      writeFileSync(at('epochs/4/public.json'), text);
      await expect(keys.epochPublicKeys(0)).rejects.toEqual(integrity);
      expect(await keys.check()).toEqual([{ store: 'keys', problem: 'an epoch key file is damaged' }]);
    }
    await keys.destroyEpochKey(4);
    await keys.putEpochKey(4, PRIVATE, PUBLIC, 11);
    writeFileSync(at('epochs/4/private.key'), 'short');
    await expect(keys.epochKey(4)).rejects.toEqual(integrity);
    expect(await keys.check()).toEqual([{ store: 'keys', problem: 'an epoch key file is damaged' }]);
    writeFileSync(at('kek/2.key'), 'short', { mode: 0o600 });
    await expect(keys.kek(2)).rejects.toEqual(integrity);
  });
});

/** What a kill can leave of an epoch key, and what a careless hand can: the halves as they are found then. */
const HALVES = [
  ['the private half, its destruction just begun', PRIVATE, false, true],
  ['a private half that is overwritten', new Uint8Array(96), false, true],
  ['a private half that is empty', new Uint8Array(0), false, false],
  ['an empty directory', undefined, false, false],
  ['the public half alone', undefined, true, false],
  ['the public half beside an empty file', new Uint8Array(0), true, false],
] as const;

function leave(path: string, privateHalf: Uint8Array | undefined, publicHalf: boolean): void {
  if (!publicHalf) rmSync(join(path, 'public.json'));
  rmSync(join(path, 'private.key'));
  if (privateHalf !== undefined) writeFileSync(join(path, 'private.key'), privateHalf, { mode: 0o600 });
}

describe.each(HALVES)('left: %s', (_, privateHalf, publicHalf, listed) => {
  test('it breaks nothing, and can be destroyed again', async () => {
    const { keys, at } = await withKeys(4, 5);
    leave(at('epochs/4'), privateHalf, publicHalf);
    expect(await keys.epochPublicKeys(0)).toEqual([{ epoch: 5, expires: 12, publicKey: PUBLIC }]);
    expect(await keys.epochs()).toEqual(listed ? [4, 5] : [5]);
    expect((await keys.check()).map(({ problem }) => problem)).toEqual(
      listed ? [expect.stringContaining('half an epoch key is left')] : [],
    );
    for (let i = 0; i < 2; i++) await keys.destroyEpochKey(4);
    expect(readdirSync(at('epochs'))).toEqual(['5']);
    expect(await keys.check()).toEqual([]);
  });

  test('a new key takes its place, whole', async () => {
    const { keys, at } = await withKeys(4);
    leave(at('epochs/4'), privateHalf, publicHalf);
    await keys.putEpochKey(4, OTHER_PRIVATE, OTHER_PUBLIC, 11);
    expect(await keys.epochKey(4)).toEqual(OTHER_PRIVATE);
    expect(await keys.epochPublicKeys(4)).toEqual([{ epoch: 4, expires: 11, publicKey: OTHER_PUBLIC }]);
    expect(readdirSync(at('epochs'))).toEqual(['4']);
    expect(await keys.check()).toEqual([]);
  });
});

describe('an overwritten or empty private key is no key', () => {
  test('of an epoch', async () => {
    const { keys, at } = await withKeys(4);
    for (const bytes of [new Uint8Array(96), new Uint8Array(0)]) {
      writeFileSync(at('epochs/4/private.key'), bytes);
      expect(await keys.epochKey(4)).toBeUndefined();
    }
  });

  test.each([32, 0])('of a generation: %i zeros', async (length) => {
    const { keys, at } = await withKeys();
    await keys.putKek(1, new Uint8Array(32).fill(1));
    writeFileSync(at('kek/2.key'), new Uint8Array(length), { mode: 0o600 });
    expect([await keys.kek(2), await keys.keks()]).toEqual([undefined, [{ generation: 1 }]]);
    await keys.putKek(2, new Uint8Array(32).fill(2));
    await keys.putKek(2, new Uint8Array(32).fill(3));
    expect(await keys.kek(2)).toEqual(new Uint8Array(32).fill(2));
    expect(readdirSync(at('kek')).sort()).toEqual(['1.key', '2.key']);
    expect(await keys.check()).toEqual([]);
  });
});

describe('of two processes that replace what is left, the second gives back what the first has put there', () => {
  test('an epoch', async () => {
    const { keys, at } = await withKeys(4);
    clearUnlessWhole(at('epochs/4'), () => true);
    expect(await keys.epochKey(4)).toEqual(PRIVATE);
    expect(readdirSync(at('epochs'))).toEqual(['4']);
    clearUnlessWhole(at('epochs/9'), () => true);
    clearUnlessWhole(at('epochs/4'), () => false);
    expect(readdirSync(at('epochs'))).toEqual([]);
  });

  test('a generation', async () => {
    const { keys, at } = await withKeys();
    await keys.putKek(1, new Uint8Array(32).fill(1));
    clearIfUseless(at('kek/1.key'), () => false);
    expect(await keys.kek(1)).toEqual(new Uint8Array(32).fill(1));
    clearIfUseless(at('kek/9.key'), () => false);
    clearIfUseless(at('kek/1.key'), () => true);
    expect(readdirSync(at('kek'))).toEqual([]);
  });
});

test('destroying a key removes what a crash left of it and of earlier ones, and nothing else', async () => {
  const { keys, at } = await withKeys(3, 11);
  for (const name of ['2.00ff.tmp', '3.00ff.tmp', '11.00ff.tmp']) {
    mkdirSync(at('epochs', name), { mode: 0o700 });
    writeFileSync(at('epochs', name, 'private.key'), PRIVATE, { mode: 0o600 });
  }
  for (const name of ['1.key.00ff.tmp', '9.key.00ff.tmp']) writeFileSync(at('kek', name), 'key', { mode: 0o600 });
  expect([await keys.epochs(), await keys.check()]).toEqual([[3, 11], []]);
  // As after a minute: a young one may be in the making.
  for (const name of readdirSync(at('kek'))) utimesSync(at('kek', name), 1, 1);
  expect(await keys.check()).toEqual([{ store: 'keys', problem: expect.stringContaining('left by a crash') }]);
  await keys.destroyEpochKey(3);
  await keys.destroyKek(1);
  expect([readdirSync(at('epochs')).sort(), readdirSync(at('kek'))]).toEqual([['11', '11.00ff.tmp'], ['9.key.00ff.tmp']]);
});

test('destroying a later key only takes away the second name that a crash left of an earlier one', async () => {
  const { keys, at } = await withKeys();
  const key = new Uint8Array(32).fill(5);
  for (const generation of [3, 7]) await keys.putKek(generation, key);
  linkSync(at('kek/3.key'), at('kek/3.key.00aa.tmp'));
  await keys.destroyKek(7);
  expect([readdirSync(at('kek')), await keys.kek(3)]).toEqual([['3.key'], key]);
  // Of its own its content goes too, whatever name is left.
  linkSync(at('kek/3.key'), at('kek/3.key.00bb.tmp'));
  linkSync(at('kek/3.key'), at('seen'));
  await keys.destroyKek(3);
  expect([readdirSync(at('kek')), readFileSync(at('seen')).length]).toEqual([[], 0]);
});

test('what a killed maker left of a key that was made again goes with the next work; the only copy stays', async () => {
  const { keys, at, tidy } = await withKeys(3);
  const kek = new Uint8Array(32).fill(1);
  await keys.putKek(1, kek);
  linkSync(at('kek/1.key'), at('kek/1.key.00aa.tmp'));
  writeFileSync(at('kek/1.key.00bb.tmp'), 'another', { mode: 0o600 });
  writeFileSync(at('kek/2.key.00cc.tmp'), 'the only one', { mode: 0o600 });
  for (const name of ['3.00aa.tmp', '4.00bb.tmp']) {
    mkdirSync(at('epochs', name), { mode: 0o700 });
    writeFileSync(at('epochs', name, 'private.key'), PRIVATE, { mode: 0o600 });
  }
  await tidy();
  expect(readdirSync(at('kek'))).toHaveLength(4);
  for (const folder of ['kek', 'epochs']) for (const name of readdirSync(at(folder))) utimesSync(at(folder, name), 1, 1);
  await tidy();
  expect([readdirSync(at('epochs')).sort(), readdirSync(at('kek')).sort()]).toEqual([
    ['3', '4.00bb.tmp'],
    ['1.key', '2.key.00cc.tmp'],
  ]);
  expect(await keys.kek(1)).toEqual(kek);
});

test('foreign names are not keys, and a finding', async () => {
  const { keys, at } = await withKeys();
  for (const name of ['x', '01', '-1', '1.json', '1.bak']) writeFileSync(at('epochs', name), '', { mode: 0o600 });
  expect([await keys.epochs(), await keys.epochPublicKeys(0)]).toEqual([[], []]);
  expect(await keys.check()).toEqual([{ store: 'keys', problem: 'something that is no key lies in a key directory' }]);
});

test.skipIf(process.platform === 'win32')('a private half that others may read is a finding', async () => {
  const { keys, at } = await withKeys(4);
  expect(await keys.check()).toEqual([]);
  chmodSync(at('epochs/4/private.key'), 0o640);
  expect(await keys.check()).toEqual([{ store: 'keys', problem: expect.stringContaining('others may read a key file') }]);
});
