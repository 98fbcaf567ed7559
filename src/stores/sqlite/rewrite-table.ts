import type { SqliteDatabase } from './database.js';

/**
 * Takes all rows out and puts them back, inside the caller's transaction. Rows of a table that is not appended to move between pages, and old bytes
 * stay behind in a page where `secure_delete` does not reach them; a page that becomes empty is zeroed whole.
 */
export function rewriteTable(database: SqliteDatabase, table: 'pool' | 'changes'): void {
  const meanwhile = `${table}_meanwhile`;
  for (const [from, to] of [
    [table, meanwhile],
    [meanwhile, table],
  ]) {
    database.run(`INSERT INTO ${to} SELECT * FROM ${from}`);
    database.run(`DELETE FROM ${from}`);
  }
}
