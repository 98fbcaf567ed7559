import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerSealer } from '../../src/edges/sealing/worker-sealer.js';
import type { CompartmentName, SealedRecord } from '../../src/custodian.js';
import { openRecord } from '../../src/custodian.js';
import { wipe } from '../../src/foundation/bytes.js';
import { makePolicy } from '../../src/index.js';
import { eraseShreds } from '../../src/registry/erase.js';
import type { RegistryContext } from '../../src/registry/context.js';
import { openMany } from '../../src/registry/open-many.js';
import { decodeSettings } from '../../src/registry/settings.js';
import { unwrapShred } from '../../src/sealed/shred.js';
import { nodeBackend, openSqliteStores } from '../../src/sqlite.js';
import { systemRandom } from '../../src/foundation/random.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { recordFact } from '../support/fact.js';
import { held, hex, recordControl } from './support/erasure.js';

/**
 * S7: last month's backup after an erasure, all of today's keys and a quorum of custodians who help. The backup is everything but keys/,
 * once with the submissions still waiting in the inbox and once after the sort.
 */
const PEOPLE = 1100;
const ERASED = 1000;
/** An epoch's key lives 7 days for sealing and 30 more: what waited on day 0 is noise from day 37 on; shreds are so after 9. */
const MONTH = 31;
const INBOX_DAYS = 37;

let target: Target;
let withInbox: string;
let sorted: string;
let victims: ReadonlySet<string>;

/** Everything but keys/, as a backup should be. */
function backup(name: string): string {
  const copy = target.image(name);
  rmSync(join(copy, 'keys'), { recursive: true });
  return copy;
}

/** The records that open with a backup, a keys/ folder and the custodians' shares: what a thief of all three tries. */
async function opened(copy: string, keys: string): Promise<Set<string>> {
  const whole = join(target.root, 'tried');
  cpSync(copy, whole, { recursive: true });
  cpSync(keys, join(whole, 'keys'), { recursive: true });
  const stores = await openSqliteStores(whole);
  try {
    const found = new Set<string>();
    for (const sealed of [...(await ofShreds(stores)), ...(await ofInbox(stores))]) {
      if (found.has(sealed.recordId)) continue;
      const compartments: readonly CompartmentName[] = ['identity'];
      const record = await openRecord(sealed, target.custody.shares.vault.slice(0, 2), compartments, { backend: nodeBackend }).catch(
        () => undefined,
      );
      if (record?.identity !== undefined) found.add(sealed.recordId);
    }
    return found;
  } finally {
    await stores.close();
    rmSync(whole, { recursive: true });
  }
}

type OpenStores = Awaited<ReturnType<typeof openSqliteStores>>;

/** Every shred under every KEK, as the generation it says and as the one the key is of. */
async function ofShreds({ keys, shred, vault }: OpenStores): Promise<SealedRecord[]> {
  const found: SealedRecord[] = [];
  const generations = (await keys.keks()).map(({ generation }) => generation);
  const keks = await Promise.all(generations.map((generation) => keys.kek(generation)));
  for (const row of await shred.from(new Uint8Array(16), 2 * PEOPLE)) {
    const body = await vault.get(row.id);
    for (const [i, kek] of keks.entries()) {
      for (const generation of new Set([row.generation, generations[i] as number])) {
        try {
          const plain = unwrapShred(kek as Uint8Array, row.id, generation, row.wrapped);
          if (body !== undefined) found.push({ recordId: hex(row.id), shred: plain, ...body });
        } catch {
          // Not this key.
        }
      }
    }
  }
  wipe(...keks.filter((kek) => kek !== undefined));
  return found;
}

/** Every waiting submission under every epoch key. */
async function ofInbox({ inbox, keys, settings }: OpenStores): Promise<SealedRecord[]> {
  const found: SealedRecord[] = [];
  const rules = decodeSettings((await settings.get()) as Uint8Array);
  const rows = await inbox.take(2 * PEOPLE);
  for (const epoch of await keys.epochs()) {
    // As if every row were of this epoch: the header is not believed.
    const jobs = rows.filter((row) => row.epoch === epoch || rows[0] === row).map(({ submission }) => ({ epoch, submission }));
    const key = (await keys.epochKey(epoch)) as Uint8Array;
    for (const outcome of openMany(jobs, new Map([[epoch, key]]), rules, { backend: nodeBackend })) {
      if (typeof outcome === 'object' && 'inner' in outcome) found.push({ ...outcome.inner, recordId: hex(outcome.inner.recordId) });
    }
  }
  return found;
}

const count = (found: ReadonlySet<string>, erased: boolean): number => [...found].filter((id) => victims.has(id) === erased).length;

beforeAll(async () => {
  const sealer = workerSealer();
  target = await buildTarget(makePolicy('tiny', ['party']), { sealer });
  const jobs = Array.from({ length: PEOPLE }, (_, i) => ({ registration: registrationOf(i), groupId: undefined }));
  const outcomes = await sealer.seal(jobs, await target.registry.publicKeys(), target.clock.now());
  await target.registry.acceptMany(outcomes.flatMap((outcome) => ('bytes' in outcome ? [outcome.bytes] : [])));
  withInbox = backup('backup-with-inbox');
  expect(await target.registry.sort()).toMatchObject({ sorted: PEOPLE, waiting: 0 });
  sorted = backup('backup-sorted');
  const ids: string[] = [];
  for await (const id of target.registry.sealed.ids()) ids.push(id);
  // Every eleventh stays, so that erased and kept ones lie mixed.
  victims = new Set(ids.filter((_, i) => i % 11 !== 5));
  expect([ids.length, victims.size]).toEqual([PEOPLE, ERASED]);
}, 600_000);

afterAll(async () => {
  await target?.destroy();
});

describe(`last month’s backup after ${ERASED} erasures, with all of today’s keys (S7)`, () => {
  it('opens none of the erased; the same program with the keys of then opens all', async () => {
    const keysOfThen = join(target.root, 'keys-of-then');
    cpSync(join(target.dir, 'keys'), keysOfThen, { recursive: true });
    for (const [name, copy] of [
      ['inbox', withInbox],
      ['shreds', sorted],
    ] as const) {
      const found = await opened(copy, keysOfThen);
      recordControl(`backup (${name}) with the keys of its day`, count(found, true), ERASED);
      expect([count(found, true), count(found, false)]).toEqual([ERASED, PEOPLE - ERASED]);
    }

    const { registry, stores, clock, dir } = target;
    const [byHand, together] = [[...victims].slice(0, 10), [...victims].slice(10)];
    for (const id of byHand) await registry.eraseRecord(id);
    const context = { stores, clock, random: systemRandom, backend: nodeBackend } as unknown as RegistryContext;
    const days = await eraseShreds(
      context,
      together.map((id) => Buffer.from(id, 'hex')),
    );
    expect(new Set(days)).toEqual(new Set([(await registry.eraseRecord(byHand[0] as string)).finalOn]));

    let report: unknown;
    for (let day = 1; day <= MONTH; day++) {
      clock.advanceDays(1);
      report = await registry.maintain();
    }
    expect(report).toMatchObject({ shredsUnreadable: 0, submissionsDropped: 0 });

    const today = await opened(sorted, join(dir, 'keys'));
    const result = { attack: 'backup after a month with today’s keys and a quorum', hits: count(today, true), trials: ERASED };
    expect(held({ ...result, chance: 0, bound: 0 })).toBe(true);
    // Nobody's: the backup is dead for those who stay as well.
    expect(today.size).toBe(0);

    // Why docs/operations.md forbids a backup of the inbox: it opens as long as its epoch's key lives, which is longer than shreds do.
    const waiting = await opened(withInbox, join(dir, 'keys'));
    expect(waiting.size).toBe(PEOPLE);
    recordFact({
      kind: 'attack',
      name: `erasure: forbidden backup of a full inbox, day ${MONTH}`,
      values: { found: count(waiting, true), expected: ERASED, verdict: `opens until day ${INBOX_DAYS}` },
    });
    for (let day = MONTH + 1; day <= INBOX_DAYS; day++) {
      clock.advanceDays(1);
      await registry.maintain();
    }
    const noise = await opened(withInbox, join(dir, 'keys'));
    const late = { attack: `forbidden backup of a full inbox, day ${INBOX_DAYS}`, hits: count(noise, true), trials: ERASED };
    expect(held({ ...late, chance: 0, bound: 0 })).toBe(true);
    expect(noise.size).toBe(0);

    // The live registry: those who were not erased still open, the others do not.
    const live = target.image('live');
    const keys = join(live, 'keys');
    cpSync(keys, join(target.root, 'live-keys'), { recursive: true });
    rmSync(keys, { recursive: true });
    const found = await opened(live, join(target.root, 'live-keys'));
    expect([count(found, true), count(found, false)]).toEqual([0, PEOPLE - ERASED]);
    expect(await registry.health()).toMatchObject({ ok: true, records: PEOPLE });
  }, 900_000);
});
