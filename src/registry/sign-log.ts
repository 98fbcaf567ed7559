import { equalBytes } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { decodeCheckpoint, encodeCheckpoint } from '../log/checkpoint.js';
import { parseNote } from '../log/note.js';
import type { SignedCheckpoint } from '../log/ports.js';
import { rootOf } from '../log/prove.js';
import { signNote } from '../log/sign-note.js';
import type { RegistryContext } from './context.js';
import { logSigner } from './log-key.js';
import { checkedRoot, tilesOfStore } from './log-tree.js';

/**
 * Signs the log as it is stored, if nobody has; the last step of a publication, and the first of the next if that was interrupted.
 * Undefined for an empty log.
 *
 * Signs only what it has read back from the disk, and only what goes on from everything it ever signed. What was signed is remembered beside
 * the key before anybody sees it: a register restored from an old backup signs nothing.
 * Throws `LOG_INCONSISTENT` (docs/operations-log.md), `STORE_INTEGRITY`, `LOG_KEY_INVALID`.
 */
export async function signLog(context: RegistryContext): Promise<SignedCheckpoint | undefined> {
  const { stores } = context;
  const { logSize: size } = await stores.public.state();
  const published = await stores.public.lastCheckpoint();
  const signedBefore = await stores.log.signed();
  if (size === 0 && signedBefore === undefined) return undefined;
  if (published?.size === size && signedBefore?.size === size) return published;
  const signer = await logSigner(context);
  for (const before of [published, signedBefore]) await assertGoesOn(context, before, size);
  const root = await checkedRoot(context, published?.size ?? 0, size);
  const note = signNote(encodeCheckpoint({ origin: signer.name, size, root }), [signer]);
  const signed = await stores.log.putSigned({ size, note });
  if (signed.note !== note) throw inconsistent('another history of this size was signed before');
  if (published?.size !== size) await stores.public.addCheckpoint(signed);
  return (await stores.public.lastCheckpoint()) ?? signed;
}

async function assertGoesOn({ stores, backend }: RegistryContext, before: SignedCheckpoint | undefined, size: number): Promise<void> {
  if (before === undefined) return;
  if (before.size > size) throw inconsistent('the register is older than what its log has signed');
  const { root } = decodeCheckpoint(parseNote(before.note).text);
  if (!equalBytes(await rootOf(tilesOfStore(stores.public), before.size, backend.sha256), root))
    throw inconsistent('the register has another history than its log has signed');
}

function inconsistent(problem: string): RegistryError {
  return new RegistryError('LOG_INCONSISTENT', problem);
}
