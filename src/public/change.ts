import { assertBytes } from '../foundation/bytes.js';
import { ENTRY_CHANGE_LABEL } from '../foundation/labels.js';
import { encodeTuple, u32 } from '../foundation/tuple.js';
import type { ChangeKind } from '../vocabulary/words.js';

/** What the holder of an entry's key signs; the signature stands on the leaf. */
export interface Change {
  readonly kind: ChangeKind;
  /** 32 bytes, Ed25519. */
  readonly entryPublicKey: Uint8Array;
  /** 1, 2, 3 … for `text` and `name`: an old amendment cannot be played again. 0 for the others. */
  readonly number: number;
  /** 32 bytes; zero where the change brings no content. */
  readonly salt: Uint8Array;
  /** New text (empty: none) or name; empty for the others. */
  readonly value: string;
}

/** The signed message (docs/spec/leaf.md, "Signed changes"): it names neither a register number nor a day, which the signer need not know. */
export function changeMessage({ kind, entryPublicKey, number, salt, value }: Change): Uint8Array {
  assertBytes(entryPublicKey, 'entryPublicKey', 32);
  assertBytes(salt, 'salt', 32);
  return encodeTuple(ENTRY_CHANGE_LABEL, kind, entryPublicKey, u32(number), salt, value);
}
