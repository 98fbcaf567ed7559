import type { Fact } from '../support/fact.js';

const HEADINGS: Readonly<Record<string, string>> = {
  attack: 'Attacks on seized files, memory and networks',
  timing: 'Timing',
  crash: 'Kills and faults',
  model: 'Model-based runs',
  malformed: 'Malformed input, one file each',
  fuzz: 'Fuzzing',
  mutation: 'Mutation testing',
};

/** One table for each kind of fact; its columns are the names of its values. */
export function factTables(facts: readonly Fact[]): readonly string[] {
  const kinds = new Map<string, Fact[]>();
  for (const fact of facts) kinds.set(fact.kind, [...(kinds.get(fact.kind) ?? []), fact]);
  const known = Object.keys(HEADINGS).filter((kind) => kinds.has(kind));
  const others = [...kinds.keys()].filter((kind) => !Object.hasOwn(HEADINGS, kind)).sort();
  return [...known, ...others].flatMap((kind) => [`## ${HEADINGS[kind] ?? kind}`, '', ...table(kinds.get(kind) ?? []), '']);
}

function table(facts: readonly Fact[]): readonly string[] {
  const columns = [...new Set(facts.flatMap(({ values }) => Object.keys(values)))];
  const cell = (value: string | number | undefined): string => String(value ?? '').replaceAll('|', '\\|');
  const rows = [...facts]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, values }) => `| ${cell(name)} | ${columns.map((column) => cell(values[column])).join(' | ')} |`);
  return [`| | ${columns.join(' | ')} |`, `|---|${columns.map(() => '--:|').join('')}`, ...rows];
}
