import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Random, randomInt } from '../../src/foundation/random.js';
import { makePolicy } from '../../src/index.js';
import { makeSubmission, type PublicKeys } from '../../src/intake.js';
import { type Claim, findClaim, makeRequest } from '../../src/person.js';
import { decodeStatement, encodeStatement } from '../../src/public/statement.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner, encodeInner, type InnerSubmission } from '../../src/submit/inner-format.js';
import { currentEpoch, wrapSubmission } from '../../src/submit/wrap-submission.js';
import { deriveReplyKeys } from '../../src/claims/reply-keys.js';
import { seededRandom } from '../../src/testing.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { held, hex, recordControl } from './support/erasure.js';
import { boundOf } from './support/report.js';
import { seize, type SeizedRow } from './support/seized.js';

/**
 * S3 and P7: somebody has an image of every store from before a sort and one from after. In that sort one person had her record erased and
 * her public text removed. Does anything join the removal (a public entry) to the erased record, or either to its reply?
 */
const COMPANY = 64;
const ROUNDS = 104;
/** Records that are there before; with the people's own more than a window. */
const EARLIER = 500;
const POLICY = makePolicy('standard', ['party']);
const targets: Target[] = [];

afterAll(async () => {
  for (const one of targets) await one.destroy();
});

interface World {
  readonly target: Target;
  readonly people: readonly Claim[];
  readonly keys: PublicKeys;
  readonly random: Random;
  readonly company: (count: number) => Uint8Array[];
}

/** Registrations of others: one sealed inside with fresh ids, salts and claim rows, wrapped each by itself. Only the sort looks at them. */
function companyOf(inner: InnerSubmission, keys: PublicKeys, clock: Target['clock'], random: Random): (count: number) => Uint8Array[] {
  const statement = decodeStatement(inner.statement);
  const options = { backend: nodeBackend, random };
  return (count) =>
    Array.from({ length: count }, () => {
      const fresh = {
        ...inner,
        recordId: random.bytes(16),
        salt: random.bytes(32),
        statement: encodeStatement({ ...statement, entryKey: hex(random.bytes(32)) }),
        locator: random.bytes(32),
        claimRow: random.bytes(inner.claimRow.length),
      };
      return wrapSubmission(encodeInner(fresh), currentEpoch(keys.epochs, clock), options);
    });
}

async function world(rounds: number, earlier: number, wrap?: (stores: Stores) => Stores): Promise<World> {
  // Fixed: a hit more or less than the bound must not depend on the day's luck.
  const random = seededRandom('erasure join');
  const injected = { lookUpLimits: { perMinute: 100_000 }, random: seededRandom('erasure join, registry') };
  const target = await buildTarget(POLICY, injected, wrap);
  targets.push(target);
  const { registry, clock } = target;
  const keys = await registry.publicKeys();
  const made = Array.from({ length: rounds }, (_, i) =>
    makeSubmission({ ...registrationOf(i), claim: 'words' }, keys, { clock, backend: nodeBackend, random }),
  );
  const company = companyOf(decodeInner((made[0] as (typeof made)[number]).inner.reveal()), keys, clock, random);
  await registry.acceptMany([...made.map(({ bytes }) => bytes), ...company(earlier)]);
  await registry.sort();
  const people = await Promise.all(made.map(({ claim }) => findClaim(claim?.reveal() as string, registry.lookUp)));
  return { target, people, keys, random, company };
}

/** What an image gives of the stores that such a sort touches. */
function imageOf({ root, dir }: Target): { shreds: SeizedRow[]; changes: SeizedRow[]; claims: SeizedRow[] } {
  const copy = join(root, 'image');
  for (const store of ['shred', 'public', 'claims']) cpSync(join(dir, store), join(copy, store), { recursive: true });
  const image = {
    shreds: seize(copy, 'shred/shred.db', 'shreds'),
    changes: seize(copy, 'public/public.db', 'changes'),
    claims: seize(copy, 'claims/claims.db', 'claims'),
  };
  rmSync(copy, { recursive: true });
  return image;
}

type Image = ReturnType<typeof imageOf>;

interface Difference {
  /** Shreds of records that were there before and whose bytes changed. */
  readonly changed: readonly SeizedRow[];
  readonly removals: readonly SeizedRow[];
  readonly newClaims: readonly SeizedRow[];
}

function difference(before: Image, after: Image): Difference {
  const old = new Map(before.shreds.map(({ id, bytes }) => [hex(id), bytes]));
  const isNew = (rows: readonly SeizedRow[]) => {
    const ids = new Set(rows.map(({ id }) => hex(id)));
    return ({ id }: SeizedRow) => !ids.has(hex(id));
  };
  return {
    changed: after.shreds.filter(({ id, bytes }) => old.get(hex(id))?.equals(bytes) === false),
    removals: after.changes.filter(isNew(before.changes)),
    newClaims: after.claims.filter(isNew(before.claims)),
  };
}

const numberOf = (row: SeizedRow): number => row.id.readUIntBE(0, 6);
const least = (rows: readonly SeizedRow[], of: (row: SeizedRow) => number): SeizedRow | undefined =>
  rows.reduce<SeizedRow | undefined>((best, row) => (best === undefined || of(row) < of(best) ? row : best), undefined);

/** The row that has the most runs of four bytes in common with `row`; none where no row has any. */
function mostShared(row: SeizedRow, rows: readonly SeizedRow[]): SeizedRow | undefined {
  const runs = ({ bytes }: SeizedRow): string[] =>
    Array.from({ length: Math.max(0, bytes.length - 3) }, (_, at) => bytes.toString('latin1', at, at + 4));
  const wanted = new Set(runs(row));
  const best = least(rows, (each) => -runs(each).filter((run) => wanted.has(run)).length);
  return best !== undefined && runs(best).some((run) => wanted.has(run)) ? best : undefined;
}

/** Ways to name the row of `rows` that belongs to `row`. */
const GUESSES: Readonly<Record<string, (row: SeizedRow, rows: readonly SeizedRow[]) => SeizedRow | undefined>> = {
  'nearest id': (row, rows) => least(rows, (each) => Math.abs(numberOf(each) - numberOf(row))),
  'first id': (_, rows) => rows[0],
  'middle id': (_, rows) => rows[rows.length >> 1],
  'last id': (_, rows) => rows.at(-1),
  'first in the file': (_, rows) => least(rows, ({ places }) => places[2] as number),
  'last in the file': (_, rows) => least(rows, ({ places }) => -(places[2] as number)),
  'last of its page': (_, rows) => least(rows, ({ places }) => -((places[2] as number) % 4096)),
  'shared bytes': mostShared,
};

interface Round extends Difference {
  readonly record: string;
  readonly entry: string;
  readonly eraseReply: string;
  readonly removalReply: string;
}

/** One sort with one person's two requests among new registrations, seen from outside. */
async function round({ target, keys, random, company }: World, person: Claim, before: Image): Promise<{ seen: Round; after: Image }> {
  const { registry, clock } = target;
  const options = { clock, backend: nodeBackend, random };
  const requests = (['erase', 'remove-content'] as const).map((operation) => makeRequest(person, { operation }, keys, options));
  const sent = [...requests.map(({ bytes }) => bytes), ...company(COMPANY)];
  // Inbox rows lie by id anyway; the order of arrival is not what is asked here.
  await registry.acceptMany(
    sent
      .map((bytes) => ({ bytes, at: randomInt(random, 2 ** 32) }))
      .sort((a, b) => a.at - b.at)
      .map(({ bytes }) => bytes),
  );
  expect(await registry.sort()).toMatchObject({ ran: true, sorted: COMPANY, answered: 2, quarantined: 0, waiting: 0 });
  const after = imageOf(target);
  const { replySeed } = person.secret.reveal();
  const [eraseReply, removalReply] = requests.map(({ place }) =>
    hex(deriveReplyKeys(replySeed, place.operation, place.number, place.attempt).mailbox),
  ) as [string, string];
  return { seen: { ...difference(before, after), record: person.recordId, entry: person.entryId, eraseReply, removalReply }, after };
}

/** For each join the images allow: how often each guess was right. */
function joinsOf(rounds: readonly Round[]): Map<string, number> {
  const hits = new Map<string, number>();
  for (const { changed, removals, newClaims, record, entry, eraseReply, removalReply } of rounds) {
    const removal = removals[0] as SeizedRow;
    expect([removals.length, hex(removal.id)]).toEqual([1, entry]);
    for (const [name, guess] of Object.entries(GUESSES)) {
      const shred = guess(removal, changed);
      const ofShred = shred === undefined ? undefined : guess(shred, newClaims);
      const right: readonly (readonly [string, boolean])[] = [
        [`removal to erased record by ${name}`, hex(shred?.id ?? Buffer.alloc(0)) === record],
        [`removal to its reply by ${name}`, hex(guess(removal, newClaims)?.id ?? Buffer.alloc(0)) === removalReply],
        [
          `erased record to its reply by ${name}`,
          hex(shred?.id ?? Buffer.alloc(0)) === record && hex(ofShred?.id ?? Buffer.alloc(0)) === eraseReply,
        ],
      ];
      for (const [join, is] of right) hits.set(join, (hits.get(join) ?? 0) + (is ? 1 : 0));
    }
  }
  return hits;
}

async function play(made: World): Promise<Round[]> {
  const rounds: Round[] = [];
  let before = imageOf(made.target);
  for (const person of made.people) {
    const { seen, after } = await round(made, person, before);
    rounds.push(seen);
    before = after;
  }
  return rounds;
}

describe('two images around a sort that erases a record and removes a text of one person', () => {
  it(`join them no better than 1 in ${COMPANY}, over ${ROUNDS} erasures`, async () => {
    const made = await world(ROUNDS, EARLIER);
    const rounds = await play(made);
    for (const { changed, newClaims, record } of rounds) {
      expect(changed.some(({ id }) => hex(id) === record)).toBe(true);
      expect(changed.length).toBeGreaterThanOrEqual(COMPANY);
      expect(newClaims).toHaveLength(COMPANY + 2);
      expect(new Set(newClaims.map(({ bytes }) => bytes.length)).size, 'one size').toBe(1);
    }
    const bound = boundOf(1 / COMPANY, ROUNDS);
    const broken: string[] = [];
    for (const [attack, hits] of joinsOf(rounds))
      if (!held({ attack, hits, trials: ROUNDS, chance: 1 / COMPANY, bound })) broken.push(attack);
    expect(broken).toEqual([]);

    // A sort without any request looks the same in the shred store.
    const before = imageOf(made.target);
    await made.target.registry.acceptMany(made.company(COMPANY));
    await made.target.registry.sort();
    const quiet = difference(before, imageOf(made.target));
    expect(quiet.removals).toEqual([]);
    expect(quiet.changed.length).toBeGreaterThanOrEqual(COMPANY);
    expect(quiet.changed.length).toBeLessThanOrEqual(256);
    expect((await made.target.registry.health()).ok).toBe(true);
  }, 900_000);

  it('control: with an erasure that changes its row alone, the same program joins every one', async () => {
    const made = await world(8, COMPANY, (stores) => ({ ...stores, shred: oneRow(stores.shred) }));
    const rounds = await play(made);
    expect(rounds.map(({ changed }) => changed.length)).toEqual(rounds.map(() => 1));
    const hits = joinsOf(rounds).get('removal to erased record by nearest id');
    recordControl('one-row erasure joined to a removal', hits ?? 0, rounds.length);
    expect(hits).toBe(rounds.length);
  }, 600_000);
});

/** What nobody may build: a shred store in which a row has no neighbours. */
function oneRow(shred: Stores['shred']): Stores['shred'] {
  return {
    insert: (rows) => shred.insert(rows),
    get: (id) => shred.get(id),
    before: (generation, limit, after) => shred.before(generation, limit, after),
    from: async (id) => {
      const row = await shred.get(id);
      return row === undefined ? [] : [row];
    },
    backFrom: async () => [],
    rewrap: (rows) => shred.rewrap(rows),
    generations: () => shred.generations(),
    check: () => shred.check(),
  };
}
