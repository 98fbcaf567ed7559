import { existsSync, readFileSync } from 'node:fs';

/**
 * SQLite files as a thief's own program reads them (https://www.sqlite.org/fileformat2.html): pages, cells, overflow chains, the list of free
 * pages, the write-ahead log. No SQLite, no recovery, no key.
 */
export interface RawRow {
  /** Blobs and texts as bytes, integers as numbers, the rest as null. */
  readonly columns: readonly (Buffer | number | null)[];
  readonly rowid: number | undefined;
  readonly page: number;
  /** Where the cell begins in its page: cells of a page are written from its end, the earlier the higher. */
  readonly offset: number;
  readonly overflow: readonly number[];
}

export interface RawFile {
  readonly pageSize: number;
  readonly pages: number;
  readonly tables: ReadonlyMap<string, readonly RawRow[]>;
  /** Free pages in the order in which they were freed: the list is a chain of trunks, the newest first, each with its leaves in order. */
  readonly free: readonly number[];
  /** Bytes of free pages that are not zero: what a deletion left behind. */
  readonly remnants: number;
  /** The same of gaps inside pages: also copies of cells that SQLite moved to another page, whether or not anything was deleted. */
  readonly gapBytes: number;
}

const LEAF_TABLE = 13;
const INNER_INDEX = 2;
const INNER_TABLE = 5;

/** The file with every committed page of its write-ahead log laid over it. */
export function readRaw(path: string): RawFile {
  const pages = pagesOf(path);
  const first = pages[0] as Buffer;
  const usable = first.length - (first[20] as number);
  const walker = new Walker(pages, usable);
  const tables = new Map<string, readonly RawRow[]>();
  for (const { columns } of walker.rows(1)) {
    const [type, name, , root] = columns;
    if (type?.toString() === 'table' && typeof root === 'number') tables.set(String(name), walker.rows(root));
    else if (typeof root === 'number') walker.rows(root);
  }
  const free = freeList(pages, first);
  const onFree = free.leaves.reduce((sum, page) => sum + notZero(pages[page - 1] as Buffer), 0);
  return { pageSize: first.length, pages: pages.length, tables, free: free.order, remnants: onFree, gapBytes: walker.gapBytes };
}

function pagesOf(path: string): Buffer[] {
  const file = readFileSync(path);
  const stated = file.readUInt16BE(16);
  const size = stated === 1 ? 65_536 : stated;
  const pages: Buffer[] = Array.from({ length: Math.floor(file.length / size) }, (_, i) => file.subarray(i * size, (i + 1) * size));
  for (const { page, bytes } of committedFrames(`${path}-wal`, size)) pages[page - 1] = bytes;
  return pages;
}

export interface Frame {
  readonly page: number;
  readonly bytes: Buffer;
  /** Frames of the running log carry its salts; others are left over from an earlier run of it. */
  readonly current: boolean;
  readonly commit: boolean;
}

export function framesOf(path: string, size: number): Frame[] {
  const wal = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const frames: Frame[] = [];
  for (let at = 32; at + 24 + size <= wal.length; at += 24 + size) {
    frames.push({
      page: wal.readUInt32BE(at),
      bytes: wal.subarray(at + 24, at + 24 + size),
      current: wal.compare(wal, 16, 24, at + 8, at + 16) === 0,
      commit: wal.readUInt32BE(at + 4) > 0,
    });
  }
  return frames;
}

function committedFrames(path: string, size: number): Frame[] {
  const all = framesOf(path, size);
  const end = all.findIndex(({ current }) => !current);
  const running = end === -1 ? all : all.slice(0, end);
  return running.slice(0, running.findLastIndex(({ commit }) => commit) + 1);
}

function freeList(pages: readonly Buffer[], first: Buffer): { readonly order: number[]; readonly leaves: number[] } {
  const order: number[] = [];
  const leaves: number[] = [];
  for (let trunk = first.readUInt32BE(32); trunk > 0; ) {
    const page = pages[trunk - 1] as Buffer;
    const listed = Array.from({ length: page.readUInt32BE(4) }, (_, i) => page.readUInt32BE(8 + 4 * i));
    order.unshift(trunk, ...listed);
    leaves.push(...listed);
    trunk = page.readUInt32BE(0);
  }
  return { order, leaves };
}

const notZero = (bytes: Buffer): number => bytes.reduce((sum, byte) => sum + (byte === 0 ? 0 : 1), 0);

/** Offsets of cells that moved away stay behind the list of cells, two bytes each: numbers of the layout. What lies after the next zeros. */
function afterPointers(gap: Buffer): Buffer {
  const end = gap.indexOf(Buffer.alloc(4));
  return end === -1 ? Buffer.alloc(0) : gap.subarray(end);
}

class Walker {
  gapBytes = 0;
  readonly #pages: readonly Buffer[];
  readonly #usable: number;

  constructor(pages: readonly Buffer[], usable: number) {
    this.#pages = pages;
    this.#usable = usable;
  }

  rows(root: number): RawRow[] {
    const page = this.#pages[root - 1] as Buffer;
    const head = root === 1 ? 100 : 0;
    const type = page[head] as number;
    const inner = type === INNER_INDEX || type === INNER_TABLE;
    const cells = page.readUInt16BE(head + 3);
    const pointers = head + (inner ? 12 : 8);
    const content = page.readUInt16BE(head + 5) || 65_536;
    this.gapBytes += notZero(afterPointers(page.subarray(pointers + 2 * cells, Math.min(content, this.#usable))));
    const rows: RawRow[] = [];
    for (let i = 0; i < cells; i++) {
      const offset = page.readUInt16BE(pointers + 2 * i);
      if (inner) rows.push(...this.rows(page.readUInt32BE(offset)));
      if (type !== INNER_TABLE) rows.push(this.#cell(root, page, offset, type));
    }
    if (inner) rows.push(...this.rows(page.readUInt32BE(head + 8)));
    return rows;
  }

  #cell(number: number, page: Buffer, offset: number, type: number): RawRow {
    let at = offset + (type === INNER_INDEX ? 4 : 0);
    let length: number;
    let rowid: number | undefined;
    [length, at] = varint(page, at);
    if (type === LEAF_TABLE) [rowid, at] = varint(page, at);
    const local = this.#localLength(length, type === LEAF_TABLE);
    const parts = [page.subarray(at, at + local)];
    const overflow: number[] = [];
    let next = local < length ? page.readUInt32BE(at + local) : 0;
    for (let rest = length - local; rest > 0 && next > 0; rest -= this.#usable - 4) {
      const more = this.#pages[next - 1] as Buffer;
      overflow.push(next);
      parts.push(more.subarray(4, 4 + Math.min(rest, this.#usable - 4)));
      next = more.readUInt32BE(0);
    }
    return { columns: columnsOf(Buffer.concat(parts)), rowid, page: number, offset, overflow };
  }

  /** How much of a payload stands in the cell itself. */
  #localLength(length: number, isTable: boolean): number {
    const most = isTable ? this.#usable - 35 : Math.floor(((this.#usable - 12) * 64) / 255) - 23;
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    if (length <= most) return length;
    const kept = least + ((length - least) % (this.#usable - 4));
    return kept <= most ? kept : least;
  }
}

function columnsOf(payload: Buffer): (Buffer | number | null)[] {
  const [end, begin] = varint(payload, 0);
  const columns: (Buffer | number | null)[] = [];
  let body = end;
  for (let at = begin; at < end; ) {
    let kind: number;
    [kind, at] = varint(payload, at);
    const length = kind >= 12 ? (kind - 12 - (kind % 2)) / 2 : ([0, 1, 2, 3, 4, 6, 8, 8, 0, 0][kind] ?? 0);
    if (kind >= 12) columns.push(payload.subarray(body, body + length));
    else if (kind === 8 || kind === 9) columns.push(kind - 8);
    else columns.push(length === 0 ? null : length > 6 ? Number(payload.readBigInt64BE(body)) : payload.readIntBE(body, length));
    body += length;
  }
  return columns;
}

function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i] as number;
    if (i === 8) return [value * 256 + byte, at + 9];
    value = value * 128 + (byte & 127);
    if (byte < 128) return [value, at + i + 1];
  }
  return [value, at + 9];
}
