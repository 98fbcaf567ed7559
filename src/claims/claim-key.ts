import { scrypt } from '@noble/hashes/scrypt.js';
import { encodeTuple } from '../foundation/tuple.js';
import { deriveKey } from '../foundation/kdf.js';
import { RegistryError } from '../foundation/errors.js';
import { isWellFormed, utf8 } from '../foundation/bytes.js';
import { LABELS } from '../foundation/labels.js';

/** What a phrase leads to (docs/spec/claim.md). Locator and key are independent: the store that has the locator cannot open the row. */
export interface ClaimKey {
  /** 32 bytes; the row's name in the claims store. */
  readonly locator: Uint8Array;
  /** 32 bytes. */
  readonly rowKey: Uint8Array;
}

/** RFC 7914; 32 MiB, about 0.1 s. A PIN protects a found phrase; it does not have to withstand a state that enumerates 8 digits. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 };
const PIN_MIN = 8;
const PIN_MAX = 128;

/** `pin`: at least 8 digits, letters or words. A wrong one leads to another locator, that is: to nothing. Throws `PIN_INVALID`. */
export function deriveClaimKey(entropy: Uint8Array, pin?: string): ClaimKey {
  const root =
    pin === undefined ? deriveKey(entropy, LABELS.claimRoot) : scrypt(normalisePin(pin), encodeTuple(LABELS.claimRoot, entropy), SCRYPT);
  return { locator: deriveKey(root, LABELS.claimLocator), rowKey: deriveKey(root, LABELS.claimRowKey) };
}

/** Throws `PIN_INVALID`. For a check before anything is sealed. */
export function assertPin(pin: string): void {
  normalisePin(pin);
}

function normalisePin(pin: string): Uint8Array {
  const text =
    typeof pin === 'string' && isWellFormed(pin) && pin.length <= PIN_MAX ? pin.normalize('NFKC').trim().replace(/\s+/gu, ' ') : '';
  if ([...text].length < PIN_MIN)
    throw new RegistryError('PIN_INVALID', `a PIN has ${PIN_MIN} to ${PIN_MAX} digits or letters`, { limit: PIN_MIN });
  return utf8(text);
}
