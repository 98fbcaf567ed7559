import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { deriveClaimKey } from '../../src/claims/claim-key.js';
import { openClaim } from '../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../src/claims/open-phrase.js';
import { decodeSealedRecord, encodeSealedRecord, inspectShare, openRecord } from '../../src/custodian.js';
import { concatBytes, fromHex, fromUtf8, toHex, utf8 } from '../../src/foundation/bytes.js';
import { hpkeOpen } from '../../src/foundation/hpke-open.js';
import { HYBRID_ENC_LENGTH } from '../../src/foundation/hybrid-kem.js';
import { decodeHybridPrivateKey, encodeHybridPrivateKey } from '../../src/foundation/hybrid-kem-open.js';
import { type Counts, type Entry, type Health, openRegistry, type Registration, type Registry } from '../../src/index.js';
import { decodePublicKeys, encodePublicKeys } from '../../src/intake.js';
import { LABELS } from '../../src/foundation/labels.js';
import { unpad } from '../../src/foundation/padding.js';
import { openOuter } from '../../src/registry/open-submission.js';
import { combineShares } from '../../src/sealed/keys/open-shares.js';
import { armourShare, parseShare } from '../../src/sealed/keys/share-armour.js';
import { openSqliteStores } from '../../src/sqlite.js';
import { decodeInner, encodeInner } from '../../src/submit/inner-format.js';
import { deriveKappaKeys } from '../../src/submit/kappa-keys.js';
import { decodeOuter, encodeOuter } from '../../src/submit/outer-format.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { outcomeOf } from '../support/crypto-fixtures.js';
import { openRaw } from '../support/raw-sqlite.js';

const V1 = fileURLToPath(new URL('../golden/v1/', import.meta.url));
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(V1, name)));
const readText = (name: string): string => readFileSync(join(V1, name), 'utf8');

interface Facts {
  readonly madeOn: string;
  readonly counts: Counts;
  readonly health: Health;
  readonly entries: readonly Entry[];
  readonly recordIds: readonly string[];
  readonly published: readonly string[];
  readonly pool: readonly string[];
  readonly waiting: string;
  readonly people: Readonly<Record<string, { readonly registration: Registration; readonly phrase: string | null }>>;
}

const facts = JSON.parse(readText('facts.json')) as Facts;
const shares = (purpose: string): string[] => [1, 3].map((custodian) => readText(`custody/${purpose}-${custodian}.share`));
const root = mkdtempSync(join(tmpdir(), 'golden-test-'));
let opened: Registry[] = [];
let copies = 0;

afterEach(async () => {
  for (const registry of opened) await registry.close();
  opened = [];
});
afterAll(() => rmSync(root, { recursive: true }));

/** A copy with the modes that a registry has and git does not keep. */
function copyOfV1(): string {
  const dir = join(root, `${copies++}`);
  cpSync(join(V1, 'registry'), dir, { recursive: true });
  chmodSync(dir, 0o700);
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  return dir;
}

async function open(dir = copyOfV1()): Promise<{ registry: Registry; clock: FixedClock }> {
  const clock = fixedClock(Date.parse(facts.madeOn));
  const registry = await openRegistry({ dir }, { clock });
  opened.push(registry);
  return { registry, clock };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

/** Opens every record: entry id of its link → its first name. */
async function namesByEntry(registry: Registry): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const id of await all(registry.sealed.ids())) {
    const sealed = await registry.sealed.get(id);
    if (sealed === undefined) throw new Error('the record is there');
    const { identity, link } = await openRecord(sealed, [...shares('vault'), ...shares('link')], ['identity', 'link']);
    names.set(link?.entryId ?? '', identity?.names[0] ?? '');
  }
  return names;
}

const nameOf = (entryId: string): string => facts.people[entryId]?.registration.identity.names[0] ?? '';
const expectedNames = (entryIds: readonly string[]) => new Map(entryIds.map((entryId) => [entryId, nameOf(entryId)]));
const sorted = (names: ReadonlyMap<string, string>) => [...names].sort();

describe('golden files of version 1', () => {
  it('are the frozen ones, every file of them', () => {
    const listed = readText('SHA256SUMS')
      .trim()
      .split('\n')
      .map((line) => line.split('  ') as [string, string]);
    const present = readdirSync(V1, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect([listed.length, present.length]).toEqual([54, 55]);
    for (const [sum, name] of listed)
      expect(createHash('sha256').update(read(name)).digest('hex'), `${name} is frozen: later versions add a directory`).toBe(sum);
  });
});

describe('the registry of version 1, opened by this version', () => {
  it('is healthy and says the same counts and entries', async () => {
    const { registry } = await open();
    const { policy, ...health } = facts.health;
    expect(await registry.health()).toMatchObject({ ...health, ok: true, problems: [], policy });
    expect(await registry.counts()).toMatchObject(facts.counts);
    const entries = await all(registry.entries());
    expect(entries).toHaveLength(3);
    for (const [i, entry] of entries.entries()) expect(entry).toMatchObject(facts.entries[i] ?? {});
    expect(await all(registry.sealed.ids())).toEqual(facts.recordIds);
  });

  it('opens every record with the golden shares, each with its own link', async () => {
    const { registry } = await open();
    const names = await namesByEntry(registry);
    expect(sorted(names)).toEqual(sorted(expectedNames([...facts.published, ...facts.pool])));
    expect(names.size).toBe(5);
    const one = await registry.sealed.get(facts.recordIds[0] ?? '');
    // positive control: below the quorum nothing opens
    await expect(openRecord(one ?? expect.fail(), shares('vault').slice(1), ['identity'])).rejects.toMatchObject({
      code: 'SHARES_TOO_FEW',
    });
  });

  it('leads each phrase to its κ: the ids of the right record and entry', async () => {
    const dir = copyOfV1();
    const stores = await openSqliteStores(dir);
    let phrases = 0;
    try {
      for (const [entryId, { registration, phrase }] of Object.entries(facts.people)) {
        if (phrase === null || entryId === facts.waiting) continue;
        const pin = typeof registration.claim === 'object' ? registration.claim.pin : undefined;
        const key = deriveClaimKey(entropyFromPhrase(phrase), pin);
        const row = (await stores.claims.get(key.locator)) ?? expect.fail();
        const keys = deriveKappaKeys(openClaim(row, key).kappa);
        expect(toHex(keys.entryId)).toBe(entryId);
        expect(facts.recordIds).toContain(toHex(keys.recordId));
        phrases++;
      }
    } finally {
      await stores.close();
    }
    expect(phrases).toBe(3);
  });

  it('goes on: sorts what waits, takes the golden submission, publishes, and opens every record after a month of maintenance', async () => {
    const { registry, clock } = await open();
    const retry = facts.people[facts.waiting]?.registration ?? expect.fail();
    await expect(registry.register(retry, { id: 'golden-retry-1' })).rejects.toMatchObject({ code: 'REGISTRATION_DUPLICATE' });
    await registry.accept(read('files/submission.cn-sub'));
    expect(await registry.sort()).toMatchObject({ sorted: 2, quarantined: 0, waiting: 0 });
    clock.advanceDays(2);
    expect(await registry.publish({ now: true })).toMatchObject({ batch: 2, published: 4, held: 0 });
    for (let day = 0; day < 30; day++) {
      clock.advanceDays(1);
      await registry.maintain();
    }
    expect(await registry.counts()).toMatchObject({ total: 7, batches: 2 });
    expect(await registry.health()).toMatchObject({ ok: true, records: 7, entries: 7, pool: { waiting: 0 }, problems: [] });
    const names = await namesByEntry(registry);
    for (const [entryId, name] of expectedNames([...facts.published, ...facts.pool, facts.waiting])) expect(names.get(entryId)).toBe(name);
    expect(names.size).toBe(7);
    expect((await all(registry.entries())).slice(0, 3)).toMatchObject(facts.entries);
  });

  it('takes up the import where it stopped', async () => {
    const { registry } = await open();
    const rows = [0, 1, 2].map((row): Registration => ({ identity: { names: [`row ${row}`] }, statement: { categories: ['party'] } }));
    const progress = await all(registry.registerMany(rows, { source: new Uint8Array(32).fill(7) }));
    expect(progress.at(-1)).toMatchObject({ rows: 3, skipped: 2, accepted: 1 });
  });

  it('positive control: a store that is missing, and one of a later version, are refused', async () => {
    const missing = copyOfV1();
    unlinkSync(join(missing, 'claims', 'claims.db'));
    await expect(open(missing)).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
    const later = copyOfV1();
    const database = openRaw(join(later, 'shred', 'shred.db'));
    database.pragma('user_version = 1000');
    database.close();
    await expect(open(later)).rejects.toMatchObject({ code: 'STORE_VERSION_UNKNOWN' });
  });

  it('answers a golden locator with its golden row', async () => {
    const { registry } = await open();
    const { locator, row } = JSON.parse(readText('files/claim.json')) as Record<string, string>;
    expect(toHex(await registry.lookUp(fromHex(locator ?? '')))).toBe(row);
  });

  it('the quarantined submission opens with two quarantine shares: a submission that its epoch key does not open', async () => {
    const database = openRaw(join(copyOfV1(), 'sealed', 'inbox.db'));
    const rows = database.prepare('SELECT id, sealed FROM quarantine').all() as { id: Uint8Array; sealed: Uint8Array }[];
    database.close();
    expect(rows).toHaveLength(1);
    const { id, sealed } = rows[0] ?? expect.fail();
    const magic = sealed.slice(0, 8);
    expect(fromUtf8(magic)).toBe('cn/qua/1');
    const privateKey = await combineShares(shares('quarantine').map(parseShare));
    const padded = hpkeOpen({
      privateKey,
      enc: sealed.slice(8, 8 + HYBRID_ENC_LENGTH),
      info: utf8(LABELS.quarantine),
      aad: concatBytes(magic, id),
      ciphertext: sealed.slice(8 + HYBRID_ENC_LENGTH),
    });
    const submission = unpad(padded);
    expect(encodeOuter(decodeOuter(submission))).toEqual(submission);
    const epochKey = decodeHybridPrivateKey(fromHex(readText('files/epoch-private-key.hex').trim()));
    expect(outcomeOf(() => openOuter(submission, epochKey, {}))).toBe('OPEN_FAILED');
  });
});

describe('single files of version 1', () => {
  it('a submission opens with its epoch key, and both layers encode to the same bytes', () => {
    const submission = read('files/submission.cn-sub');
    const encodedKey = fromHex(readText('files/epoch-private-key.hex').trim());
    const key = decodeHybridPrivateKey(encodedKey);
    expect(encodeHybridPrivateKey(key)).toEqual(encodedKey);
    expect(encodeOuter(decodeOuter(submission))).toEqual(submission);
    const padded = openOuter(submission, key, {});
    expect(encodeInner(decodeInner(padded))).toEqual(padded);
  });

  it('public keys', () => {
    const bytes = read('files/public-keys.json');
    const keys = decodePublicKeys(bytes);
    expect(encodePublicKeys(keys)).toEqual(bytes);
    expect([keys.epochs.length, keys.categories.length]).toEqual([16, 3]);
  });

  it('a sealed record opens with two shares of each key', async () => {
    const bytes = read('files/record.cn-rec');
    const record = decodeSealedRecord(bytes);
    expect(encodeSealedRecord(record)).toEqual(bytes);
    const given = [...shares('vault'), ...shares('link')];
    const { identity, contact, link } = await openRecord(record, given, ['identity', 'contact', 'link']);
    const person = facts.people[link?.entryId ?? '']?.registration ?? expect.fail();
    expect(identity).toEqual(person.identity);
    expect(contact).toEqual(person.contact ?? {});
  });

  it('a claim row opens with its phrase, and with no other', () => {
    const { phrase, locator, row, entryId } = JSON.parse(readText('files/claim.json')) as Record<string, string>;
    const key = deriveClaimKey(entropyFromPhrase(phrase ?? ''));
    expect(toHex(key.locator)).toBe(locator);
    const { kappa } = openClaim(fromHex(row ?? ''), key);
    expect(toHex(deriveKappaKeys(kappa).entryId)).toBe(entryId);
    const other = deriveClaimKey(entropyFromPhrase(facts.people[facts.waiting]?.phrase ?? ''));
    expect(outcomeOf(() => openClaim(fromHex(row ?? ''), other))).toBe('OPEN_FAILED');
  });

  it('nine shares in armour: each verifies, and its block is written the same today', () => {
    const names = readdirSync(join(V1, 'custody'));
    expect(names).toHaveLength(9);
    for (const name of names) {
      const text = readText(`custody/${name}`);
      const { purpose, custodian, quorum, custodians } = inspectShare(text);
      expect([`${purpose}-${custodian}.share`, quorum, custodians]).toEqual([name, 2, 3]);
      // The words above it are for people and may become plainer.
      const block = (armour: string): string => armour.slice(armour.indexOf('-----BEGIN'));
      expect(block(armourShare(parseShare(text)))).toBe(block(text));
    }
  });
});
