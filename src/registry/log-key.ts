import { RegistryError } from '../foundation/errors.js';
import { toHex } from '../foundation/bytes.js';
import { drawBytes } from '../foundation/random.js';
import { ED25519_SEED_LENGTH, publicKeyOfSeed } from '../foundation/ed25519.js';
import { encodeSignerKey, makeSigner, type NoteSigner, parseSignerKey, verifierOf } from '../log/signer-key.js';
import { encodeVerifierKey } from '../log/verifier-key.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/** So many hex digits of its own key name a log whose operator gave it no name. RFC 6761 keeps `.invalid` free for ever. */
const NAME_DIGITS = 16;

/**
 * The key that signs checkpoints; made when it is first asked for. Its name is the origin of the log and stays for the life of the log.
 * Throws `LOG_KEY_INVALID` where the key is gone or damaged, or has another name than the host now asks for (docs/operations-log.md).
 */
export async function logSigner(context: RegistryContext): Promise<NoteSigner> {
  const { stores, random, origin } = context;
  let key = await stores.log.key();
  if (key === undefined) {
    // Another key would be another log, and silently so.
    if ((await stores.public.lastCheckpoint()) !== undefined) throw new RegistryError('LOG_KEY_INVALID', 'the key of this log is gone');
    const seed = drawBytes(random, ED25519_SEED_LENGTH);
    const name = origin ?? `${toHex(publicKeyOfSeed(seed, cryptoOptions(context))).slice(0, NAME_DIGITS)}.invalid`;
    await stores.log.putKey(encodeSignerKey(makeSigner(name, seed, 1)));
    key = await stores.log.key();
  }
  const signer = parseSignerKey(key ?? '');
  if (origin !== undefined && signer.name !== origin) throw new RegistryError('LOG_KEY_INVALID', 'the log exists under another origin');
  return signer;
}

/** The log's public key for verifiers, `<origin>+<id>+<base64>` (docs/spec/log.md, verifier key). */
export async function logVerifierKey(context: RegistryContext): Promise<string> {
  return encodeVerifierKey(verifierOf(await logSigner(context)));
}
