import type { Fact } from '../support/fact.js';

/** The facts of a `CRYPTONYM_FACTS` file. Of one kind and name the last counts: a file that was run again, and a test that was, wrote it anew. */
export function lastFacts(lines: string): readonly Fact[] {
  const facts = new Map<string, Fact>();
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const fact = JSON.parse(line) as Fact;
    facts.set(JSON.stringify([fact.kind, fact.name]), fact);
  }
  return [...facts.values()];
}
