import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageAt } from './pages.js';
import { ROOT } from './sources.js';

/** What the pages call the lists in the vector files. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  cases: ['cases'],
  'cases with replies': ['cases'],
  sets: ['cases'],
  malformations: ['malformed', 'malformations'],
  'malformed inputs with their codes': ['malformed'],
  spellings: ['spellings'],
  'texts that are no phrase': ['noPhrases'],
  statements: ['statements'],
  tallies: ['tallies'],
  changes: ['changes'],
  'signed messages': ['messages'],
};

/** Pages whose sentence has another form and a test of its own below. */
const APART = ['log.md'];

type Vectors = Readonly<Record<string, readonly unknown[]>>;

const vectorsOf = (name: string): Vectors => JSON.parse(pageAt(`tests/vectors/${name}.json`)) as Vectors;

interface Statement {
  readonly page: string;
  readonly vectors: string;
  readonly counts: string;
}

/** ``Vectors: `tests/vectors/NAME.json` (6 cases, 25 malformations)`` of each page that says how many. */
const STATED: readonly Statement[] = readdirSync(join(ROOT, 'docs/spec'))
  .filter((page) => page.endsWith('.md') && !APART.includes(page))
  .flatMap((page) =>
    [...pageAt(`docs/spec/${page}`).matchAll(/tests\/vectors\/([a-z0-9-]+)\.json`\s\((\d[^)]*)\)/g)].map(
      ([, vectors = '', counts = '']) => ({ page, vectors, counts }),
    ),
  );

/** The counts of a page that are not those of the vectors, in the page's own words. */
function wrongCounts(counts: string, vectors: Vectors): readonly string[] {
  return counts.split(',').filter((part) => {
    const [, number, what = ''] = /^\s*(\d+)\s(.+)$/s.exec(part) ?? [];
    return !LISTS[what]?.some((list) => vectors[list]?.length === Number(number));
  });
}

describe('numbers that the pages state', () => {
  it('are stated by the pages of six formats', () => {
    expect(STATED.length).toBeGreaterThanOrEqual(6);
  });

  it.each(STATED)('$page: as many as in $vectors.json', ({ counts, vectors }) => {
    expect(wrongCounts(counts, vectorsOf(vectors))).toEqual([]);
  });

  it('log.md: as many as in log.json', () => {
    const { trees, paths, witnesses } = vectorsOf('log') as unknown as {
      readonly trees: readonly {
        readonly size: number;
        readonly inclusion: readonly unknown[];
        readonly consistency: readonly unknown[];
      }[];
      readonly paths: readonly unknown[];
      readonly witnesses: readonly unknown[];
    };
    const all = (list: 'inclusion' | 'consistency'): number => trees.reduce((sum, tree) => sum + tree[list].length, 0);
    expect(pageAt('docs/spec/log.md').replaceAll('\n', ' ')).toContain(
      `(trees of ${trees.map(({ size }) => size).join(' and ')} records with ${all('inclusion')} inclusion and ${all('consistency')} consistency ` +
        `proofs, ${paths.length} paths, ${witnesses.length + 1} keys, a checkpoint, ${witnesses.length} cosignatures`,
    );
  });

  it('control: one more, and a word that no list has, are found', () => {
    const vectors = { cases: [1, 2], malformed: [1, 2, 3] };
    expect(wrongCounts('2 cases, 3 malformations', vectors)).toEqual([]);
    expect(wrongCounts('2 cases, 4 malformations', vectors)).toEqual([' 4 malformations']);
    expect(wrongCounts('2 cases, 3 fables', vectors)).toEqual([' 3 fables']);
  });

  it('SECURITY.md: as many hard dependencies as package.json has', () => {
    const { dependencies } = JSON.parse(pageAt('package.json')) as { readonly dependencies: Readonly<Record<string, string>> };
    const words = ['six', 'seven', 'eight', 'nine'];
    const [, stated = ''] = /exact versions of (\w+) small hard dependencies/.exec(pageAt('docs/SECURITY.md')) ?? [];
    expect(words.indexOf(stated) + 6).toBe(Object.keys(dependencies).length);
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
