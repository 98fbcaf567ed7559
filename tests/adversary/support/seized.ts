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
  /** Places in the raw file: of the key's first and last copy, and of the last 16 bytes of the row. */
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
    return { id, bytes: Buffer.concat(Object.values(row).map(bytesOf)) };
  });
  const marks = new PatternSet();
  for (const { id, bytes } of seized) {
    marks.add(id);
    marks.add(tailOf(bytes));
  }
  const first: number[] = [];
  const last: number[] = [];
  for (const { pattern, offset } of marks.scan(readFileSync(path))) {
    first[pattern] ??= offset;
    last[pattern] = offset;
  }
  return seized.map((row, i) => ({ ...row, places: [first[2 * i] ?? 0, last[2 * i] ?? 0, last[2 * i + 1] ?? 0] }));
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

function tailOf(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.length - 16);
}
