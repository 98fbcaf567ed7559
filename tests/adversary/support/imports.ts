import type * as Library from '../../../src/index.js';
import { CANARIES, canariesIn, printed } from './hostile.js';

/** Imports in which one row is bad, and what the caller is told of it. */
export const ROWS = 40;
const BAD_ROW = 20;
const [HAN, LATIN] = CANARIES;

/** In the source of a function a value stands as it was written: that too would be a quotation. */
const quoting = (): string => 'Kanarienvogel';

/** A change of the bad row. */
export const BAD: readonly (readonly [shape: string, change: object])[] = [
  ['a function', { identity: quoting }],
  ['a symbol', { identity: Symbol(HAN) }],
  ['a document with methods', { identity: { names: ['Wang Lei'], save: quoting } }],
  ['a group with a lone surrogate', { group: `${LATIN}\ud800` }],
  ['a group of a megabyte', { group: HAN.repeat(100_000) }],
];

async function* rows(alias: string, bad?: { readonly at: number; readonly change: object }): AsyncIterable<Library.Registration> {
  for (let i = 0; i < ROWS; i++) {
    const row = { identity: { names: ['Wang Lei'] }, statement: { alias, categories: ['party'] } };
    yield i === bad?.at ? { ...row, ...bad.change } : row;
  }
}

/** Runs an import to its end or its error; `rejected` are row numbers from 0, `told` is all that the caller was given, as he might print it. */
async function run(work: AsyncIterable<Library.RegisterProgress>) {
  let accepted = 0;
  const rejected: number[] = [];
  const told: string[] = [];
  try {
    for await (const progress of work) {
      accepted = progress.accepted;
      rejected.push(...progress.rejected.map(({ row }) => row - 1));
      told.push(printed(progress));
    }
  } catch (error) {
    told.push(printed(error));
  }
  return { accepted, rejected, told };
}

interface BadRowResult {
  /** Good rows that were not taken. */
  readonly lost: number;
  /** Good rows of which it was said that they are bad, and 1 if it was not said of the bad one. */
  readonly misjudged: number;
  /** Canaries in anything the caller was told. */
  readonly quoted: number;
}

export async function importWithBadRow(registry: Library.Registry, change: object): Promise<BadRowResult> {
  const { accepted, rejected, told } = await run(registry.registerMany(rows('jin fu', { at: BAD_ROW, change })));
  const wrongly = rejected.filter((row) => row !== BAD_ROW).length;
  return {
    lost: ROWS - 1 - accepted,
    misjudged: wrongly + (rejected.includes(BAD_ROW) ? 0 : 1),
    quoted: canariesIn(told.join('\n')).length,
  };
}

/** An import that fails, then another: how many of the second's accepted rows are not published as what they were. */
export async function importAfterAnother(registry: Library.Registry) {
  await run(registry.registerMany(rows('jin fu', { at: ROWS - 1, change: { identity: () => 1 } })));
  const failed = (await registry.health()).inbox.waiting;
  const { accepted } = await run(registry.registerMany(rows('wan shun')));
  await registry.publish({ now: true });
  let own = 0;
  for await (const { name } of registry.entries()) if (name === 'wan shun') own++;
  return { accepted, failed, lost: accepted - own };
}
