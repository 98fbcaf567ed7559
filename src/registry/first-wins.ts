import { RegistryError } from '../foundation/errors.js';

/**
 * For keys that two processes may make at once: the key store keeps the first and answers the second with `STORE_BUSY`. Whoever comes
 * second is content, and reads what is there.
 */
export async function firstWins(put: Promise<void>): Promise<void> {
  try {
    await put;
  } catch (error) {
    if (!(error instanceof RegistryError && error.code === 'STORE_BUSY')) throw error;
  }
}
