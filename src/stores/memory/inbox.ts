import { assertBytes, compareBytes, equalBytes } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type {
  ImportProgress,
  ImportStep,
  InboxRow,
  InboxStore,
  PutResult,
  QuarantinedFrom,
  QuarantineRow,
  StoreProblem,
  WaitingRow,
} from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import type { OpenState } from '../open-state.js';
import { assertStep, isNextStep, openedIds, sortedInboxRows, sortedQuarantineRows } from '../rows/sealed-rows.js';
import { assertWhole, sortedIds } from '../sorted-rows.js';
import { ByteMap, copied } from './byte-map.js';

/** For tests and short-lived registries: everything is gone with the process. Each method runs in one step, so it is all or nothing. */
export class MemoryInboxStore implements InboxStore {
  readonly #state: OpenState;
  readonly #seen = new ByteMap<{ readonly id: Uint8Array; readonly epoch: number }>();
  readonly #waiting = new ByteMap<WaitingRow>();
  readonly #quarantine = new ByteMap<QuarantineRow>();
  readonly #imports = new ByteMap<ImportProgress>();

  constructor(state: OpenState) {
    this.#state = state;
  }

  async put(rows: readonly InboxRow[], step?: ImportStep): Promise<PutResult> {
    this.#state.assertOpen();
    const sorted = sortedInboxRows(rows);
    if (step !== undefined) this.#takeStep(step, rows.length);
    const duplicates: Uint8Array[] = [];
    const differing: Uint8Array[] = [];
    for (const row of sorted) {
      const waiting = this.#waiting.get(row.id);
      if (waiting === undefined && !this.#seen.has(row.id)) {
        this.#waiting.set(row.id, { ...copied(row), failures: 0, begun: false });
        continue;
      }
      duplicates.push(row.id);
      if (waiting !== undefined && !equalBytes(waiting.submission, row.submission)) differing.push(row.id);
    }
    return { duplicates, differing };
  }

  async seen(ids: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    this.#state.assertOpen();
    return sortedIds(ids).filter((id) => this.#waiting.has(id) || this.#seen.has(id));
  }

  async waiting(): Promise<{ readonly count: number; readonly oldestDay: number | undefined }> {
    this.#state.assertOpen();
    let oldestDay: number | undefined;
    for (const { arrivedDay } of this.#waiting.sorted()) oldestDay = Math.min(arrivedDay, oldestDay ?? arrivedDay);
    return { count: this.#waiting.size, oldestDay };
  }

  async take(limit: number, arrivedUntil: number = Number.MAX_SAFE_INTEGER, after?: Uint8Array): Promise<readonly WaitingRow[]> {
    this.#state.assertOpen();
    assertWhole(limit, 'limit', 1);
    assertWhole(arrivedUntil, 'arrivedUntil', Number.MIN_SAFE_INTEGER);
    if (after !== undefined) assertBytes(after, 'after', ID_LENGTH);
    const later = this.#waiting.sorted().filter(({ id }) => after === undefined || compareBytes(id, after) > 0);
    const arrived = later.filter((row) => row.arrivedDay <= arrivedUntil);
    return arrived.slice(0, limit).map(copied);
  }

  async begin(ids: readonly Uint8Array[]): Promise<void> {
    this.#state.assertOpen();
    for (const id of sortedIds(ids)) {
      const row = this.#waiting.get(id);
      if (row !== undefined) this.#waiting.set(id, { ...row, begun: true });
    }
  }

  async countFailure(ids: readonly Uint8Array[]): Promise<void> {
    this.#state.assertOpen();
    for (const id of sortedIds(ids)) {
      const row = this.#waiting.get(id);
      if (row !== undefined) this.#waiting.set(id, { ...row, failures: row.failures + 1 });
    }
  }

  async drain(removed: readonly Uint8Array[], quarantined: readonly QuarantinedFrom[]): Promise<void> {
    this.#state.assertOpen();
    const kept = sortedQuarantineRows(quarantined);
    for (const id of openedIds(removed, kept)) {
      const row = this.#waiting.get(id);
      if (row !== undefined && !this.#seen.has(id)) this.#seen.set(id, copied({ id, epoch: row.epoch }));
      this.#waiting.delete(id);
    }
    for (const { from, failures, id, sealed } of kept) {
      if (!this.#quarantine.has(id)) this.#quarantine.set(id, copied({ id, sealed }));
      if (this.#waiting.get(from)?.failures === failures) this.#waiting.delete(from);
    }
  }

  async *quarantined(): AsyncIterable<QuarantineRow> {
    this.#state.assertOpen();
    for (const row of this.#quarantine.sorted()) yield copied(row);
  }

  async quarantineSize(): Promise<number> {
    this.#state.assertOpen();
    return this.#quarantine.size;
  }

  async forgetBefore(epoch: number): Promise<{ readonly dropped: number }> {
    this.#state.assertOpen();
    assertWhole(epoch, 'epoch');
    const noise = this.#waiting.sorted().filter((row) => row.epoch < epoch);
    for (const row of noise) this.#waiting.delete(row.id);
    for (const row of this.#seen.sorted()) if (row.epoch < epoch) this.#seen.delete(row.id);
    return { dropped: noise.length };
  }

  async importProgress(importId: Uint8Array): Promise<ImportProgress | undefined> {
    this.#state.assertOpen();
    assertBytes(importId, 'importId', ID_LENGTH);
    const progress = this.#imports.get(importId);
    return progress === undefined ? undefined : copied(progress);
  }

  async check(): Promise<readonly StoreProblem[]> {
    this.#state.assertOpen();
    return [];
  }

  #takeStep(step: ImportStep, rows: number): void {
    assertStep(step);
    const { importId, nextRow, groupSecret, finished } = step;
    if (!isNextStep(this.#imports.get(importId), step, rows))
      throw new RegistryError('STORE_BUSY', 'another run of this import was faster; read its position again', { retryable: true });
    this.#imports.set(importId, copied({ importId, nextRow, groupSecret, finished }));
  }
}
