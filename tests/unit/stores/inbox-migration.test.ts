import { join } from 'node:path';
import { expect, test } from 'vitest';
import { byId, inboxRows } from '../../../src/testing/sample-rows.js';
import { allBytes, openTestStores, rawConnection, temporaryDirectory } from './support.js';

/** The inbox file as the first release made it, with rows that wait. */
const VERSION_1 = `PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;
  CREATE TABLE seen (id BLOB PRIMARY KEY CHECK (length(id) = 16), epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE waiting (id BLOB PRIMARY KEY CHECK (length(id) = 16), epoch INTEGER NOT NULL, arrived_day INTEGER NOT NULL,
    failures INTEGER NOT NULL, begun INTEGER NOT NULL CHECK (begun IN (0, 1))) STRICT, WITHOUT ROWID;
  CREATE TABLE submissions (id BLOB PRIMARY KEY, submission BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE quarantine (id BLOB PRIMARY KEY CHECK (length(id) = 16), sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE imports (id BLOB PRIMARY KEY CHECK (length(id) = 16), next_row INTEGER NOT NULL, group_secret BLOB NOT NULL,
    finished INTEGER NOT NULL CHECK (finished IN (0, 1))) STRICT, WITHOUT ROWID;
  PRAGMA application_id = 1668180334; PRAGMA user_version = 1;`;

test('an inbox of the first release opens with what waits in it, and takes and drains as before', async () => {
  const directory = temporaryDirectory();
  await (await openTestStores(directory)).close();
  const path = join(directory, 'sealed/inbox.db');
  const blank = rawConnection(path);
  blank.exec('DROP TABLE seen; DROP TABLE waiting; DROP TABLE submissions; DROP TABLE quarantine; DROP TABLE imports');
  blank.exec(VERSION_1);
  const rows = inboxRows('version 1', 5);
  const state = blank.prepare('INSERT INTO waiting VALUES (?, ?, ?, ?, ?)');
  const body = blank.prepare('INSERT INTO submissions VALUES (?, ?)');
  for (const { id, epoch, arrivedDay, submission } of rows) {
    state.run(id, epoch, arrivedDay, 1, 1);
    body.run(id, submission);
  }
  const [drained] = inboxRows('drained before', 1);
  blank.prepare('INSERT INTO seen VALUES (?, ?)').run(drained?.id, 20_000);
  blank.close();

  const { inbox } = await openTestStores(directory);
  expect(await inbox.take(10)).toEqual(byId(rows).map((row) => ({ ...row, failures: 1, begun: true })));
  expect(await inbox.check()).toEqual([]);
  expect(await inbox.put(inboxRows('version 1', 5))).toMatchObject({ differing: [] });
  expect((await inbox.put(inboxRows('drained before', 1))).duplicates).toEqual([drained?.id]);
  expect(await inbox.put(inboxRows('later', 2))).toEqual({ duplicates: [], differing: [] });
  expect((await inbox.waiting()).count).toBe(7);
  await inbox.drain(
    [...rows, ...inboxRows('later', 2)].map(({ id }) => id),
    [],
  );
  expect([await inbox.waiting(), await inbox.check()]).toEqual([{ count: 0, oldestDay: undefined }, []]);
  const left = allBytes(join(directory, 'sealed'));
  expect(rows.filter(({ submission }) => left.includes(Buffer.from(submission.subarray(0, 64))))).toEqual([]);
});
