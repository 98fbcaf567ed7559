import { equalBytes } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { decodeCheckpoint, encodeCheckpoint } from '../log/checkpoint.js';
import { openNote, parseNote } from '../log/note.js';
import type { SignedCheckpoint } from '../log/ports.js';
import { rootOf } from '../log/prove.js';
import { signNote } from '../log/sign-note.js';
import { type NoteSigner, verifierOf } from '../log/signer-key.js';
import type { RegistryContext } from './context.js';
import { logSigner } from './log-key.js';
import { checkedRoot, tilesOfStore } from './log-tree.js';

/**
 * Signs the log as it is stored, if nobody has; the last step of a publication, and the first of the next if that was interrupted.
 * Undefined for an empty log.
 *
 * Signs only what it has read back from the disk, and only what goes on from everything it ever signed. What was signed is remembered beside
 * the key before anybody sees it: a register restored from an old backup signs nothing. Neither does one that published and no longer knows
 * what it signed last: its public store may be yesterday's. The operator tells it, with the newest checkpoint known outside.
 * Throws `LOG_INCONSISTENT` (docs/operations-log.md), `STORE_INTEGRITY`, `LOG_KEY_INVALID`.
 */
export async function signLog(context: RegistryContext): Promise<SignedCheckpoint | undefined> {
  const { stores } = context;
  // In the order opposite to that of writing: what another publisher adds meanwhile must not make the register look older than its log.
  const published = await stores.public.lastCheckpoint();
  const signedBefore = await stores.log.signed();
  const { logSize: size } = await stores.public.state();
  if (size === 0 && signedBefore === undefined) return undefined;
  const signer = await logSigner(context);
  for (const before of [published, signedBefore]) assertOwn(before, signer);
  if (published?.size === size && signedBefore?.size === size && textOf(published) === textOf(signedBefore)) return published;
  if (published !== undefined && signedBefore === undefined) throw inconsistent('what the log has signed last is not known here');
  for (const before of [published, signedBefore]) await assertGoesOn(context, before, size);
  const root = await checkedRoot(context, published?.size ?? 0, size);
  const note = signNote(encodeCheckpoint({ origin: signer.name, size, root }), [signer]);
  // Put there by hand, what was signed before has the signatures of witnesses too.
  const signed = signedBefore?.size === size ? signedBefore : await stores.log.putSigned({ size, note }, signedBefore?.size ?? 0);
  // Of another size: another publisher was faster, with more leaves or with fewer. What he signed is looked at as anything signed before.
  if (signed.size !== size) return signLog(context);
  if (textOf(signed) !== textOf({ size, note })) throw inconsistent('another history was signed in the place of this one');
  if (published?.size !== size) await stores.public.addCheckpoint(signed);
  return (await stores.public.lastCheckpoint()) ?? signed;
}

/** With another key of the same name it would be another log for everybody. Throws `LOG_KEY_INVALID`. */
export function assertOwn(before: SignedCheckpoint | undefined, signer: NoteSigner): void {
  if (before === undefined) return;
  try {
    openNote(before.note, [verifierOf(signer)]);
  } catch {
    throw new RegistryError('LOG_KEY_INVALID', 'what the log has signed is not signed with its key');
  }
  if (decodeCheckpoint(textOf(before)).size !== before.size) throw inconsistent('a checkpoint is kept under another size than its own');
}

function textOf({ note }: SignedCheckpoint): string {
  return parseNote(note).text;
}

async function assertGoesOn({ stores, backend }: RegistryContext, before: SignedCheckpoint | undefined, size: number): Promise<void> {
  if (before === undefined) return;
  if (before.size > size) throw inconsistent('the register is older than what its log has signed');
  const { root } = decodeCheckpoint(textOf(before));
  if (!equalBytes(await rootOf(tilesOfStore(stores.public), before.size, backend.sha256), root))
    throw inconsistent('the register has another history than its log has signed');
}

function inconsistent(problem: string): RegistryError {
  return new RegistryError('LOG_INCONSISTENT', problem);
}
