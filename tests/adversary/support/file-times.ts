import { randomInt } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { byNearest, byRank, byReversedRank } from './guesses.js';
import type { Attempt } from './linkage-attacks.js';
import { filesBelow, PatternSet } from './scan.js';

/**
 * What a disk says of each file besides its bytes. `changed` (ctime) cannot be set back by any program. When a file was last read is left out: most
 * systems write it once a day.
 */
const TIMES = ['modified', 'changed', 'born'] as const;
export const KINDS = TIMES.map((time) => `file ${time}`);

/** In nanoseconds after the first: whole numbers stay exact for weeks. */
type Times = readonly number[];

/** Something with an id, and the times that are known of it. */
export interface Dated {
  /** Hex digits. */
  readonly id: string;
  readonly times: readonly Times[];
}

/** Of every file below a directory. */
export function timesBelow(directory: string): ReadonlyMap<string, readonly bigint[]> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return new Map(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      const { mtimeNs, ctimeNs, birthtimeNs } = statSync(path, { bigint: true });
      return [relative(directory, path), [mtimeNs, ctimeNs, birthtimeNs]];
    }),
  );
}

/** Names of the files that were written in between, databases without their logs, numbers as N. */
export function writtenBetween(before: ReadonlyMap<string, readonly bigint[]>, after: ReadonlyMap<string, readonly bigint[]>): string[] {
  const written = [...after].filter(([name, [modified]]) => before.get(name)?.[0] !== modified).map(([name]) => name);
  return [...new Set(written.map((name) => name.replace(/-(wal|shm)$/u, '').replace(/\d+/gu, 'N')))].sort();
}

/** For each id the times of all files that hold it, in their bytes, in hex digits or in their name. Rows come in the order of ids, which says nothing. */
export function datedIds(directory: string, ids: readonly string[]): Dated[] {
  const times = timesBelow(directory);
  const sorted = [...ids].sort();
  const patterns = new PatternSet();
  for (const id of sorted) for (const bytes of [Buffer.from(id, 'hex'), Buffer.from(id)]) patterns.add(bytes);
  const found = sorted.map(() => new Set<string>());
  for (const { name, bytes } of filesBelow(directory))
    for (const { pattern } of patterns.scan(Buffer.concat([Buffer.from(name), bytes]))) found[pattern >> 1]?.add(name);
  return sorted.map((id, i) => ({ id, times: [...(found[i] ?? [])].map((name) => (times.get(name) ?? []).map(sinceFirst)) }));
}

const FIRST = BigInt(Date.now()) * 1_000_000n;

export function sinceFirst(time: bigint): number {
  return Number(time - FIRST);
}

/** What one knows who made, or watched, a call. */
export function datedCall(id: string, time: bigint): Dated {
  return { id, times: [TIMES.map(() => sinceFirst(time))] };
}

/**
 * Joins two sides by each time: the files of the one that were written first, second, third … and those of the other; from the last on; and the
 * nearest in time. Of several files that hold an id the first and the last written.
 */
export function attackTimes(left: readonly Dated[], right: readonly Dated[], partner: ReadonlyMap<string, string>): Attempt[] {
  return KINDS.flatMap((kind, k) =>
    [Math.min, Math.max].flatMap((which) => {
      const of = (rows: readonly Dated[]) => rows.map(({ times }) => which(...times.map((each) => each[k] ?? 0)));
      return [byRank, byReversedRank, byNearest].map((guess): Attempt => {
        const guesses = guess(of(left).map(guessed), of(right).map(guessed));
        return { kind, hit: left.map(({ id }, i) => right[guesses[i] ?? -1]?.id === partner.get(id)) };
      });
    }),
  );
}

/** Equal times say nothing: each attempt guesses anew among them, or one lucky guess would count many times. */
function guessed(time: number): number {
  return time + randomInt(1 << 10) / (1 << 10);
}
