import type { Backend, MlKem768Encapsulate } from './backend.js';
import { assertBytes, equalBytes } from './bytes.js';

const PUBLIC_KEY_LENGTH = 1184;
/** Vault, link, the day's epoch, and the one before it. */
const MOST_KEYS = 4;

interface KnownKey {
  readonly publicKey: Uint8Array;
  readonly encapsulate: MlKem768Encapsulate;
}

/**
 * The same backend, but ML-KEM public keys are expanded once and not at every encapsulation: half the work of sealing many to the same few
 * keys. What it keeps is public, and compared byte by byte. Make one for a bulk of work or a registry; a backend whose keys need no expansion
 * comes back as it is.
 */
export function rememberKeys(backend: Backend): Backend {
  const { mlKem768Encapsulator, ...rest } = backend;
  if (mlKem768Encapsulator === undefined) return backend;
  let known: readonly KnownKey[] = [];
  return {
    ...rest,
    mlKem768Encapsulate(publicKey, random) {
      assertBytes(publicKey, 'publicKey', PUBLIC_KEY_LENGTH);
      const found = known.find((key) => equalBytes(key.publicKey, publicKey));
      if (found !== undefined) return found.encapsulate(random);
      const fresh = { publicKey: publicKey.slice(), encapsulate: mlKem768Encapsulator(publicKey) };
      known = [fresh, ...known].slice(0, MOST_KEYS);
      return fresh.encapsulate(random);
    },
  };
}
