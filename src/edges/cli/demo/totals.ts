import type { Counts, Entry, Registration } from '../../../index.js';

/** Counts under the same names from three sources, so that they can be compared: what was said, what the log shows, what is published. */
export class Totals {
  readonly #counts = new Map<string, number>();
  readonly #names = new Set<string>();

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  get total(): number {
    return this.get('total');
  }

  /** What the demo itself has registered. */
  addRegistration({ identity, statement }: Registration): void {
    for (const name of identity.names) this.#names.add(name);
    const { categories, evidence = 'stated', origin = 'live', useName = false } = statement;
    // The rule of the library, told a second time: a real name is shown only where somebody was reached.
    this.#add({ categories, evidence, origin, display: useName && evidence !== 'stated' ? 'name' : 'alias' });
  }

  /** Whether somebody of that real name was registered. */
  knows(name: string): boolean {
    return this.#names.has(name);
  }

  addEntry(entry: Entry): void {
    this.#add(entry);
  }

  static ofCounts(counts: Counts): Totals {
    const totals = new Totals();
    const put = (prefix: string, numbers: Readonly<Record<string, number>>): void => {
      for (const [word, number] of Object.entries(numbers)) if (number > 0) totals.#counts.set(`${prefix} ${word}`, number);
    };
    if (counts.total > 0) totals.#counts.set('total', counts.total);
    put('category', counts.byCategory);
    put('evidence', counts.byEvidence);
    put('display', counts.byDisplay);
    put('origin', counts.byOrigin);
    return totals;
  }

  /** `name: mine, other`, for whatever is not equal. */
  differences(other: Totals): string[] {
    const names = new Set([...this.#counts.keys(), ...other.#counts.keys()]);
    return [...names].filter((name) => this.get(name) !== other.get(name)).map((name) => `${name}: ${this.get(name)}, ${other.get(name)}`);
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #add(statement: Pick<Entry, 'categories' | 'evidence' | 'origin' | 'display'>): void {
    const { categories, evidence, origin, display } = statement;
    const names = ['total', `evidence ${evidence}`, `origin ${origin}`, `display ${display}`, ...categories.map((id) => `category ${id}`)];
    for (const name of names) this.#counts.set(name, this.get(name) + 1);
  }
}
