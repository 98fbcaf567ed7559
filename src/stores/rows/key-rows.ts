import { assertBytes } from '../../foundation/bytes.js';
import { assertWhole } from '../sorted-rows.js';

/** scalar(32) ‖ ML-KEM seed(64). */
export const EPOCH_KEY_LENGTH = 96;
export const KEK_LENGTH = 32;

/** What every key store refuses. TypeError and RangeError: a caller's bug. */
export function assertEpochKeys(epoch: number, key: Uint8Array, publicKey: Uint8Array, expires: number): void {
  assertWhole(epoch, 'epoch');
  assertWhole(expires, 'expires');
  assertSecret(key, EPOCH_KEY_LENGTH);
  assertBytes(publicKey, 'publicKey');
}

export function assertKek(generation: number, key: Uint8Array): void {
  assertWhole(generation, 'generation');
  assertSecret(key, KEK_LENGTH);
}

/** What an interrupted destruction leaves: no key, and never to be taken for one. */
export function isErased(key: Uint8Array): boolean {
  return key.every((byte) => byte === 0);
}

function assertSecret(key: Uint8Array, length: number): void {
  assertBytes(key, 'key', length);
  if (isErased(key)) throw new RangeError('key must not be all zero');
}
