import { wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import type { WaitingRow } from '../sealed/ports.js';
import type { RegistryContext } from './context.js';
import { firstKeptEpoch } from './epochs.js';
import type { OpenOutcome } from './open-many.js';

/** A waiting row and what opening it gave. */
export interface SortableRow {
  readonly row: WaitingRow;
  readonly outcome: OpenOutcome;
}

/**
 * Opens the outer layers. A row of an epoch past its grace is `gone`: its key was destroyed and it is noise for us as for everybody.
 * Throws `STORE_INTEGRITY` if a key is missing before that, `SEALER_FAILED` if a thread ended: then nothing may be drained.
 */
export async function openRows(context: RegistryContext, rows: readonly WaitingRow[]): Promise<SortableRow[]> {
  const keys = new Map<number, Uint8Array>();
  try {
    for (const epoch of new Set(rows.map((row) => row.epoch))) {
      const key = await epochKey(context, epoch);
      if (key !== undefined) keys.set(epoch, key);
    }
    const outcomes = await context.opener.open(rows, keys, context.settings);
    return rows.map((row, i) => ({ row, outcome: outcomes[i] as OpenOutcome }));
  } finally {
    for (const key of keys.values()) wipe(key);
  }
}

async function epochKey(context: RegistryContext, epoch: number): Promise<Uint8Array | undefined> {
  const key = await context.stores.keys.epochKey(epoch);
  if (key !== undefined) return key;
  if (epoch < firstKeptEpoch(today(context.clock))) return undefined;
  throw new RegistryError('STORE_INTEGRITY', 'the private key of an epoch that is still open is missing');
}
