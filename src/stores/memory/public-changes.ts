import { equalBytes, toHex } from '../../foundation/bytes.js';
import type { ChangedEntry, PendingChange, SettledChange } from '../../public/ports.js';
import { kindsOfSlot } from '../../vocabulary/words.js';
import { sortedChanges } from '../rows/public-rows.js';
import { copied } from './byte-map.js';

/** Changes that wait, and the entries that a veto locked. */
export class PublicChanges {
  readonly #waiting = new Map<string, PendingChange>();
  readonly #locked = new Set<string>();

  get size(): number {
    return this.#waiting.size;
  }

  add(changes: readonly PendingChange[]): void {
    for (const change of sortedChanges(changes)) {
      const vetoed = change.kind === 'name' && change.by === 'holder' && this.#locked.has(toHex(change.id));
      const taken = kindsOfSlot(change.kind).some((kind) => this.#waiting.has(keyOf({ id: change.id, kind })));
      if (!vetoed && !taken) this.#waiting.set(keyOf(change), copied(change));
    }
  }

  lock(ids: readonly Uint8Array[]): void {
    for (const id of ids) {
      this.#locked.add(toHex(id));
      this.#waiting.delete(keyOf({ id, kind: 'name' }));
    }
  }

  of(id: Uint8Array): { readonly nameLocked: boolean; readonly pending: readonly PendingChange[] } {
    const pending = this.due(undefined).filter((change) => equalBytes(change.id, id));
    return { nameLocked: this.#locked.has(toHex(id)), pending };
  }

  /** By id, then kind. */
  due(day: number | undefined): readonly PendingChange[] {
    const all = [...this.#waiting].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => copied(change));
    return day === undefined ? all : all.filter(({ dueDay }) => dueDay <= day);
  }

  allWait(settled: readonly SettledChange[]): boolean {
    const once = new Set(settled.map(keyOf)).size === settled.length;
    return once && settled.every((change) => equalBytes(this.#waiting.get(keyOf(change))?.salt ?? new Uint8Array(0), change.salt));
  }

  settle(settled: readonly SettledChange[], entries: readonly ChangedEntry[]): void {
    for (const change of settled) this.#waiting.delete(keyOf(change));
    for (const { id, changed } of entries) {
      if (changed.retractedAt === undefined && changed.removedAt === undefined) continue;
      for (const kind of ['text', 'name'] as const) this.#waiting.delete(keyOf({ id, kind }));
    }
  }
}

function keyOf({ id, kind }: Pick<PendingChange, 'id' | 'kind'>): string {
  return `${toHex(id)} ${kind}`;
}
