import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner } from '../../src/submit/inner-format.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { garbageLike } from './support/garbage.js';
import { rankCorrelation } from './support/guesses.js';
import { joinBySharedBytes, sharedOnce } from './support/joins.js';
import { attackPair, broken, pairOf, placeCorrelation } from './support/linkage-attacks.js';
import { boundOf, printAttack, printFound } from './support/report.js';
import { seize, type SeizedRow, tablesWithRowid } from './support/seized.js';
import { tupleHash } from './support/tuple-hash.js';

/**
 * S3 and P2: somebody seized all stores and has no key. How often is the entry named that belongs to a record?
 *
 * A sort of 4,096 is done in two chunks of 2,048 (src/registry/sort.ts), so the smaller of sort batch and publication batch is 2,048.
 */
const N = 4096;
const BATCH = 2048;
const POLICY = makePolicy('standard', ['party', 'league']);

interface Truth {
  readonly record: string;
  readonly entry: string;
  readonly locator: string;
  readonly submission: Uint8Array;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const targets: Target[] = [];

async function target(...args: Parameters<typeof buildTarget>): Promise<Target> {
  const made = await buildTarget(...args);
  targets.push(made);
  return made;
}

async function submissions({ registry, clock }: Target, from: number, count: number): Promise<Truth[]> {
  const keys = await registry.publicKeys();
  return Array.from({ length: count }, (_, k) => {
    const i = from + k;
    const registration = { ...registrationOf(i), claim: i % 2 === 0 ? ('words' as const) : ('none' as const) };
    const made = makeSubmission(registration, keys, { clock, backend: nodeBackend });
    const inner = decodeInner(made.inner.reveal());
    return { record: hex(inner.recordId), entry: made.entryId, locator: hex(inner.locator), submission: made.bytes };
  });
}

afterAll(async () => {
  for (const one of targets) await one.destroy();
});

describe(`the stores of ${N} registrations, without keys`, () => {
  let truth: Truth[];
  let sorted: string;
  let published: string;

  beforeAll(async () => {
    const one = await target(POLICY);
    truth = await submissions(one, 0, N);
    for (let at = 0; at < N; at += 256) await one.registry.acceptMany(truth.slice(at, at + 256).map(({ submission }) => submission));
    await one.registry.sort();
    sorted = one.image('sorted');
    await one.registry.publish({ now: true });
    published = one.image('published');
  }, 900_000);

  const mapOf = (from: 'record' | 'locator', to: 'entry' | 'record') => new Map(truth.map((row) => [row[from], row[to]]));

  it('sorted: records, shreds, claims and the pool', () => {
    const [vault, shred, claims] = [
      seize(sorted, 'sealed/vault.db', 'records'),
      seize(sorted, 'shred/shred.db', 'shreds'),
      seize(sorted, 'claims/claims.db', 'claims'),
    ];
    const pool = seize(sorted, 'public/public.db', 'pool');
    expect([vault, shred, claims, pool].map((rows) => rows.length)).toEqual([N, N, N, N]);
    const results = [
      pairOf('record to pool', vault, pool, mapOf('record', 'entry')),
      pairOf('shred to pool', shred, pool, mapOf('record', 'entry')),
      pairOf('claim to pool', claims, pool, mapOf('locator', 'entry')),
      pairOf('claim to record', claims, vault, mapOf('locator', 'record')),
    ].flatMap((pair) => attackPair(pair, BATCH));
    expect(broken(results)).toEqual([]);
    // Shown, not judged: two chunks written one after the other may show in both files, so the chunk counts as the batch.
    placeCorrelation(pairOf('record to pool', vault, pool, mapOf('record', 'entry')));
    expect(new Set(vault.map(({ bytes }) => bytes.length)).size, 'one size of record').toBe(1);
    expect(new Set(claims.map(({ bytes }) => bytes.length)).size, 'one size of claim').toBe(1);
  });

  it('published: records, shreds, claims, and entries, contents and leaves', () => {
    const [vault, shred, claims] = [
      seize(published, 'sealed/vault.db', 'records'),
      seize(published, 'shred/shred.db', 'shreds'),
      seize(published, 'claims/claims.db', 'claims'),
    ];
    const entries = seize(
      published,
      'public/public.db',
      'entries',
      'SELECT e.id, e.digest, l.bytes FROM entries e JOIN leaves l USING (idx)',
    );
    const contents = seize(published, 'public/public.db', 'contents');
    const results = [
      pairOf('record to entry', vault, entries, mapOf('record', 'entry')),
      pairOf('record to content', vault, contents, mapOf('record', 'entry')),
      pairOf('shred to content', shred, contents, mapOf('record', 'entry')),
      pairOf('claim to content', claims, contents, mapOf('locator', 'entry')),
      pairOf('claim to entry', claims, entries, mapOf('locator', 'entry')),
    ].flatMap((pair) => attackPair(pair, BATCH));
    expect(broken(results)).toEqual([]);
    const entry = pairOf('record to entry', vault, entries, mapOf('record', 'entry'));
    expect(placeCorrelation(entry)).toBeLessThan(4 / Math.sqrt(N - 1));
  });

  it('no hidden row numbers but those of the public log, and no remnant in the raw files', () => {
    for (const image of [sorted, published]) {
      for (const file of ['sealed/vault.db', 'sealed/inbox.db', 'shred/shred.db', 'claims/claims.db'])
        expect(tablesWithRowid(image, file)).toEqual([]);
      expect(tablesWithRowid(image, 'public/public.db').sort()).toEqual(['batches', 'leaves']);
      const raw = (file: string) => readFileSync(join(image, file)).subarray(8192); // the first page is the schema
      const open = raw('public/public.db');
      for (const file of ['shred/shred.db', 'claims/claims.db', 'sealed/inbox.db', 'sealed/vault.db']) {
        const shared = sharedOnce(raw(file), open);
        printFound(`raw remnants shared by ${file} and public/public.db`, shared, 0);
        expect(shared).toBe(0);
      }
    }
  });

  it('the drained inbox: only ids that lead nowhere', () => {
    const seen = seize(published, 'sealed/inbox.db', 'seen');
    expect(seen).toHaveLength(N);
    for (const table of ['waiting', 'submissions', 'quarantine', 'imports']) expect(seize(published, 'sealed/inbox.db', table)).toEqual([]);
    const worlds: [string, string, string][] = [
      ['records', 'sealed/vault.db', 'records'],
      ['entries', 'public/public.db', 'contents'],
      ['claims', 'claims/claims.db', 'claims'],
    ];
    for (const [name, file, table] of worlds) {
      const joined = joinBySharedBytes(
        seen.map(({ bytes }) => bytes),
        seize(published, file, table).map(({ bytes }) => bytes),
      ).filter((guess) => guess !== undefined).length;
      printFound(`submission ids joined to ${name}`, joined, 0);
      expect(joined).toBe(0);
    }
  });
});

describe('controls: on leaky layouts each attack succeeds', () => {
  const rows = 512;
  const random = (n: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(n)));
  const row = (id: Buffer, bytes: Buffer): SeizedRow => ({ id, bytes, places: [0, 1, 2].map(() => random(4).readUInt32LE()) });
  const byId = (rows: SeizedRow[]): SeizedRow[] => [...rows].sort((a, b) => a.id.compare(b.id));
  const pair = (name: string, left: SeizedRow[], right: SeizedRow[]) =>
    pairOf(name, byId(left), byId(right), new Map(left.map(({ id }, i) => [hex(id), hex((right[i] as SeizedRow).id)])));

  it('tables with row numbers, filled in the order of calls', async () => {
    const one = await target(POLICY);
    const path = (name: string) => join(one.root, name);
    const ids = Array.from({ length: rows }, () => [random(16), random(16)] as const);
    for (const [k, name] of ['left.db', 'right.db'].entries()) {
      const database = new Database(path(name));
      database.exec('CREATE TABLE t (id BLOB PRIMARY KEY, body BLOB)');
      const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
      for (const both of ids) insert.run(both[k], random(100));
      database.close();
      expect(tablesWithRowid(one.root, name)).toEqual(['t']);
    }
    const [left, right] = [seize(one.root, 'left.db', 't'), seize(one.root, 'right.db', 't')];
    const results = attackPair(pairOf('control rowid', left, right, new Map(ids.map(([a, b]) => [hex(a), hex(b)]))), rows);
    expect(broken(results)).toEqual(expect.arrayContaining(['control rowid, place 2']));
  });

  it('sizes that follow the text, and ids or digests in common', () => {
    const sizes = Array.from({ length: rows }, (_, i) => i * 3 + 40);
    const unpadded = pair(
      'control sizes',
      sizes.map((size) => row(random(16), random(size + 200))),
      sizes.map((size) => row(random(16), random(size + 200))),
    );
    expect(broken(attackPair(unpadded, rows))).toEqual(expect.arrayContaining(['control sizes, size rank', 'control sizes, size nearest']));
    const ids = Array.from({ length: rows }, () => random(16));
    const near = pair(
      'control ids',
      ids.map((id) => row(id, random(200))),
      ids.map((id) => row(Buffer.concat([id.subarray(0, 12), random(4)]), random(200))),
    );
    expect(broken(attackPair(near, rows))).toEqual(expect.arrayContaining(['control ids, id rank', 'control ids, similar id']));
    const keys = ids.map(() => random(8));
    const joined = pair(
      'control shared 8 bytes',
      keys.map((key) => row(random(16), Buffer.concat([random(300), key, random(9)]))),
      keys.map((key) => row(random(16), Buffer.concat([random(50), key, random(120)]))),
    );
    expect(broken(attackPair(joined, rows))).toContain('control shared 8 bytes, shared bytes');
    const [left, right, both] = [random(9000), random(9000), random(16)];
    expect(sharedOnce(left, right)).toBe(0);
    expect(sharedOnce(Buffer.concat([left, both, random(50)]), Buffer.concat([random(70), both, right]))).toBeGreaterThan(0);
  });
});

describe('the inbox that took statements one by one', () => {
  const calls = 1024;

  it('shows after the sort no order of arrival', async () => {
    const one = await target(POLICY);
    const [sample] = await submissions(one, 0, 1);
    const arrival = new Map<string, number>();
    for (let i = 0; i < calls; i++) {
      const bytes = garbageLike((sample as Truth).submission);
      await one.registry.accept(bytes);
      arrival.set(hex(tupleHash('cryptonym/v1/submission/id', bytes).subarray(0, 16)), i);
    }
    for (let attempt = 0; attempt < 3; attempt++) await one.registry.sort();
    const seen = seize(one.image('drained'), 'sealed/inbox.db', 'seen');
    expect(seen).toHaveLength(calls);
    const rates = [0, 1].map((k) => {
      // Of two neighbours in the file, which came first? Cells of a page are written from its end.
      const order = [...seen]
        .sort((a, b) => (a.places[k] as number) - (b.places[k] as number))
        .map(({ id }) => arrival.get(hex(id)) as number);
      const later = order.slice(1).filter((call, i) => call < (order[i] as number)).length;
      const hits = Math.max(later, calls - 1 - later);
      printAttack({
        attack: `order of two calls from the seen table, place ${k}`,
        hits,
        trials: calls - 1,
        chance: 0.5,
        bound: boundOf(0.5, calls) + 0.02,
      });
      const correlation = rankCorrelation(
        seen.map(({ id }) => arrival.get(hex(id)) as number),
        seen.map(({ places }) => places[k] as number),
      );
      process.stdout.write(`  rank correlation ${correlation.toFixed(3)}, 4 sigma ${(4 / Math.sqrt(calls - 1)).toFixed(3)}\n`);
      return { pairs: hits / (calls - 1), correlation: Math.abs(correlation) };
    });
    expect(Math.max(...rates.map(({ correlation }) => correlation))).toBeLessThan(4 / Math.sqrt(calls - 1));
    expect(Math.max(...rates.map(({ pairs }) => pairs))).toBeLessThan(boundOf(0.5, calls) + 0.02);
  });
});

describe('batches made small from outside, seen in two images', () => {
  const difference = (before: string, after: string, file: string, table: string): string[] => {
    const old = new Set(seize(before, file, table).map(({ id }) => hex(id)));
    return seize(after, file, table)
      .map(({ id }) => hex(id))
      .filter((id) => !old.has(id));
  };
  const appeared = (before: string, after: string) => ({
    records: difference(before, after, 'sealed/vault.db', 'records'),
    entries: difference(before, after, 'public/public.db', 'pool'),
  });

  it.each([
    ['63 submissions of noise', 63, false],
    ['one own submission sent 63 times in other wrappings', 63, true],
  ])('%s do not make a sort batch of one', async (name, count, own) => {
    const one = await target(POLICY);
    const [attacker, victim] = (await submissions(one, 0, 2)) as [Truth, Truth];
    const keys = await one.registry.publicKeys();
    if (own) {
      const mine = makeSubmission(registrationOf(5), keys, { clock: one.clock, backend: nodeBackend });
      // The first copy is sorted long before, with a crowd.
      await one.registry.acceptMany([mine.bytes, ...(await submissions(one, 100, 63)).map(({ submission }) => submission)]);
      await one.registry.sort();
      await one.registry.acceptMany(
        Array.from({ length: count }, () => rewrapSubmission(mine.inner, keys, { clock: one.clock, backend: nodeBackend })),
      );
    } else {
      await one.registry.acceptMany(Array.from({ length: count }, () => garbageLike(attacker.submission)));
    }
    const before = one.image('before');
    await one.registry.accept(victim.submission);
    await one.registry.sort();
    const { records, entries } = appeared(before, one.image('after'));
    const linked = records.length === 1 && entries.length === 1 && records[0] === victim.record && entries[0] === victim.entry ? 1 : 0;
    printAttack({ attack: `two images, ${name}`, hits: linked, trials: 1, chance: 1 / 64, bound: 1 / 64 });
    expect(linked).toBe(0);
  });

  it('one submission of noise that names yesterday’s epoch does not either', async () => {
    const one = await target(POLICY);
    const [sample] = (await submissions(one, 0, 1)) as [Truth];
    one.clock.advanceDays(1);
    await one.registry.maintain();
    const [victim] = (await submissions(one, 1, 1)) as [Truth];
    // The epoch stands in clear, and the sort takes it for the day of arrival.
    await one.registry.accept(garbageLike(sample.submission));
    const before = one.image('before');
    await one.registry.accept(victim.submission);
    await one.registry.sort();
    const { records, entries } = appeared(before, one.image('after'));
    const linked = records[0] === victim.record && entries[0] === victim.entry && records.length === 1 ? 1 : 0;
    printAttack({ attack: 'two images, one submission of yesterday’s epoch', hits: linked, trials: 1, chance: 1 / 64, bound: 1 / 64 });
    expect(linked).toBe(0);
  });

  it('nor does a crash between the pool and the inbox, with one more call before the next sort', async () => {
    let crash = true;
    const one = await target(POLICY, {}, (stores) => {
      const { inbox } = stores;
      const failing = new Proxy(inbox, {
        get: (object, member) => {
          const value: unknown = Reflect.get(object, member);
          if (member === 'drain' && crash)
            return async () => {
              throw new Error('power cut');
            };
          return typeof value === 'function' ? value.bind(object) : value;
        },
      });
      return { ...stores, inbox: failing };
    });
    const truth = await submissions(one, 0, 65);
    const victim = truth.at(-1) as Truth;
    await one.registry.acceptMany(truth.slice(0, 64).map(({ submission }) => submission));
    await expect(one.registry.sort()).rejects.toThrow('power cut');
    crash = false;
    await one.registry.accept(victim.submission);
    const before = one.image('before');
    await one.registry.sort();
    const { records, entries } = appeared(before, one.image('after'));
    const linked = records.length === 1 && entries.length === 1 && records[0] === victim.record && entries[0] === victim.entry ? 1 : 0;
    printAttack({ attack: 'two images around a crash before the drain', hits: linked, trials: 1, chance: 1 / 64, bound: 1 / 64 });
    expect(linked).toBe(0);
  });
});

describe('a crash image between the vault and the pool', () => {
  it('links nothing, and after recovery neither', async () => {
    let crash = true;
    const n = 512;
    const one = await target(POLICY, {}, (stores) => ({
      ...stores,
      public: new Proxy(stores.public, {
        get: (object, member) => {
          const value: unknown = Reflect.get(object, member);
          if (member === 'addToPool' && crash)
            return async () => {
              throw new Error('power cut');
            };
          return typeof value === 'function' ? value.bind(object) : value;
        },
      }),
    }));
    const truth = await submissions(one, 0, n);
    for (const { submission } of truth) await one.registry.accept(submission);
    await expect(one.registry.sort()).rejects.toThrow('power cut');
    const image = one.image('crash');
    const vault = seize(image, 'sealed/vault.db', 'records');
    expect(vault).toHaveLength(n);
    expect(seize(image, 'public/public.db', 'pool')).toEqual([]);
    const waiting = seize(image, 'sealed/inbox.db', 'submissions');
    const known = new Map(waiting.map(({ bytes, id }) => [hex(bytes.subarray(16)), hex(id)]));
    const toSubmission = new Map(truth.map(({ record, submission }) => [record, known.get(hex(submission)) ?? '']));
    const first = attackPair(pairOf('crash image, record to submission', vault, waiting, toSubmission), n, 8);
    crash = false;
    await one.registry.sort();
    expect(await one.registry.health()).toMatchObject({ problems: [], records: n, pool: { waiting: n }, claims: n });
    const after = one.image('recovered');
    const second = attackPair(
      pairOf(
        'recovered, record to pool',
        seize(after, 'sealed/vault.db', 'records'),
        seize(after, 'public/public.db', 'pool'),
        new Map(truth.map((row) => [row.record, row.entry])),
      ),
      n,
      8,
    );
    expect(broken([...first, ...second])).toEqual([]);
  });
});
