import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { deriveReplyKeys } from '../../../src/claims/reply-keys.js';
import { type Random, randomInt } from '../../../src/foundation/random.js';
import { makePolicy } from '../../../src/index.js';
import { makeSubmission, type PublicKeys } from '../../../src/intake.js';
import { type Claim, findClaim, makeRequest } from '../../../src/person.js';
import { decodeStatement, encodeStatement } from '../../../src/public/statement.js';
import type { Stores } from '../../../src/registry/stores.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { decodeInner, encodeInner, type InnerSubmission } from '../../../src/submit/inner-format.js';
import { currentEpoch, wrapSubmission } from '../../../src/submit/wrap-submission.js';
import { seededRandom } from '../../../src/testing.js';
import { buildTarget, registrationOf, type Target } from './build.js';
import { hex } from './erasure.js';
import { COMPANY, type Difference, type Round } from './erasure-join-attacks.js';
import { seize, type SeizedRow } from './seized.js';

/** Sorts in which one person erases and removes, seen as two images each. */
const POLICY = makePolicy('standard', ['party']);

export interface World {
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

export async function world(rounds: number, earlier: number, wrap?: (stores: Stores) => Stores): Promise<World> {
  // Fixed: a hit more or less than the bound must not depend on the day's luck.
  const random = seededRandom('erasure join');
  const injected = { lookUpLimits: { perMinute: 100_000 }, random: seededRandom('erasure join, registry') };
  const target = await buildTarget(POLICY, injected, wrap);
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

/** One round for each of the people. */
export async function play(made: World): Promise<Round[]> {
  const rounds: Round[] = [];
  let before = imageOf(made.target);
  for (const person of made.people) {
    const { seen, after } = await round(made, person, before);
    rounds.push(seen);
    before = after;
  }
  return rounds;
}

/** A sort of registrations alone, seen the same way. */
export async function quietSort({ target, company }: World): Promise<Difference> {
  const before = imageOf(target);
  await target.registry.acceptMany(company(COMPANY));
  await target.registry.sort();
  return difference(before, imageOf(target));
}
