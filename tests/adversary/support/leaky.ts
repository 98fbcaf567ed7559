import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Stores } from '../../../src/registry/stores.js';

/** Doctored copies of seized directories, for controls: the one thing a careless build would have left there, and the attack must find it. */

/** A copy of some folders of an image, with all that lies in them. */
export function copyOf(image: string, to: string, folders: readonly string[]): string {
  for (const folder of folders) cpSync(join(image, folder), join(to, folder), { recursive: true });
  return to;
}

export function doctor(path: string, change: (database: Database.Database) => void): void {
  const database = new Database(path);
  database.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON');
  change(database);
  database.close();
}

/**
 * As a build writes a table that numbers its rows and writes them in the order of calls. `ids` as hex digits, in that order; other
 * rows go. A write of its own for each row.
 */
export function writeInOrder(database: Database.Database, table: string, ids: readonly string[]): void {
  if (table === 'contents') contentsById(database);
  database.exec(`ALTER TABLE ${table} RENAME TO was; CREATE TABLE ${table} AS SELECT * FROM was WHERE 0`);
  const insert = database.prepare(`INSERT INTO ${table} SELECT * FROM was WHERE ${columnsOf(database, table)[0]} = ?`);
  for (const id of ids) insert.run(Buffer.from(id, 'hex'));
  database.exec('DROP TABLE was');
}

/** As a build writes it that keeps something beside rows: the other side's id, a number of the request. By id as hex digits. */
export function keepBeside(database: Database.Database, table: string, kept: ReadonlyMap<string, Buffer>): void {
  if (table === 'contents') contentsById(database);
  if (!columnsOf(database, table).includes('kept')) database.exec(`ALTER TABLE ${table} ADD COLUMN kept BLOB`);
  const update = database.prepare(`UPDATE ${table} SET kept = ? WHERE ${columnsOf(database, table)[0]} = ?`);
  database.transaction(() => {
    for (const [id, bytes] of kept) update.run(bytes, Buffer.from(id, 'hex'));
  })();
}

/** As a build that does not lay contents under their leaves. */
export function contentsById(database: Database.Database): void {
  if (columnsOf(database, 'contents')[0] === 'id') return;
  database.exec(`CREATE TABLE by_id AS SELECT e.id, t.salt, t.content FROM contents t JOIN entries e ON e.idx = t.leaf;
    DROP TABLE contents; ALTER TABLE by_id RENAME TO contents`);
}

function columnsOf(database: Database.Database, table: string): string[] {
  return database.prepare('SELECT name FROM pragma_table_info(?) ORDER BY cid').pluck().all(table) as string[];
}

/** A store one of whose members is `instead(member)` while `when` says so. */
export function replacing<T extends object>(
  store: T,
  member: string,
  instead: (member: (...all: unknown[]) => unknown) => (...all: unknown[]) => unknown,
  when = (): boolean => true,
): T {
  return new Proxy(store, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      const bound = value.bind(object) as (...all: unknown[]) => unknown;
      return name === member && when() ? instead(bound) : bound;
    },
  });
}

const noise = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

/** A row of noise in each sealed store. */
export async function noteInSealed({ vault, inbox, shred, claims }: Stores): Promise<void> {
  await vault.insert([{ id: noise(16), period: 1, digest: noise(32), identity: noise(64), contact: noise(64), link: noise(64) }]);
  await inbox.put([{ id: noise(16), epoch: 1, arrivedDay: 1, submission: noise(24_576) }]);
  await shred.insert([{ id: noise(16), generation: 1, wrapped: noise(72) }]);
  await claims.insert([{ locator: noise(32), row: noise(296) }]);
}

/** A row of noise in the public store and one among the claims. */
export async function noteInOpen({ public: open, claims }: Stores): Promise<void> {
  await open.addToPool([{ id: noise(16), dueDay: 1, cell: 'party', digest: noise(32), salt: noise(32), statement: noise(64) }]);
  await claims.insert([{ locator: noise(32), row: noise(296) }]);
}
