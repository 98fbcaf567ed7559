import { today } from '../foundation/clock.js';
import { generateHybridPrivateKey, encodeHybridPrivateKey, hybridPublicKey } from '../foundation/hybrid-kem-open.js';
import { wipe } from '../foundation/bytes.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/** Epoch keys are one a day. A device may be offline a week: a key of day d is accepted on days d … d+6. */
export const EPOCH_VALID_DAYS = 7;
/** So many future days' keys are published ahead. */
export const EPOCH_DAYS_AHEAD = 14;
/** Private keys are destroyed so many days after their epoch closed; what is left of the inbox is noise then. */
export const EPOCH_GRACE_DAYS = 30;

/** Makes the missing epoch keys from today to `EPOCH_DAYS_AHEAD`. Safe to call from two processes: a key that exists is never replaced. */
export async function ensureEpochKeys(context: RegistryContext): Promise<number> {
  const { stores, clock } = context;
  const first = today(clock);
  const existing = new Set((await stores.keys.epochPublicKeys(first)).map(({ epoch }) => epoch));
  let made = 0;
  for (let epoch = first; epoch <= first + EPOCH_DAYS_AHEAD; epoch++) {
    if (existing.has(epoch)) continue;
    const privateKey = generateHybridPrivateKey(cryptoOptions(context));
    const encoded = encodeHybridPrivateKey(privateKey);
    const publicKey = hybridPublicKey(privateKey, cryptoOptions(context));
    await stores.keys.putEpochKey(epoch, encoded, publicKey, epoch + EPOCH_VALID_DAYS);
    wipe(encoded, privateKey.scalar, privateKey.seed);
    made++;
  }
  return made;
}

/** The oldest epoch whose private key is still needed on a day. */
export function firstKeptEpoch(day: number): number {
  return Math.max(0, day - EPOCH_VALID_DAYS - EPOCH_GRACE_DAYS + 1);
}

/** Destroys private keys past their grace and forgets what they could have opened. */
export async function destroyOldEpochs(context: RegistryContext): Promise<{ destroyed: number; dropped: number }> {
  const { stores, clock } = context;
  const firstKept = firstKeptEpoch(today(clock));
  const old = (await stores.keys.epochs()).filter((epoch) => epoch < firstKept);
  for (const epoch of old) await stores.keys.destroyEpochKey(epoch);
  const { dropped } = await stores.inbox.forgetBefore(firstKept);
  return { destroyed: old.length, dropped };
}

/** Public keys for today; makes today's epoch key if no `maintain` did. */
export async function currentPublicKeys(context: RegistryContext): Promise<PublicKeys> {
  const day = today(context.clock);
  const keys = await publicKeys(context);
  if (keys.epochs.some((key) => key.epoch === day)) return keys;
  await ensureEpochKeys(context);
  return publicKeys(context);
}

/** What a device needs to seal: custody keys, categories and the epoch keys that are still accepted. Public; serve it as a file. */
export async function publicKeys(context: RegistryContext): Promise<PublicKeys> {
  const { stores, settings, clock } = context;
  const day = today(clock);
  const epochs = await stores.keys.epochPublicKeys(Math.max(0, day - EPOCH_VALID_DAYS + 1));
  const { vault, link, quarantine } = settings.custody;
  // Copies: a caller may wipe what it was given.
  return { vault: vault.slice(), link: link.slice(), quarantine: quarantine.slice(), epochs, categories: settings.policy.categories };
}
