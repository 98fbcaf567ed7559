import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PatternSet } from './scan.js';
import { type RawRow, readRaw } from './sqlite-pages.js';

/** One row as a thief reads it. */
export interface SeizedRow {
  /** Primary key; of a numbered table the number. */
  readonly id: Buffer;
  /** All byte and text columns of the row, one after the other. */
  readonly bytes: Buffer;
  readonly columns: readonly (Buffer | number | null)[];
  /** Everything about where it lies, in the order of `PLACES`; 0 where there is no such thing. */
  readonly places: readonly number[];
}

/**
 * In the file: first and last copy of the key, end of the last random column, page, cell in its page, overflow pages. In the log: last copy of
 * the key (the frame in which its page was written last), first copy (in which it came), end of the last random column. And its number.
 */
export const PLACES = [
  'first-copy',
  'last-copy',
  'body-end',
  'page',
  'cell',
  'overflow-page',
  'overflow-end',
  'wal-frame',
  'wal-first',
  'wal-body-end',
  'row-number',
] as const;

/** Reads a table without any code or key of the library, and without SQLite. */
export function seize(directory: string, file: string, table: string): SeizedRow[] {
  const path = join(directory, file);
  const rows = (readRaw(path).tables.get(table) ?? []).map((row) => ({ row, id: idOf(row), mark: markOf(row) }));
  // A row number is no bytes to look for: thousands of them begin alike.
  const numbered = !Buffer.isBuffer(rows[0]?.row.columns[0]);
  const marks = new PatternSet();
  for (const { id, mark } of rows) {
    marks.add(numbered ? mark : id);
    marks.add(mark);
  }
  const main = copies(marks, readFileSync(path));
  const log = copies(marks, existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0));
  return rows.map(({ row, id }, i) => ({
    id,
    bytes: Buffer.concat(row.columns.filter((column) => Buffer.isBuffer(column))),
    columns: row.columns,
    places: [
      main.first[2 * i] ?? 0,
      main.last[2 * i] ?? 0,
      main.last[2 * i + 1] ?? 0,
      row.page,
      row.offset,
      row.overflow[0] ?? 0,
      row.overflow.at(-1) ?? 0,
      log.last[2 * i] ?? 0,
      log.first[2 * i] ?? 0,
      log.last[2 * i + 1] ?? 0,
      row.rowid ?? 0,
    ],
  }));
}

/** Entries with their leaf: what a public row says of itself. */
export function seizeEntries(directory: string): SeizedRow[] {
  const leaves = new Map(seize(directory, 'public/public.db', 'leaves').map(({ id, bytes }) => [id.readUIntBE(2, 6), bytes]));
  return seize(directory, 'public/public.db', 'entries').map((row) => {
    const number = row.columns[1] as number;
    return {
      ...row,
      bytes: Buffer.concat([row.bytes, leaves.get(number) ?? Buffer.alloc(0)]),
      places: [...row.places.slice(0, -1), number],
    };
  });
}

/** Contents by the id of their entry: under which leaf one lies is public, and in which file both are. */
export function seizeContents(directory: string): SeizedRow[] {
  const ids = new Map(seizeEntries(directory).map(({ id, columns }) => [columns[1] as number, id]));
  return seize(directory, 'public/public.db', 'contents').map((row) =>
    Buffer.isBuffer(row.columns[0]) && row.columns[0].length === 16 ? row : { ...row, id: ids.get(row.id.readUIntBE(2, 6)) ?? row.id },
  );
}

/** Waiting submissions: ids and bodies lie apart and are joined by their place. */
export function seizeWaiting(directory: string): SeizedRow[] {
  const bodies = new Map(seize(directory, 'sealed/inbox.db', 'submissions').map((row) => [row.id.readUIntBE(2, 6), row]));
  return seize(directory, 'sealed/inbox.db', 'waiting').map((row) => {
    const place = row.columns[5] as number;
    const body = bodies.get(place);
    return { ...row, bytes: Buffer.concat([row.bytes, body?.bytes ?? Buffer.alloc(0)]), places: [...row.places.slice(0, -1), place] };
  });
}

/** How many lengths rows have. */
export function sizesOf(rows: readonly SeizedRow[]): number {
  return new Set(rows.map(({ bytes }) => bytes.length)).size;
}

/** Tables with a hidden row number. */
export function tablesWithRowid(directory: string, file: string): string[] {
  return [...readRaw(join(directory, file)).tables].filter(([, rows]) => rows[0]?.rowid !== undefined).map(([name]) => name);
}

function copies(marks: PatternSet, file: Buffer): { readonly first: number[]; readonly last: number[] } {
  const first: number[] = [];
  const last: number[] = [];
  for (const { pattern, offset } of marks.scan(file)) {
    first[pattern] ??= offset;
    last[pattern] = offset;
  }
  return { first, last };
}

function idOf({ rowid, columns }: RawRow): Buffer {
  const [key] = columns;
  if (Buffer.isBuffer(key)) return key.length >= 8 ? key : Buffer.concat([key, Buffer.alloc(8)]).subarray(0, 8);
  const number = Buffer.alloc(8);
  number.writeBigInt64BE(BigInt(rowid ?? 0));
  return number;
}

/** The last 16 bytes of the last column that is not text: unique to the row, and where a long row overflows. */
function markOf(row: RawRow): Buffer {
  const tails = row.columns.filter((column) => Buffer.isBuffer(column)).map((column) => column.subarray(-16));
  return (
    tails.filter((tail) => tail.length === 16 && tail.some((byte) => byte < 0x20 || byte > 0x7e)).at(-1) ??
    Buffer.concat([idOf(row).reverse(), Buffer.from([row.page & 255])])
  );
}
