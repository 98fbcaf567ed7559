import { expect } from 'vitest';
import { hex } from './erasure.js';
import type { SeizedRow } from './seized.js';

/**
 * S3 and P7: somebody has an image of every store from before a sort and one from after. In that sort one person had her record erased and
 * her public text removed. Does anything join the removal (a public entry) to the erased record, or either to its reply?
 */

/** Registrations that come in the same sort. */
export const COMPANY = 64;

export interface Difference {
  /** Shreds of records that were there before and whose bytes changed. */
  readonly changed: readonly SeizedRow[];
  readonly removals: readonly SeizedRow[];
  readonly newClaims: readonly SeizedRow[];
}

export interface Round extends Difference {
  readonly record: string;
  readonly entry: string;
  readonly eraseReply: string;
  readonly removalReply: string;
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
export const GUESSES: Readonly<Record<string, (row: SeizedRow, rows: readonly SeizedRow[]) => SeizedRow | undefined>> = {
  'nearest id': (row, rows) => least(rows, (each) => Math.abs(numberOf(each) - numberOf(row))),
  'first id': (_, rows) => rows[0],
  'middle id': (_, rows) => rows[rows.length >> 1],
  'last id': (_, rows) => rows.at(-1),
  'first in the file': (_, rows) => least(rows, ({ places }) => places[2] as number),
  'last in the file': (_, rows) => least(rows, ({ places }) => -(places[2] as number)),
  'last of its page': (_, rows) => least(rows, ({ places }) => -((places[2] as number) % 4096)),
  'shared bytes': mostShared,
};

/** For each join the images allow: how often each guess was right. */
export function joinsOf(rounds: readonly Round[]): Map<string, number> {
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

/** What is not as in every sort of so many: a window that hides the record, and claims of one size. */
export function oddities({ changed, newClaims, record }: Round): string[] {
  const found: string[] = [];
  if (!changed.some(({ id }) => hex(id) === record)) found.push('the erased record did not change');
  if (changed.length < COMPANY) found.push('the window is smaller than the company');
  if (newClaims.length !== COMPANY + 2) found.push('not one claim row for each submission');
  if (new Set(newClaims.map(({ bytes }) => bytes.length)).size !== 1) found.push('claim rows of several sizes');
  return found;
}

/** Does a sort without any request look like one with an erasure in the shred store? */
export function looksLikeErasure({ changed, removals }: Difference): boolean {
  expect(removals).toEqual([]);
  return changed.length >= COMPANY && changed.length <= 256;
}
