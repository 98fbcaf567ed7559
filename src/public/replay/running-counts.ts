import { printCanonicalJson } from '../../foundation/canonical-json.js';
import type { Leaf } from '../leaf.js';
import { type Tally, tallyJson } from '../tally.js';

type Counters = Record<string, number>;

/**
 * The counts of a log, leaf by leaf. On purpose not the code that publishes them: a mistake there would agree with itself.
 * A tally of the log is right when its text is that of these.
 */
export class RunningCounts implements Tally {
  statements = 0;
  retracted = 0;
  readonly category = none();
  readonly evidence = none();
  readonly display = none();
  readonly origin = none();
  readonly type = none();

  add(leaf: Leaf): void {
    add(this.type, leaf.type, 1);
    if (leaf.type === 'statement') {
      this.statements++;
      for (const word of ['evidence', 'display', 'origin'] as const) add(this[word], leaf[word], 1);
      for (const id of leaf.categories) add(this.category, id, 1);
    } else if (leaf.type === 'retraction') this.retracted++;
    else if (leaf.type === 'raise') move(this.evidence, leaf.from, leaf.to);
    else if (leaf.type === 'amendment' && leaf.kind === 'name') move(this.display, 'alias', 'name');
  }
}

/** Canonical JSON: equal exactly for equal counts. */
export function printTally(tally: Tally): string {
  return printCanonicalJson(tallyJson(tally));
}

/** No prototype: `constructor` is a valid category. */
function none(): Counters {
  return Object.create(null) as Counters;
}

function add(counters: Counters, word: string, by: number): void {
  const sum = (counters[word] ?? 0) + by;
  if (sum === 0) delete counters[word];
  else counters[word] = sum;
}

function move(counters: Counters, from: string, to: string): void {
  add(counters, from, -1);
  add(counters, to, 1);
}
