import { describe, expect, it } from 'vitest';
import { factTables } from '../../report/fact-tables.js';
import { lastFacts } from '../../report/last-facts.js';
import type { Fact } from '../../support/fact.js';

const fact = (kind: string, name: string, points: number): Fact => ({ kind, name, values: { points } });
const fileOf = (...facts: readonly Fact[]): string => facts.map((each) => `${JSON.stringify(each)}\n`).join('');

describe('facts of several runs', () => {
  it('of one kind and name the last counts', () => {
    const file = fileOf(fact('crash', 'sort', 1), fact('crash', 'publish', 2), fact('crash', 'sort', 3));
    expect([...lastFacts(file)].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      fact('crash', 'publish', 2),
      fact('crash', 'sort', 3),
    ]);
  });

  it('the same name under another kind, and kind and name that read alike when put together, are others', () => {
    const facts = [fact('fuzz', 'link', 1), fact('malformed', 'link', 2), fact('a b', 'c', 3), fact('a', 'b c', 4)];
    expect(lastFacts(fileOf(...facts))).toEqual(facts);
  });

  it('stand in the tables once each', () => {
    const lines = factTables(lastFacts(fileOf(fact('crash', 'sort', 1), fact('crash', 'sort', 3))));
    expect(lines.filter((line) => line.startsWith('| sort'))).toEqual(['| sort | 3 |']);
  });

  it('an empty file has none; a broken line is not passed over', () => {
    expect(lastFacts('')).toEqual([]);
    expect(() => lastFacts('{"kind":"crash"')).toThrow(SyntaxError);
  });
});
