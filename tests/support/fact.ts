import { appendFileSync } from 'node:fs';

/** A number a run has found out, for docs/how-tested.md (`npm run how-tested`). */
export interface Fact {
  /** Heading it stands under, e.g. `attack`, `fuzz`, `crash`. */
  readonly kind: string;
  readonly name: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Writes it down where a report is asked for; otherwise does nothing. */
export function recordFact(fact: Fact): void {
  const path = process.env['CRYPTONYM_FACTS'];
  if (path !== undefined && path !== '') appendFileSync(path, `${JSON.stringify(fact)}\n`);
}
