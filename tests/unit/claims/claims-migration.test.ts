import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLAIMS_SCHEMA } from '../../../src/stores/sqlite/claims.js';
import { claimRows } from '../../../src/testing/sample-rows.js';
import { openTestStores, rawConnection, temporaryDirectory } from '../stores/support.js';

it('a claims store of the first release opens, finds its rows, and gets its dummy secret once', async () => {
  expect(CLAIMS_SCHEMA.migrations).toHaveLength(2);
  const directory = temporaryDirectory();
  const rows = claimRows('old', 5);
  const before = await openTestStores(directory);
  await before.claims.insert(rows);
  await before.close();
  const raw = rawConnection(join(directory, 'claims/claims.db'));
  raw.exec('DROP TABLE secrets; PRAGMA user_version = 1');
  raw.close();

  const stores = await openTestStores(directory);
  for (const row of rows) expect(await stores.claims.nearest(row.locator)).toEqual(row);
  const secret = await stores.claims.dummySecret();
  expect([await stores.claims.count(), await stores.claims.check()]).toEqual([5, []]);
  await stores.close();
  expect(await (await openTestStores(directory)).claims.dummySecret()).toEqual(secret);
});
