import { readSharedJson } from './shared.js';

export interface WycheproofCase {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly flags?: readonly string[];
}

export interface WycheproofGroup<Case> {
  readonly tests: readonly Case[];
}

/** Relative path of a Wycheproof file, for `sharedPath`. */
export function wycheproofPath(name: string): string {
  return `vectors/wycheproof/${name}_test.json`;
}

export function wycheproofGroups<Case extends WycheproofCase, Group = object>(name: string): readonly (Group & WycheproofGroup<Case>)[] {
  const file = readSharedJson<{ numberOfTests: number; testGroups: readonly (Group & WycheproofGroup<Case>)[] }>(wycheproofPath(name));
  const found = file.testGroups.reduce((sum, group) => sum + group.tests.length, 0);
  if (found !== file.numberOfTests) throw new Error(`${name}: ${found} cases, the file says ${file.numberOfTests}`);
  return file.testGroups;
}

/** Counts cases as "expected result → what happened"; tests compare the whole table with exact numbers. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(expected: string, outcome: string): void {
    const key = `${expected} → ${outcome}`;
    this.counts[key] = (this.counts[key] ?? 0) + 1;
  }
}
