import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/foundation/random.js';
import { makePolicy } from '../../src/index.js';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { garbageLike } from './support/garbage.js';
import { copyOf, doctor } from './support/leaky.js';
import { compartmentParts, type Part, repeats, submissionParts } from './support/parts.js';
import { printFound, printFoundControl } from './support/report.js';

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
/** What anybody may have sent: noise, not sealed by us. */
let sent: ReadonlySet<string>;

function read(image: string, file: string, query: string): Buffer[][] {
  const database = new Database(join(image, file), { readonly: true });
  const rows = database.prepare(query).raw(true).all() as Buffer[][];
  database.close();
  return rows;
}

/** Of submissions that wait; without those that somebody else made up. */
function waitingParts(image: string, noise: ReadonlySet<string>): Part[] {
  return read(image, 'sealed/inbox.db', 'SELECT submission FROM submissions')
    .filter(([submission]) => !noise.has((submission as Buffer).toString('base64')))
    .flatMap(([submission]) => submissionParts(submission as Buffer));
}

function recordParts(image: string): Part[] {
  return read(image, 'sealed/vault.db', 'SELECT identity, contact, link FROM records').flatMap((columns) =>
    columns.flatMap(compartmentParts),
  );
}

function quarantineParts(image: string): Part[] {
  return read(image, 'sealed/inbox.db', 'SELECT sealed FROM quarantine').flatMap(([sealed]) => [
    { kind: 'enc', bytes: (sealed as Buffer).subarray(8, 8 + 1153) },
    { kind: 'start of ciphertext', bytes: (sealed as Buffer).subarray(1161, 1193) },
  ]);
}

function claimParts(image: string): Part[] {
  return read(image, 'claims/claims.db', 'SELECT locator, data FROM claims').flatMap(([locator, row]) => [
    { kind: 'locator', bytes: locator as Buffer },
    ...nonceAndStart(row as Buffer),
  ]);
}

function shredParts(image: string): Part[] {
  return read(image, 'shred/shred.db', 'SELECT wrapped FROM shreds').flatMap(([wrapped]) => nonceAndStart(wrapped as Buffer));
}

const nonceAndStart = (bytes: Buffer): Part[] => [
  { kind: 'nonce', bytes: bytes.subarray(0, 24) },
  { kind: 'start of ciphertext', bytes: bytes.subarray(24, 56) },
];

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
  sent = new Set(noise.map((bytes) => Buffer.from(bytes).toString('base64')));
  parts.push(...waitingParts(target.image('waiting'), sent));
  for (let attempt = 0; attempt < 3; attempt++) await registry.sort();
  const sorted = target.image('sorted');
  parts.push(...recordParts(sorted), ...quarantineParts(sorted), ...claimParts(sorted), ...shredParts(sorted));
  clock.advanceDays(8);
  expect((await registry.maintain()).shredsRewrapped).toBe(RECORDS);
  parts.push(...shredParts(target.image('rotated')));
}, 900_000);
afterAll(async () => target.destroy());

/** Whether a key of this week is that of the week before. */
function keyStays(image: string): boolean {
  const days = [target.clock.now(), target.clock.now() - 8 * 86_400_000].map((time) => Math.floor(time / 86_400_000));
  const [fresh, old] = days.map((day) => readFileSync(join(image, 'keys', 'kek', `${day}.key`)));
  return (fresh as Buffer).equals(old as Buffer);
}

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
    expect(keyStays(join(target.root, 'rotated'))).toBe(false);
  });

  it('control: one planted repeat of each kind is found, also under the name of another kind', () => {
    const kinds = [...new Set(parts.map(({ kind }) => kind))];
    let found = 0;
    for (const [i, kind] of kinds.entries()) {
      const one = parts.find((part) => part.kind === kind) as Part;
      for (const name of [kind, kinds[(i + 1) % kinds.length] as string])
        found += repeats([...parts, { kind: name, bytes: Buffer.from(one.bytes) }]).filter((each) => each === name).length;
    }
    printFoundControl(`planted repeats, ${kinds.length} kinds`, found);
    expect(found).toBe(2 * kinds.length);
  });
});

describe('controls: stores in which something is not fresh', () => {
  const FEW = 8;
  const CONSTANT = new Uint8Array(32).fill(7);
  let leaky: Target | undefined;
  afterEach(async () => {
    await leaky?.destroy();
    leaky = undefined;
  });

  /** A build whose generator fails for the draws that `isStuck` names by their length and by how many came since the last nonce. */
  async function drawing(isStuck: (length: number, sinceNonce: number) => boolean): Promise<string> {
    let sinceNonce = 0;
    const random = {
      bytes: (length: number) => {
        sinceNonce = length === 24 ? 0 : sinceNonce + 1;
        return isStuck(length, sinceNonce) ? CONSTANT.slice(0, length) : systemRandom.bytes(length);
      },
    };
    leaky = await buildTarget({ ...makePolicy('standard', ['party', 'league']), sortMinimum: 1 }, { random });
    for (let i = 0; i < FEW; i++) await leaky.registry.register(registrationOf(i));
    expect(await leaky.registry.sort()).toMatchObject({ sorted: FEW });
    return leaky.image('leaky');
  }

  it('one nonce for all: the vault and the shreds have it', async () => {
    const image = await drawing((length) => length === 24);
    const found = repeats([...recordParts(image), ...shredParts(image)]);
    printFoundControl('repeats of a constant nonce', found.length);
    expect(found).toEqual(Array.from({ length: 3 * FEW + FEW - 1 }, () => 'nonce'));
  });

  it('one encapsulation for all', async () => {
    const image = await drawing((length, sinceNonce) => length === 32 && sinceNonce > 0 && sinceNonce <= 2);
    const found = repeats(recordParts(image));
    printFoundControl('repeats of a constant encapsulation', found.length);
    // Identity and contact go to one key, the link to another.
    for (const kind of ['enc', 'ML-KEM ciphertext']) expect(found.filter((each) => each === kind)).toHaveLength(3 * FEW - 2);
    expect(found.filter((kind) => kind === 'ephemeral point')).toHaveLength(3 * FEW - 1);
  });

  it('sealed once and stored twice: every kind of value', () => {
    const image = copyOf(join(target.root, 'sorted'), join(target.root, 'twice'), ['sealed']);
    doctor(join(image, 'sealed/vault.db'), (database) => {
      database.exec(
        'UPDATE records SET identity = (SELECT identity FROM records ORDER BY id LIMIT 1) WHERE id = (SELECT max(id) FROM records)',
      );
    });
    doctor(join(image, 'sealed/inbox.db'), (database) => {
      database.exec(
        'UPDATE quarantine SET sealed = (SELECT sealed FROM quarantine ORDER BY id LIMIT 1) WHERE id = (SELECT max(id) FROM quarantine)',
      );
    });
    const [compartment] = read(image, 'sealed/vault.db', 'SELECT identity FROM records LIMIT 1') as [Buffer[]];
    const kinds = compartmentParts(compartment[0] as Buffer).map(({ kind }) => kind);
    const found = repeats(recordParts(image));
    printFoundControl('repeats of a compartment stored twice', found.length);
    expect(found).toEqual(kinds);
    expect(repeats(quarantineParts(image))).toEqual(['enc', 'start of ciphertext']);
  });

  it('a submission sent twice under two ids', () => {
    const image = copyOf(join(target.root, 'waiting'), join(target.root, 'sent-twice'), ['sealed']);
    doctor(join(image, 'sealed/inbox.db'), (database) => {
      database.exec('UPDATE submissions SET submission = (SELECT submission FROM submissions WHERE place = 1) WHERE place = 2');
    });
    const found = repeats(waitingParts(image, sent));
    printFoundControl('repeats of a submission that waits twice', found.length);
    expect(found).toEqual(['enc', 'ML-KEM ciphertext', 'ephemeral point', 'start of ciphertext']);
  });

  it('a claim row that lies under a second locator, and shreds that are not sealed again with the new key', () => {
    const image = copyOf(join(target.root, 'sorted'), join(target.root, 'claims-twice'), ['claims']);
    doctor(join(image, 'claims/claims.db'), (database) => {
      database.exec('INSERT INTO claims (locator, data) SELECT randomblob(32), data FROM claims LIMIT 1');
    });
    expect(repeats(claimParts(image))).toEqual(['nonce', 'start of ciphertext']);
    const sorted = shredParts(join(target.root, 'sorted'));
    const found = repeats([...sorted, ...shredParts(join(target.root, 'sorted'))]);
    printFoundControl('repeats where the shreds were not sealed again', found.length);
    expect(found).toHaveLength(2 * RECORDS);
  });

  it('a key of the week that is not changed', () => {
    const image = copyOf(join(target.root, 'rotated'), join(target.root, 'old-key'), ['keys']);
    for (const day of readdirSync(join(image, 'keys', 'kek'))) writeFileSync(join(image, 'keys', 'kek', day), CONSTANT);
    expect(keyStays(image)).toBe(true);
  });
});
