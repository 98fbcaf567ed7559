import { equalBytes, wipe } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { decodeHybridPrivateKey, hybridPublicKey } from '../foundation/hybrid-kem-open.js';
import { drawBytes } from '../foundation/random.js';
import { parseSignerKey } from '../log/signer-key.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import type { HealthProblem } from './health.js';
import { withOpenedShreds } from './kek.js';
import { assertOwn } from './sign-log.js';

/** Shreds that are opened to see whether their key is the right one: neighbours of a random place, so that a wrong key is seen at once. */
const SAMPLE = 64;

/**
 * Are the keys those of what lies in the stores? A key file that was restored from another registry, or overwritten, looks like any other; found
 * out at the next rotation or opening it would be too late. Stores that are `damaged` anyway are left out: reading them would throw.
 */
export async function keyProblems(context: RegistryContext, damaged: ReadonlySet<string>): Promise<readonly HealthProblem[]> {
  const found: (HealthProblem | undefined)[] = [];
  if (!damaged.has('shred')) found.push(await shredKeys(context));
  if (!damaged.has('keys')) found.push(await epochKeys(context));
  if (!damaged.has('public') && !damaged.has('log')) found.push(await logKey(context));
  return found.filter((problem) => problem !== undefined);
}

async function shredKeys(context: RegistryContext): Promise<HealthProblem | undefined> {
  const rows = await context.stores.shred.from(drawBytes(context.random, ID_LENGTH), SAMPLE);
  try {
    const opened = await withOpenedShreds(context, rows, (open) => rows.map(open).filter((shred) => shred !== undefined));
    wipe(...opened);
    if (opened.length === rows.length) return undefined;
    const problem = `${rows.length - opened.length} of ${rows.length} shreds looked at do not open: their key is gone or another`;
    return { store: 'shred', problem };
  } catch (error) {
    return problemOf(error, 'keys', 'a shred key is damaged');
  }
}

async function epochKeys(context: RegistryContext): Promise<HealthProblem | undefined> {
  const { keys } = context.stores;
  try {
    for (const { epoch, publicKey } of await keys.epochPublicKeys(0)) {
      const bytes = await keys.epochKey(epoch);
      if (bytes === undefined) continue;
      const key = decodeHybridPrivateKey(bytes);
      const belongs = equalBytes(hybridPublicKey(key, cryptoOptions(context)), publicKey);
      wipe(bytes, key.scalar, key.seed);
      if (!belongs) return { store: 'keys', problem: 'an epoch key does not open what devices seal to it' };
    }
    return undefined;
  } catch (error) {
    return problemOf(error, 'keys', 'an epoch key is damaged');
  }
}

async function logKey({ stores }: RegistryContext): Promise<HealthProblem | undefined> {
  try {
    const signed = [await stores.public.lastCheckpoint(), await stores.log.signed()].filter((checkpoint) => checkpoint !== undefined);
    if (signed.length === 0) return undefined;
    const signer = parseSignerKey((await stores.log.key()) ?? '');
    for (const checkpoint of signed) assertOwn(checkpoint, signer);
    return undefined;
  } catch (error) {
    return problemOf(error, 'log', 'the key of the log is gone, damaged, or not the one that signed it (docs/operations-log.md)');
  }
}

/** What cannot be read is a problem of the store; what cannot be reached (`STORE_BUSY`) passes through. */
function problemOf(error: unknown, store: string, problem: string): HealthProblem {
  if (!(error instanceof RegistryError) || error.code === 'STORE_BUSY' || error.code === 'STORE_FAILED') throw error;
  return { store, problem };
}
