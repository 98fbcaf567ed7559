import type { Output } from './output.js';

/** `--json`: exactly one document on stdout. */
export function printJson(output: Output, value: unknown): void {
  output.out(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Names and values in two columns. */
export function printFacts(output: Output, facts: readonly (readonly [name: string, value: string | number])[], indent = '  '): void {
  const width = Math.max(0, ...facts.map(([name]) => displayWidth(name)));
  for (const [name, value] of facts) output.out(`${indent}${padEnd(name, width)}  ${typeof value === 'number' ? grouped(value) : value}\n`);
}

/** `1234567` as `1,234,567`, the same in every locale. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

const NO_WIDTH = /^[\p{M}\p{Cf}]$/u;
/** East Asian wide and full-width, near enough for aligning columns (UAX #11 has the whole list). */
const DOUBLE_WIDTH =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\u3000-\u303f\uff01-\uff60]$/u;

/** Columns a terminal takes for the text. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : DOUBLE_WIDTH.test(character) ? 2 : 1;
  return width;
}
