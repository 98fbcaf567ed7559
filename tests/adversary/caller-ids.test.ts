import { createHash, hkdfSync } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { personOf } from './support/people.js';
import { printFound, printFoundControl } from './support/report.js';
import { filesBelow, PatternSet } from './support/scan.js';
import { encodedTuple, tupleHash } from './support/tuple-hash.js';

/**
 * S2 and P9: hosts that make retries safe give the id they have at hand, a telephone number. Who seizes the stores tries all numbers against
 * them, in every way in which a number could have become an id.
 */
const CALLED = 77;
const phones = Array.from({ length: 1000 }, (_, i) => personOf(i).phone);
const LABELS = ['cryptonym/v1/submission/caller-id', 'cryptonym/v1/submission/id'];
const NOTHING = [Buffer.alloc(0), Buffer.alloc(32)];
let target: Target;
const images: string[] = [];

beforeAll(async () => {
  target = await buildTarget(makePolicy('tiny', ['party']));
  await target.registry.register(registrationOf(CALLED), { id: personOf(CALLED).phone });
  images.push(target.image('waiting'));
  await target.registry.publish({ now: true });
  await target.registry.close();
  images.push(target.image('published'));
});
afterAll(async () => target.destroy());

/** What anybody can compute who has read the specification: plain digests, and the derivation itself under keys one has. First 16 bytes. */
function idsOf(text: string, keys: readonly Buffer[]): Buffer[] {
  const digests = ['md5', 'sha1', 'sha256', 'sha512'].map((name) => createHash(name).update(text).digest());
  const tuples = [tupleHash(text), ...LABELS.map((label) => tupleHash(label, text))];
  const derived = keys.flatMap((key) => LABELS.map((label) => Buffer.from(hkdfSync('sha256', key, SALT, encodedTuple(label, text), 32))));
  return [...digests, ...tuples, ...derived].map((id) => id.subarray(0, 16));
}
const SALT = 'cryptonym/v1/kdf';

/** The candidates whose id lies in some file, as bytes or in hexadecimal digits. */
function confirmed(directory: string, candidates: readonly string[], keys: readonly Buffer[] = NOTHING): string[] {
  const guesses = new PatternSet();
  const owner: string[] = [];
  for (const candidate of candidates)
    for (const id of idsOf(candidate, keys))
      for (const bytes of [id, Buffer.from(id.toString('hex'))]) owner[guesses.add(bytes)] = candidate;
  const stores = filesBelow(directory).filter(({ name }) => !name.startsWith('keys/'));
  return [...new Set(stores.flatMap(({ bytes }) => guesses.scan(bytes)).map(({ pattern }) => owner[pattern] as string))];
}

it('cannot be found by trying telephone numbers against seized stores', () => {
  for (const [i, stage] of ['waiting', 'published'].entries()) {
    const found = confirmed(images[i] as string, phones);
    printFound(`enumerating caller ids against the stores without keys, ${stage}`, found.length, 0);
    expect(found).toEqual([]);
  }
});

it('control: with the KEK of the week the same stores confirm the one number', () => {
  for (const [i, stage] of ['waiting', 'published'].entries()) {
    const keks = filesBelow(join(images[i] as string, 'keys', 'kek')).map(({ bytes }) => bytes);
    expect(keks.map(({ length }) => length)).toEqual([32]);
    const found = confirmed(images[i] as string, phones, keks);
    printFoundControl(`enumerating caller ids with the KEK, ${stage}`, found.length);
    expect(found).toEqual([personOf(CALLED).phone]);
  }
});

it('control: stores that keep ids made without a key confirm everybody, however they are made', () => {
  const copy = join(target.root, 'unkeyed');
  cpSync(images[0] as string, copy, { recursive: true });
  const ways = idsOf('', NOTHING).length;
  const inbox = new Database(join(copy, 'sealed', 'inbox.db'));
  const insert = inbox.prepare('INSERT INTO seen (id, epoch) VALUES (?, 0)');
  for (let way = 0; way < ways; way++) insert.run(idsOf(personOf(way).phone, NOTHING)[way]);
  inbox.close();
  const found = confirmed(copy, phones);
  printFoundControl('enumerating caller ids made without a key', found.length);
  expect(found.sort()).toEqual(phones.slice(0, ways).sort());
});
