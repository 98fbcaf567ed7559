import type { StoreSchema } from './open-database.js';

/**
 * Only leaves, contents, batches, tiles and checkpoints are numbered: their order is public. Entries carry their register number but lie by id, and contents
 * apart from them, so that a content can be removed while leaf, entry and counts stay. `cells` and `counters` are kept in the transaction that
 * changes what they count: no count ever scans.
 *
 * A content lies under the index of the leaf that has its hash, so contents are only ever appended, and SQLite moves none of them to another page,
 * where a copy would stay behind. One that is removed or amended is overwritten with zeros where it lies, and stays as that.
 */
export const PUBLIC_SCHEMA: StoreSchema = {
  applicationId: 0x636e7075, // cnpu
  migrations: [
    // The first release.
    `CREATE TABLE pool (id BLOB PRIMARY KEY CHECK (length(id) = 16), due_day INTEGER NOT NULL, cell TEXT NOT NULL, digest BLOB NOT NULL,
       salt BLOB NOT NULL, statement BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE INDEX pool_due ON pool (due_day, id);
     CREATE TABLE cells (cell TEXT PRIMARY KEY, n INTEGER NOT NULL CHECK (n >= 0)) STRICT, WITHOUT ROWID;
     CREATE TABLE leaves (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
     CREATE TABLE entries (id BLOB PRIMARY KEY CHECK (length(id) = 16), idx INTEGER NOT NULL UNIQUE, digest BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE contents (id BLOB PRIMARY KEY REFERENCES entries (id), salt BLOB NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE batches (batch INTEGER PRIMARY KEY, day INTEGER NOT NULL, extra INTEGER NOT NULL CHECK (extra IN (0, 1)),
       statements INTEGER NOT NULL, live INTEGER NOT NULL, smallest_cell INTEGER NOT NULL) STRICT;
     CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
    // Changes of entries: those that wait, what the published ones have made of an entry, and what a veto forbids.
    `CREATE TABLE changes (id BLOB NOT NULL CHECK (length(id) = 16), kind TEXT NOT NULL, changed_by TEXT NOT NULL, due_day INTEGER NOT NULL,
       number INTEGER NOT NULL, value TEXT NOT NULL, salt BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (id, kind)) STRICT, WITHOUT ROWID;
     CREATE TABLE changed (id BLOB PRIMARY KEY REFERENCES entries (id), amendments INTEGER NOT NULL, display TEXT NOT NULL, evidence TEXT NOT NULL,
       amended_at INTEGER, retracted_at INTEGER, removed_at INTEGER) STRICT, WITHOUT ROWID;
     CREATE TABLE name_locks (id BLOB PRIMARY KEY CHECK (length(id) = 16)) STRICT, WITHOUT ROWID;`,
    // The tree over the leaves, a row a tile, and what was signed of it.
    `CREATE TABLE tiles (level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192),
       PRIMARY KEY (level, idx)) STRICT;
     CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;`,
    // Contents in the order of their leaves. The two empty tables are where `rewriteTable` puts rows meanwhile; the pool is laid anew here, too.
    `CREATE TABLE contents_by_leaf (leaf INTEGER PRIMARY KEY, salt BLOB NOT NULL, content BLOB NOT NULL) STRICT;
     INSERT INTO contents_by_leaf (leaf, salt, content) SELECT coalesce(x.amended_at, e.idx) AS leaf, t.salt, t.content
       FROM entries e JOIN contents t ON t.id = e.id LEFT JOIN changed x ON x.id = e.id ORDER BY leaf;
     DROP TABLE contents;
     ALTER TABLE contents_by_leaf RENAME TO contents;
     CREATE TABLE pool_meanwhile (id BLOB PRIMARY KEY, due_day INTEGER NOT NULL, cell TEXT NOT NULL, digest BLOB NOT NULL,
       salt BLOB NOT NULL, statement BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE changes_meanwhile (id BLOB NOT NULL, kind TEXT NOT NULL, changed_by TEXT NOT NULL, due_day INTEGER NOT NULL,
       number INTEGER NOT NULL, value TEXT NOT NULL, salt BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (id, kind)) STRICT, WITHOUT ROWID;
     INSERT INTO pool_meanwhile SELECT * FROM pool; DELETE FROM pool; INSERT INTO pool SELECT * FROM pool_meanwhile; DELETE FROM pool_meanwhile;
     INSERT INTO changes_meanwhile SELECT * FROM changes; DELETE FROM changes; INSERT INTO changes SELECT * FROM changes_meanwhile;
     DELETE FROM changes_meanwhile;`,
  ],
};
