import { concatBytes } from '../foundation/bytes.js';
import { signMessage } from '../foundation/ed25519.js';
import { cosignatureMessage } from './note.js';
import { signatureLine } from './sign-note.js';
import type { NoteSigner } from './signer-key.js';

export { cosignatureMessage } from './note.js';

/**
 * A witness's signature line, with its newline: at this time the tree of this checkpoint is the largest it has seen, and it continues all
 * before (C2SP tlog-cosignature). Signing without having checked that is the one thing a witness must not do.
 * `text` is the note's text; the signer is of type 4 (RangeError).
 */
export function cosign(text: string, signer: NoteSigner, seconds: number): string {
  if (signer.type !== 4) throw new RangeError('a cosignature needs a key of type 4');
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  const signature = concatBytes(time, signMessage(cosignatureMessage(text, seconds), signer.seed));
  return signatureLine({ name: signer.name, keyId: signer.keyId, signature });
}
