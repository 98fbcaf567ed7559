/** Finds byte strings of eight bytes or more that occur in one row of one world and in one row of the other: a join key by any name. */

const MOST_SLOTS_LOG2 = 24;
const WINDOW = 8;
/** A megabyte of bits, looked at first: most windows of sealed bodies are in no table, and the table does not fit into a cache. */
const BITS_LOG2 = 23;
const LEAST_DISTINCT = 5;
const MANY = -2;

/** Eight-byte windows and the one row each belongs to, or "many". */
class WindowIndex {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #owner: Int32Array;
  readonly #mask: number;
  readonly #known = new Uint8Array(1 << (BITS_LOG2 - 3));
  #used = 0;

  /** `bytes`: how many there will be to index. A small table stays in the processor's cache. */
  constructor(bytes: number) {
    const slots = 1 << Math.min(MOST_SLOTS_LOG2, Math.ceil(Math.log2(2 * bytes + 2)));
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#owner = new Int32Array(slots).fill(-1);
    this.#mask = slots - 1;
  }

  add(owner: number, row: Buffer): void {
    for (let at = 0; at + WINDOW <= row.length; at++) {
      if (!isTelling(row, at)) continue;
      const slot = this.#find(row, at);
      const known = this.#owner[slot] as number;
      if (known === -1) {
        if (++this.#used > this.#mask * 0.7) throw new RangeError('too many windows');
        this.#low[slot] = row.readUInt32LE(at);
        this.#high[slot] = row.readUInt32LE(at + 4);
        this.#owner[slot] = owner;
        const bit = bitOf(row, at);
        this.#known[bit >>> 3] = (this.#known[bit >>> 3] as number) | (1 << (bit & 7));
      } else if (known !== owner) this.#owner[slot] = MANY;
    }
  }

  /** The row a window belongs to, `undefined` if it is unknown or belongs to many. */
  owner(row: Buffer, at: number): number | undefined {
    const bit = bitOf(row, at);
    if (((this.#known[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return undefined;
    const owner = this.#owner[this.#find(row, at)] as number;
    return owner < 0 ? undefined : owner;
  }

  #find(row: Buffer, at: number): number {
    const low = row.readUInt32LE(at);
    const high = row.readUInt32LE(at + 4);
    const mixed = Math.imul(low ^ (high >>> 15), 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 13)) & this.#mask;
    while (this.#owner[slot] !== -1 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & this.#mask;
    return slot;
  }
}

function bitOf(row: Buffer, at: number): number {
  const low = (row[at] as number) | ((row[at + 1] as number) << 8) | ((row[at + 2] as number) << 16) | ((row[at + 3] as number) << 24);
  const high = (row[at + 4] as number) | ((row[at + 5] as number) << 8) | ((row[at + 6] as number) << 16) | ((row[at + 7] as number) << 24);
  return (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> (32 - BITS_LOG2);
}

/** Runs of zeros, page numbers and the like are layout, not keys. */
function isTelling(row: Buffer, at: number): boolean {
  let distinct = 0;
  for (let i = 0; i < WINDOW && distinct < LEAST_DISTINCT; i++) {
    let before = 0;
    while (before < i && row[at + before] !== row[at + i]) before++;
    if (before === i) distinct++;
  }
  return distinct >= LEAST_DISTINCT;
}

/**
 * For each row of `left`, the row of `right` it shares the most windows with; undefined where there is none. Only windows count that stand in
 * one row of the smaller side, and smaller-side rows that are found everywhere count as constants. Rows are all bytes an attacker has of a row.
 */
export function joinBySharedBytes(left: readonly Buffer[], right: readonly Buffer[]): (number | undefined)[] {
  const weight = (rows: readonly Buffer[]) => rows.reduce((sum, row) => sum + row.length, 0);
  const indexRight = weight(right) <= weight(left);
  const [small, large] = indexRight ? [right, left] : [left, right];
  const index = new WindowIndex(weight(small));
  for (const [owner, row] of small.entries()) index.add(owner, row);
  /** By row of the small side: windows shared with each row of the large side. */
  const votes = small.map(() => new Map<number, number>());
  for (const [i, row] of large.entries()) {
    for (let at = 0; at + WINDOW <= row.length; at++) {
      const owner = index.owner(row, at);
      if (owner === undefined) continue;
      const of = votes[owner] as Map<number, number>;
      of.set(i, (of.get(i) ?? 0) + 1);
    }
  }
  const guesses: (number | undefined)[] = left.map(() => undefined);
  const most = left.map(() => 0);
  for (const [owner, of] of votes.entries()) {
    if (of.size > Math.max(1, large.length / 8)) continue;
    for (const [found, count] of of) {
      const [l, r] = indexRight ? [found, owner] : [owner, found];
      if (count > (most[l] as number)) [most[l], guesses[l]] = [count, r];
    }
  }
  return guesses;
}

/** 16-byte strings that stand exactly once in each of two files: remnants of a join key outside the live rows. */
export function sharedOnce(left: Buffer, right: Buffer): number {
  const count = (file: Buffer): WindowIndex => {
    const index = new WindowIndex(2 * file.length);
    for (let at = 0, owner = 0; at + 4096 <= file.length + 4095; at += 4096, owner++)
      index.add(owner, file.subarray(at, at + 4096 + WINDOW - 1));
    return index;
  };
  const index = count(right);
  let shared = 0;
  let run = 0;
  for (let at = 0; at + WINDOW <= left.length; at++) {
    run = index.owner(left, at) !== undefined ? run + 1 : 0;
    if (run === 16 - WINDOW + 1 && new Set(left.subarray(at - 8, at + 8)).size >= 12) shared++;
  }
  return shared;
}
