import type { Fixture, Truth } from './fixture.js';
import { type Attempt, attackPair, pairOf, pooled } from './linkage-attacks.js';
import { type SeizedRow, seize, seizeEntries, seizeWaiting } from './seized.js';

/** What is tried on an image of a registry that was killed at work: of each pair of stores, whatever is written of both. */

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** By the tag at its end: which record each waiting submission is. Read once: the fixture's submissions are a hundred megabytes. */
const recordOfTag = new Map<string, string>();
function recordsOf({ truth, submission }: Fixture, waiting: readonly SeizedRow[]): ReadonlyMap<string, string> {
  if (recordOfTag.size === 0) for (const [i, { record }] of truth.entries()) recordOfTag.set(hex(submission(i).subarray(-16)), record);
  return new Map(waiting.map(({ id, bytes }) => [hex(id), recordOfTag.get(hex(bytes.subarray(-16))) ?? '']));
}

/** Pair by pair. */
export function attackImage(fixture: Fixture, image: string): Attempt[][] {
  const truthOf = (from: keyof Truth, to: keyof Truth) => new Map(fixture.truth.map((row) => [row[from] as string, row[to] as string]));
  const vault = seize(image, 'sealed/vault.db', 'records');
  const claims = seize(image, 'claims/claims.db', 'claims');
  const waiting = seizeWaiting(image);
  const pool = seize(image, 'public/public.db', 'pool');
  const open = pool.length > 0 ? pool : seizeEntries(image);
  return [
    pairOf('record to entry', vault, open, truthOf('record', 'entry')),
    pairOf('claim to entry', claims, open, truthOf('locator', 'entry')),
    pairOf('submission to record', waiting, vault, recordsOf(fixture, waiting)),
  ].map(attackPair);
}

/** Pair by pair: an image in which only one side of a pair is written has fewer kinds of attack on it, and must not shift the others. */
export const pooledByPair = (images: readonly Attempt[][][]): Attempt[][] =>
  [0, 1, 2].map((k) => pooled(images.map((pairs) => pairs[k] ?? [])));
