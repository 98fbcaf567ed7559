import { RegistryError } from '../foundation/errors.js';
import type { SignedCheckpoint } from '../log/ports.js';
import type { RegistryContext } from './context.js';
import { logVerifierKey } from './log-key.js';
import { tilesOfStore } from './log-tree.js';
import { signLog } from './sign-log.js';
import { gatherCosignatures } from './witness-gate.js';

/** Where the log stands. `settled`: signed, and cosigned by as many witnesses as the host asks for. */
export interface LogHead extends SignedCheckpoint {
  readonly settled: boolean;
  /** Witnesses that say they have seen another history: stop and look (docs/operations-log.md). */
  readonly conflicts: number;
}

/**
 * Finishes the last publication: its signature, then its witnesses. Waits for them as long as the host allows, and leaves what came. Nothing is
 * taken back: a checkpoint without its quorum is asked for again by the next call. Undefined for an empty log.
 * Throws as `signLog` does, and `LOG_POLICY_INVALID`.
 */
export async function settleLog(context: RegistryContext): Promise<LogHead | undefined> {
  const { stores, witnesses, clock, cosigned } = context;
  const signed = await signLog(context);
  if (signed === undefined || witnesses === undefined) return signed && { ...signed, settled: true, conflicts: 0 };
  const log = await logVerifierKey(context);
  const reader = tilesOfStore(stores.public);
  const { note, satisfied, conflicts } = await gatherCosignatures({
    note: signed.note,
    reader,
    witnesses,
    log,
    clock,
    remembered: cosigned,
  });
  if (note !== signed.note) await stores.public.replaceCheckpoint(signed, note);
  if (conflicts > 0) context.logger.error('conflict', { count: conflicts });
  return { size: signed.size, note, settled: satisfied, conflicts };
}

/** The same for whoever needs a log that may be shown. Throws `WITNESSES_TOO_FEW` (retryable). */
export async function settledLog(context: RegistryContext): Promise<LogHead | undefined> {
  const head = await settleLog(context);
  if (head !== undefined && !head.settled)
    throw new RegistryError('WITNESSES_TOO_FEW', 'the last batch waits for its witnesses', { retryable: true });
  return head;
}
