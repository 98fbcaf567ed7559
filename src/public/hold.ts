import type { Policy } from '../vocabulary/policy.js';
import type { PoolItem } from './ports.js';

export interface SelectedItem {
  readonly item: PoolItem;
  /** True where the entry's period is shown as `earlier`, because its cell never reached `k`. */
  readonly coarsen: boolean;
}

/** What one batch takes. Items that are not yet due are in neither list. */
export interface Selection {
  readonly publish: readonly SelectedItem[];
  /** Due, but held back because their cell is too small. */
  readonly held: readonly PoolItem[];
  /** Sizes of the held cells, by cell key. */
  readonly heldCells: ReadonlyMap<string, number>;
  /** Statements in the smallest cell that goes out: the achieved set size; 0 if nothing does. */
  readonly smallestCell: number;
}

/**
 * Chooses a batch from the pool. Due are items whose due day has come (all of them with `now`). A cell (set of categories) with at least `k`
 * due items goes out; a smaller one is held until one of its items is `maxHoldDays` past its due day, then all its due items go out with a
 * coarsened period. `now` does not override the hold. Categories are never falsified to fill a cell.
 *
 * What an attacker would gain without the hold: a lone statement of a rare set of categories, and the day on which it came.
 */
export function selectDue(
  items: readonly PoolItem[],
  day: number,
  policy: Pick<Policy, 'k' | 'maxHoldDays'>,
  options: { readonly now?: boolean } = {},
): Selection {
  const cells = new Map<string, PoolItem[]>();
  for (const item of items) {
    if (!options.now && item.dueDay > day) continue;
    const cell = cells.get(item.cell);
    if (cell) cell.push(item);
    else cells.set(item.cell, [item]);
  }

  const publish: SelectedItem[] = [];
  const held: PoolItem[] = [];
  const heldCells = new Map<string, number>();
  let smallestCell = 0;
  for (const [key, cell] of cells) {
    const large = cell.length >= policy.k;
    const heldLongEnough = cell.some((item) => day - item.dueDay >= policy.maxHoldDays);
    if (large || heldLongEnough) {
      for (const item of cell) publish.push({ item, coarsen: !large });
      smallestCell = smallestCell === 0 ? cell.length : Math.min(smallestCell, cell.length);
    } else {
      held.push(...cell);
      heldCells.set(key, cell.length);
    }
  }
  return { publish, held, heldCells, smallestCell };
}
