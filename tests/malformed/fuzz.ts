import { RegistryError } from '../../src/foundation/errors.js';
import { echoOf } from './echo.js';
import type { Format } from './formats.js';
import { readBases, readMalformations } from './load.js';
import { dice, mutated } from './mutate.js';

/** Longer seeds, such as a million brackets, would be the same case again and again. */
const LONGEST_SEED = 64 * 1024;

export interface FuzzReport {
  readonly cases: number;
  /** Inputs that decoded; each was encoded to the same bytes. */
  readonly accepted: number;
  readonly slowestMilliseconds: number;
  /** The first defects, with what is needed to make them again. */
  readonly defects: readonly string[];
}

const MOST_DEFECTS = 5;

/**
 * Mutates the files of a format's folder and reads the results. A defect is an exception that is none of the format's codes, a message that
 * repeats what was in the input, or bytes that decode and encode to others. Case `i` depends on seed, format and `i` alone.
 */
export async function fuzz(format: Format, seed: string, cases: number): Promise<FuzzReport> {
  const bases = readBases(format.name).map(({ bytes }) => bytes);
  const near = readMalformations(format.name).map(({ bytes }) => bytes);
  // Well-formed ones three times in four: what is nearly right reaches deepest.
  const inputs = [...Array.from({ length: Math.ceil((3 * near.length) / bases.length) }, () => bases).flat(), ...near];
  const short = inputs.filter(({ length }) => length <= LONGEST_SEED);
  const defects: string[] = [];
  /** Looked at once: a message that repeats something of its input does so when it is first heard. */
  const heard = new Set<string>();
  let accepted = 0;
  let slowest = 0;
  for (let i = 0; i < cases && defects.length < MOST_DEFECTS; i++) {
    const roll = dice(`${seed}/${format.name}/${i}`);
    const plain = mutated(short, roll);
    const bytes = format.repair !== undefined && roll.below(2) === 0 ? format.repair(plain) : plain;
    const began = performance.now();
    const outcome = await outcomeOf(format, bytes, heard);
    slowest = Math.max(slowest, performance.now() - began);
    if (outcome === 'same') accepted++;
    else if (outcome !== 'refused')
      defects.push(`${outcome}: ${format.name}, seed ${seed}, case ${i}, ${Buffer.from(bytes.subarray(0, 256)).toString('hex')}`);
  }
  return { cases, accepted, slowestMilliseconds: slowest, defects };
}

async function outcomeOf(format: Format, bytes: Uint8Array, heard: Set<string>): Promise<string> {
  // The parser may keep or wipe what it is given: it gets a copy.
  const given = new Uint8Array(bytes);
  try {
    const result = format.again(given);
    const again = result instanceof Promise ? await result : result;
    return Buffer.compare(again, bytes) === 0 ? 'same' : 'encodes to other bytes';
  } catch (error) {
    const code = error instanceof RegistryError ? error.code : error instanceof Error ? error.name : typeof error;
    if (!format.refusals.includes(code)) return `throws ${code}`;
    const said = saidBy(error);
    const echoed = !heard.has(said) && echoOf(bytes, said) !== undefined;
    heard.add(said);
    return echoed ? 'repeats its input' : 'refused';
  }
}

/** Everything an operator would read about an error. */
export function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const details = error instanceof RegistryError ? Object.values(error.details) : [];
  return [error.message, String(error), ...details].join('\u{10fffd}');
}
