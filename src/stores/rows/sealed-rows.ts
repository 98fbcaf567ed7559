import { assertBytes, toHex } from '../../foundation/bytes.js';
import type { ImportProgress, ImportStep, InboxRow, QuarantinedFrom, ShredRow, VaultRow } from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import { assertWhole, sortedById, sortedIds } from '../sorted-rows.js';

// What every sealed store refuses, whatever it is built on, and the order it writes in. TypeError and RangeError: a caller's bug.

const DIGEST_LENGTH = 32;
/** nonce(24) ‖ XChaCha20-Poly1305 of 32 bytes. */
const WRAPPED_LENGTH = 72;

export function sortedInboxRows(rows: readonly InboxRow[]): readonly InboxRow[] {
  for (const row of rows) {
    assertWhole(row.epoch, 'epoch');
    assertWhole(row.arrivedDay, 'arrivedDay');
    assertBytes(row.submission, 'submission');
  }
  return sortedById(rows);
}

export function sortedQuarantineRows(rows: readonly QuarantinedFrom[]): readonly QuarantinedFrom[] {
  for (const row of rows) {
    assertBytes(row.from, 'from', ID_LENGTH);
    assertWhole(row.failures, 'failures');
    assertBytes(row.sealed, 'sealed');
  }
  return sortedById(rows);
}

/**
 * Of the ids that leave the inbox those that will be remembered: what went to the quarantine is not among them. Whoever sees a submission
 * could send an altered copy ahead of it under the same id, and when that did not open, the true one must still be taken.
 */
export function openedIds(removed: readonly Uint8Array[], quarantined: readonly QuarantinedFrom[]): readonly Uint8Array[] {
  const kept = new Set(quarantined.map(({ from }) => toHex(from)));
  return sortedIds(removed).filter((id) => !kept.has(toHex(id)));
}

export function sortedVaultRows(rows: readonly VaultRow[]): readonly VaultRow[] {
  for (const row of rows) {
    assertWhole(row.period, 'period');
    assertBytes(row.digest, 'digest', DIGEST_LENGTH);
    assertBytes(row.identity, 'identity');
    assertBytes(row.contact, 'contact');
    assertBytes(row.link, 'link');
  }
  return sortedById(rows);
}

export function sortedShredRows(rows: readonly ShredRow[]): readonly ShredRow[] {
  for (const row of rows) assertShredRow(row);
  return sortedById(rows);
}

export interface Rewrap {
  readonly was: Uint8Array;
  readonly row: ShredRow;
}

export function sortedRewraps(rewraps: readonly Rewrap[]): readonly Rewrap[] {
  for (const { was, row } of rewraps) {
    assertBytes(was, 'was', WRAPPED_LENGTH);
    assertShredRow(row);
  }
  return sortedById(rewraps.map(({ was, row }) => ({ id: row.id, was, row })));
}

/** An import goes forward only. */
export function assertStep(step: ImportStep): void {
  assertBytes(step.importId, 'importId', ID_LENGTH);
  assertBytes(step.groupSecret, 'groupSecret', ID_LENGTH);
  assertWhole(step.fromRow, 'fromRow');
  assertWhole(step.nextRow, 'nextRow', step.fromRow);
  if (typeof step.finished !== 'boolean') throw new TypeError('finished must be a boolean');
}

/**
 * True if the import is where the step begins. A finished one takes the repetition of its end and nothing else: a slower run would bring
 * its group secret back.
 */
export function isNextStep(stored: Pick<ImportProgress, 'nextRow' | 'finished'> | undefined, step: ImportStep, rows: number): boolean {
  if ((stored?.nextRow ?? 0) !== step.fromRow) return false;
  return stored?.finished !== true || (step.finished && step.nextRow === step.fromRow && rows === 0);
}

function assertShredRow(row: ShredRow): void {
  assertWhole(row.generation, 'generation');
  assertBytes(row.wrapped, 'wrapped', WRAPPED_LENGTH);
}
