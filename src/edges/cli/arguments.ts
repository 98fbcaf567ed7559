import { parseArgs } from 'node:util';
import { RegistryError } from '../../index.js';

/** `text` takes one value, `list` may come several times, `flag` takes none. */
export type OptionSpecs = Readonly<Record<string, 'text' | 'list' | 'flag'>>;

/** Every command knows these. */
const COMMON: OptionSpecs = { json: 'flag', help: 'flag' };

/** Wrong use of the command line. The message never repeats what was typed: it might be a name. */
export function usageError(message: string): RegistryError {
  return new RegistryError('USAGE', message);
}

/** The words after the command's name, checked against what it takes. */
export class Arguments {
  readonly #values: Readonly<Record<string, readonly (string | boolean)[]>>;
  readonly operands: readonly string[];

  /** Throws `USAGE`. */
  constructor(
    argv: readonly string[],
    options: OptionSpecs,
    operands: { readonly least: number; readonly most: number } = { least: 0, most: 0 },
  ) {
    const { values, positionals } = parse(argv, { ...options, ...COMMON });
    this.#values = values;
    this.operands = positionals;
    if (this.flag('help')) return;
    if (positionals.length < operands.least) throw usageError('something is missing');
    if (positionals.length > operands.most) throw usageError('more words than this command takes');
  }

  flag(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  list(name: string): readonly string[] {
    return (this.#values[name] ?? []).map(String);
  }

  text(name: string): string | undefined {
    return this.list(name)[0];
  }

  /** Throws `USAGE` when it was not given. */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw usageError(`--${name} is missing`);
    return value;
  }

  /** A whole number within bounds, or undefined when it was not given. Throws `USAGE`. */
  whole(name: string, least: number, most: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) throw usageError(`--${name} must be a whole number from ${least} to ${most}`);
    return number;
  }

  /** A day `YYYY-MM-DD`, or undefined when it was not given. Throws `USAGE`. */
  day(name: string): string | undefined {
    const value = this.text(name);
    const time = value !== undefined && /^(19[7-9]|2\d\d)\d-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN;
    // JavaScript reads 2026-02-30 as the second of March in places.
    if (value !== undefined && (Number.isNaN(time) || !new Date(time).toISOString().startsWith(value)))
      throw usageError(`--${name} must be a day like 2026-11-21`);
    return value;
  }

  /** One of a few words, or undefined when it was not given. Throws `USAGE`. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const word = words.find((each) => each === value);
    if (word === undefined) throw usageError(`--${name} must be one of: ${words.join(', ')}`);
    return word;
  }
}

function parse(argv: readonly string[], specs: OptionSpecs): { values: Record<string, (string | boolean)[]>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, kind]) => [name, { type: kind === 'flag' ? 'boolean' : 'string', multiple: true } as const]),
  );
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch {
    // Node's message quotes the words.
    throw usageError('an option is unknown, or its value is missing');
  }
  const values = parsed.values as Record<string, (string | boolean)[]>;
  for (const [name, given] of Object.entries(values)) {
    if (given.length > 1 && specs[name] === 'text') throw usageError(`--${name} may be given once`);
    if (given.includes('')) throw usageError(`--${name} is empty`);
  }
  if (parsed.positionals.includes('')) throw usageError('an empty word');
  return { values, positionals: parsed.positionals };
}
