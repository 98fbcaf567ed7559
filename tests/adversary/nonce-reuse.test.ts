import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { garbageLike } from './support/garbage.js';
import { compartmentParts, type Part, repeats, submissionParts } from './support/parts.js';
import { printFound } from './support/report.js';

/**
 * The PII vault with one constant nonce: one known plaintext opened the rest. Here everything that must be fresh in a dump of all stores,
 * before and after a rotation of the shred key, is compared with everything else of its length.
 */
const RECORDS = 2048;
const NOISE = 64;
/** With a claim phrase; a stream makes none. */
const CLAIMED = 64;
let target: Target;
const parts: Part[] = [];

function read(image: string, file: string, query: string): Buffer[][] {
  const database = new Database(join(image, file), { readonly: true });
  const rows = database.prepare(query).raw(true).all() as Buffer[][];
  database.close();
  return rows;
}

beforeAll(async () => {
  target = await buildTarget(makePolicy('standard', ['party', 'league']));
  const { registry, clock } = target;
  async function* people() {
    // The same person again and again: equal plaintexts must not give equal bytes.
    for (let i = 0; i < RECORDS - 1 - CLAIMED; i++) yield registrationOf(i % 4 === 0 ? 0 : i);
  }
  for await (const _ of registry.registerMany(people())) {
  }
  for (let i = 0; i < CLAIMED; i++) await registry.register({ ...registrationOf(i), claim: 'words' });
  const keys = await registry.publicKeys();
  const made = makeSubmission(registrationOf(9), keys, { clock, backend: nodeBackend });
  await registry.accept(made.bytes);
  for (let i = 0; i < 8; i++) await registry.accept(rewrapSubmission(made.inner, keys, { clock, backend: nodeBackend }));
  const noise = Array.from({ length: NOISE }, () => garbageLike(made.bytes));
  await registry.acceptMany(noise);

  const sent = new Set(noise.map((bytes) => Buffer.from(bytes).toString('base64')));
  for (const [submission] of read(target.image('waiting'), 'sealed/inbox.db', 'SELECT submission FROM submissions')) {
    if (!sent.has((submission as Buffer).toString('base64'))) parts.push(...submissionParts(submission as Buffer));
  }
  for (let attempt = 0; attempt < 3; attempt++) await registry.sort();
  const sorted = target.image('sorted');
  for (const columns of read(sorted, 'sealed/vault.db', 'SELECT identity, contact, link FROM records'))
    for (const column of columns) parts.push(...compartmentParts(column));
  for (const [sealed] of read(sorted, 'sealed/inbox.db', 'SELECT sealed FROM quarantine'))
    parts.push(
      { kind: 'enc', bytes: (sealed as Buffer).subarray(8, 8 + 1153) },
      { kind: 'start of ciphertext', bytes: (sealed as Buffer).subarray(1161, 1193) },
    );
  for (const [locator, row] of read(sorted, 'claims/claims.db', 'SELECT locator, data FROM claims'))
    parts.push(
      { kind: 'locator', bytes: locator as Buffer },
      { kind: 'nonce', bytes: (row as Buffer).subarray(0, 24) },
      { kind: 'start of ciphertext', bytes: (row as Buffer).subarray(24, 56) },
    );
  const shreds = (image: string) =>
    read(image, 'shred/shred.db', 'SELECT wrapped FROM shreds').forEach(([wrapped]) => {
      parts.push(
        { kind: 'nonce', bytes: (wrapped as Buffer).subarray(0, 24) },
        { kind: 'start of ciphertext', bytes: (wrapped as Buffer).subarray(24, 56) },
      );
    });
  shreds(sorted);
  clock.advanceDays(8);
  expect((await registry.maintain()).shredsRewrapped).toBe(RECORDS);
  shreds(target.image('rotated'));
}, 900_000);
afterAll(async () => target.destroy());

describe('everything that must be fresh is', () => {
  it('the dump is whole', () => {
    const count = (kind: string) => parts.filter((part) => part.kind === kind).length;
    expect(count('commitment')).toBe(3 * RECORDS);
    expect(count('enc')).toBe(3 * RECORDS + RECORDS + 8 + NOISE);
    expect(count('nonce')).toBe(3 * RECORDS + RECORDS + 2 * RECORDS);
  });

  it('nonces, encapsulations, wrapped keys, proofs, commitments, locators: pairwise distinct, across all stores', () => {
    const found = repeats(parts);
    printFound(`repeats among ${parts.length} values`, found.length, 0);
    expect(found).toEqual([]);
  });

  it('the keys on disk differ from each other', () => {
    const image = join(target.root, 'rotated', 'keys', 'kek');
    const days = [target.clock.now(), target.clock.now() - 8 * 86_400_000].map((time) => Math.floor(time / 86_400_000));
    const [fresh, old] = days.map((day) => readFileSync(join(image, `${day}.key`)));
    expect(fresh?.equals(old as Buffer)).toBe(false);
  });

  it('control: one planted repeat of each kind is found', () => {
    const kinds = [...new Set(parts.map(({ kind }) => kind))];
    for (const kind of kinds) {
      const one = parts.find((part) => part.kind === kind) as Part;
      expect(repeats([...parts, { kind, bytes: Buffer.from(one.bytes) }])).toEqual([kind]);
    }
    printFound(`control: planted repeats missed, ${kinds.length} kinds`, 0, 0);
    // A nonce of one store used in another store counts as a repeat too.
    expect(kinds).toContain('nonce');
  });
});
