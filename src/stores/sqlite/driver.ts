/** What the stores need of SQLite, and no more. All calls are synchronous; errors are the driver's own until `SqliteDatabase` wraps them. */
export interface SqliteDriver {
  readonly name: SqliteDriverName;
  /** Opens an existing file. */
  open(path: string): SqliteConnection;
}

export type SqliteDriverName = 'node:sqlite' | 'better-sqlite3';

export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  /** Number of rows changed. */
  run(...values: readonly SqlValue[]): number;
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
}

export type SqlValue = Uint8Array | string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;
