import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { PatternSet } from './scan.js';

/** One row as a thief reads it. */
export interface SeizedRow {
  /** Primary key. */
  readonly id: Buffer;
  /** All byte and text columns of the row, one after the other. */
  readonly bytes: Buffer;
  /** Places in the raw file: of the key's first and last copy, and of the end of the last random column. */
  readonly places: readonly number[];
}

/** Reads a table without any code or key of the library. */
export function seize(directory: string, file: string, table: string, query = `SELECT * FROM ${table}`): SeizedRow[] {
  const path = join(directory, file);
  const database = new Database(path, { readonly: true });
  const rows = database.prepare(query).all() as Record<string, unknown>[];
  database.close();
  const seized = rows.map((row) => {
    const [id] = Object.values(row) as [Buffer];
    return { id, bytes: Buffer.concat(Object.values(row).map(bytesOf)), mark: markOf(Object.values(row), id) };
  });
  const marks = new PatternSet();
  for (const { id, mark } of seized) {
    marks.add(id);
    marks.add(mark);
  }
  const first: number[] = [];
  const last: number[] = [];
  for (const { pattern, offset } of marks.scan(readFileSync(path))) {
    first[pattern] ??= offset;
    last[pattern] = offset;
  }
  return seized.map(({ id, bytes }, i) => ({ id, bytes, places: [first[2 * i] ?? 0, last[2 * i] ?? 0, last[2 * i + 1] ?? 0] }));
}

/** Tables with a hidden row number. */
export function tablesWithRowid(directory: string, file: string): string[] {
  const database = new Database(join(directory, file), { readonly: true });
  try {
    const tables = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL").all() as {
      name: string;
      sql: string;
    }[];
    return tables.filter(({ sql }) => !/WITHOUT\s+ROWID/iu.test(sql)).map(({ name }) => name);
  } finally {
    database.close();
  }
}

function bytesOf(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

/** The last 16 bytes of the last column that is not text: unique to the row, and where a long row overflows. */
function markOf(columns: readonly unknown[], id: Buffer): Buffer {
  const tails = columns.filter((column) => Buffer.isBuffer(column)).map((column) => column.subarray(-16));
  return tails.filter((tail) => tail.length === 16 && tail.some((byte) => byte < 0x20 || byte > 0x7e)).at(-1) ?? id;
}
