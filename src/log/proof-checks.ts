import { RegistryError } from '../foundation/errors.js';

/** One code and one text, whatever was wrong with a Merkle proof. */
export function proofInvalid(): RegistryError {
  return new RegistryError('PROOF_INVALID', 'the proof does not hold');
}

/** Sizes and indexes of other logs go beyond 2^53. Throws RangeError for what is no whole number. */
export function count(value: number | bigint): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError('not a whole number');
  if (value < 0) throw new RangeError('not a whole number');
  return BigInt(value);
}
