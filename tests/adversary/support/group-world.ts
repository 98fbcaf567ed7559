import { systemRandom } from '../../../src/foundation/random.js';
import type { GroupMember, Policy, SharedFields } from '../../../src/index.js';
import { makeSubmission, type PublicKeys } from '../../../src/intake.js';
import { encodeStatement } from '../../../src/public/statement.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { decodeInner, encodeInner, type InnerSubmission } from '../../../src/submit/inner-format.js';
import { prepareRegistration, snapshot } from '../../../src/submit/prepare-registration.js';
import { currentEpoch, wrapSubmission } from '../../../src/submit/wrap-submission.js';
import { buildTarget, registrationOf, type Target } from './build.js';

const CELLS = [['league'], ['party'], ['league', 'party']];

/** A registry to which whole calls come, and the truth of who came in which. */
export interface GroupWorld {
  readonly target: Target;
  /** For scoring: hex id of an entry to its call. */
  readonly callOf: ReadonlyMap<string, number>;
  /** The people of a call register, all in one transaction. */
  call(people: readonly number[]): Promise<void>;
}

export async function buildGroupWorld(policy: Policy): Promise<GroupWorld> {
  const target = await buildTarget(policy);
  const { registry, clock } = target;
  const keys = await registry.publicKeys();
  const sealedHalf = decodeInner(makeSubmission(registrationOf(1), keys, { clock, backend: nodeBackend }).inner.reveal());
  const callOf = new Map<string, number>();
  return {
    target,
    callOf,
    call: async (people) => {
      const members = people.map((i) => submissionOf(i, people[0] as number, { clock, keys, sealedHalf }));
      for (const { entryId } of members) callOf.set(entryId, people[0] as number);
      await registry.acceptMany(members.map(({ bytes }) => bytes));
    },
  };
}

interface Parts {
  readonly clock: Target['clock'];
  readonly keys: PublicKeys;
  readonly sealedHalf: InnerSubmission;
}

/**
 * The public half is made by the library for each person; the sealed half, which never reaches the public store, is one for all, since five
 * thousand sealings take minutes (`group.test.ts` seals each of its people).
 */
function submissionOf(
  person: number,
  call: number,
  { clock, keys, sealedHalf }: Parts,
): { readonly entryId: string; readonly bytes: Uint8Array } {
  const options = { clock, backend: nodeBackend };
  const shared: SharedFields = { statement: { categories: CELLS[call % 3] as string[], text: `We of call ${call} leave.` } };
  const member: GroupMember = { identity: { names: [`Person Number ${person}`] } };
  const { keys: own, statement } = prepareRegistration(snapshot(member, shared), keys.categories, options);
  const inner = encodeInner({
    ...sealedHalf,
    recordId: own.recordId,
    shred: systemRandom.bytes(32),
    salt: own.salt,
    statement: encodeStatement(statement),
    locator: systemRandom.bytes(32),
    claimRow: systemRandom.bytes(296),
  });
  return { entryId: Buffer.from(own.entryId).toString('hex'), bytes: wrapSubmission(inner, currentEpoch(keys.epochs, clock), options) };
}

/** Numbers of the people of each call, groups of 2 to 6 and some who came alone; the calls in random order. */
export function calls(groups: number, singles: number): number[][] {
  let next = 0;
  const of = (size: number) => Array.from({ length: size }, () => next++);
  const made = [...Array.from({ length: groups }, (_, i) => of(2 + (i % 5))), ...Array.from({ length: singles }, () => of(1))];
  return shuffled(made);
}

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Buffer.from(systemRandom.bytes(6)).readUIntBE(0, 6) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
