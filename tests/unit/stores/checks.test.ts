import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchOf, claimRows, inboxRows, poolItems, shredRows, vaultRows } from '../../../src/testing/sample-rows.js';
import { openTestStores, rawConnection, temporaryDirectory } from './support.js';

async function filled() {
  const directory = temporaryDirectory();
  const stores = await openTestStores(directory);
  const items = poolItems('checks', 6);
  await stores.inbox.put(inboxRows('checks', 3));
  await stores.vault.insert(vaultRows('checks', 3));
  await stores.shred.insert(shredRows('checks', 3, 1));
  await stores.claims.insert(claimRows('checks', 3));
  await stores.public.addToPool(items);
  await stores.public.appendBatch(batchOf(items.slice(0, 3), 0, 1));
  return { directory, stores };
}

describe('self-checks', () => {
  test('a healthy registry has no findings', async () => {
    const { stores } = await filled();
    for (const store of [stores.inbox, stores.vault, stores.shred, stores.public, stores.claims, stores.keys])
      expect(await store.check()).toEqual([]);
  });

  const tampering = [
    ['inbox', 'sealed/inbox.db', 'DELETE FROM submissions WHERE place = (SELECT min(place) FROM submissions)', 'do not match'],
    ['vault', 'sealed/vault.db', 'DELETE FROM records WHERE id = (SELECT min(id) FROM records)', 'not the counted one'],
    ['shred', 'shred/shred.db', 'UPDATE shreds SET generation = 9 WHERE id = (SELECT min(id) FROM shreds)', 'not the counted one'],
    ['claims', 'claims/claims.db', 'DELETE FROM claims WHERE locator = (SELECT min(locator) FROM claims)', 'not the counted one'],
    ['public', 'public/public.db', 'DELETE FROM leaves WHERE idx = 1', 'the log has a gap'],
    ['public', 'public/public.db', 'DELETE FROM leaves WHERE idx = 1', 'an entry has no leaf'],
    ['public', 'public/public.db', "UPDATE counters SET n = n + 1 WHERE name = 'statements'", 'not the counted one'],
    ['public', 'public/public.db', 'UPDATE batches SET statements = 9', 'not what the batches say'],
    ['public', 'public/public.db', 'DELETE FROM pool WHERE id = (SELECT min(id) FROM pool)', 'size of a waiting cell'],
    [
      'public',
      'public/public.db',
      "INSERT INTO pool SELECT id, 1, 'x', digest, digest, digest FROM entries LIMIT 1",
      'in the pool and published',
    ],
    ['public', 'public/public.db', "INSERT INTO counters VALUES ('type:raise', 1)", 'leaves are not the counted'],
    [
      'public',
      'public/public.db',
      'UPDATE leaves SET bytes = CAST(\'{"type":"removal"}\' AS BLOB) WHERE idx = 0',
      'leaves are not the counted',
    ],
    ['public', 'public/public.db', "INSERT INTO counters VALUES ('display:name', 1)", 'by display'],
    ['public', 'public/public.db', "INSERT INTO counters VALUES ('evidence:verified', 1)", 'by evidence'],
    ['public', 'public/public.db', "INSERT INTO counters VALUES ('retracted', 1)", 'retracted entries'],
    ['public', 'public/public.db', 'DELETE FROM contents WHERE leaf = (SELECT min(leaf) FROM contents)', 'a content is missing'],
    ['public', 'public/public.db', 'UPDATE contents SET salt = zeroblob(32) WHERE leaf = 1', 'a content is missing'],
    [
      'public',
      'public/public.db',
      "INSERT INTO contents (leaf, salt, content) VALUES (999, zeroblob(32), x'61')",
      'a content that was removed or amended is still there',
    ],
    [
      'public',
      'public/public.db',
      "INSERT INTO changed SELECT id, 0, 'alias', 'stated', NULL, 9, NULL FROM entries LIMIT 1",
      'lacks the leaf of its change',
    ],
    ['public', 'public/public.db', 'INSERT INTO name_locks VALUES (zeroblob(16))', 'belongs to no entry'],
  ] as const;
  test.each(tampering)('%s: %s: %s', async (store, file, sql, finding) => {
    const { directory, stores } = await filled();
    const raw = rawConnection(join(directory, file));
    raw.exec(sql);
    raw.pragma('wal_checkpoint(TRUNCATE)');
    expect(await stores[store].check()).toContainEqual({ store, problem: expect.stringContaining(finding) });
  });

  test('an entry whose leaf is gone is an error, not left out', async () => {
    const { directory, stores } = await filled();
    const raw = rawConnection(join(directory, 'public/public.db'));
    raw.exec('DELETE FROM leaves WHERE idx = 1');
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { index } of stores.public.entries({})) seen.push(index);
    };
    await expect(read()).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
  });

  test.skipIf(process.platform === 'win32')('files that others may read', async () => {
    const { directory, stores } = await filled();
    chmodSync(join(directory, 'sealed/vault.db'), 0o640);
    expect(await stores.vault.check()).toEqual([{ store: 'vault', problem: 'others may read or write the file' }]);
    await stores.keys.putKek(3, new Uint8Array(32).fill(3));
    chmodSync(join(directory, 'keys/kek/3.key'), 0o604);
    expect(await stores.keys.check()).toEqual([{ store: 'keys', problem: expect.stringContaining('others may read a key file') }]);
    const again = await openTestStores(directory, { create: false });
    expect(await again.vault.count()).toBe(3);
  });
});
