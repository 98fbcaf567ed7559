import { LABELS } from '../foundation/labels.js';
import { hashTuple } from '../foundation/tuple.js';
import type { ImportProgress } from '../sealed/ports.js';
import type { Refusal } from '../submit/refusal.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';

/** What is told and kept of an import: numbers, codes and its position; nothing of a row. */
export interface RegisterProgress {
  /** Rows read so far, skipped ones included. */
  readonly rows: number;
  readonly accepted: number;
  /** Rows of an earlier run of the same import. */
  readonly skipped: number;
  /** Rejected in this batch. */
  readonly rejected: readonly RejectedRow[];
  readonly rejectedTotal: number;
}

/** 1-based row, code and field. */
export type RejectedRow = Refusal & { readonly row: number };

/** Where an import goes on; 32 bytes name its source. What is stored of the name is a hash. */
export async function importPosition(context: RegistryContext, source: Uint8Array): Promise<ImportProgress> {
  const importId = hashTuple(LABELS.importId, source).slice(0, ID_LENGTH);
  const begun = await context.stores.inbox.importProgress(importId);
  return begun ?? { importId, nextRow: 0, groupSecret: context.random.bytes(ID_LENGTH), finished: false };
}
