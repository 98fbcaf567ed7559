import type { ImportProgress } from '../sealed/ports.js';
import { assertSame } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { byId, inboxRows } from './sample-rows.js';

const ids = (rows: readonly { readonly id: Uint8Array }[]): readonly Uint8Array[] => rows.map((row) => row.id);

function progress(nextRow: number, finished = false): ImportProgress {
  return { importId: new Uint8Array(16).fill(7), nextRow, groupSecret: new Uint8Array(16).fill(finished ? 0 : 9), finished };
}

export const inboxCases: readonly StoreCase[] = [
  storeCase('inbox: what is put is taken, whole and in id order', async ({ inbox }) => {
    const rows = inboxRows('put', 5);
    assertSame(await inbox.put(rows), { duplicates: [] }, 'no duplicates');
    assertSame(
      await inbox.take(3),
      byId(rows)
        .slice(0, 3)
        .map((row) => ({ ...row, failures: 0 })),
      'the first three',
    );
    assertSame(await inbox.waiting(), { count: 5, oldestEpoch: 20_000 }, 'waiting');
  }),
  storeCase('inbox: an empty one answers', async ({ inbox }) => {
    assertSame(await inbox.put([]), { duplicates: [] }, 'no duplicates');
    assertSame(await inbox.waiting(), { count: 0, oldestEpoch: undefined }, 'waiting');
    assertSame(await inbox.take(10), [], 'nothing to take');
    await inbox.drain([], []);
  }),
  storeCase('inbox: a seen id is skipped, also after it was drained and within one call', async ({ inbox }) => {
    const [first, second] = inboxRows('seen', 2);
    if (first === undefined || second === undefined) return;
    assertSame(await inbox.put([first, first]), { duplicates: [first.id] }, 'the second of a call');
    await inbox.drain([first.id], []);
    assertSame(await inbox.put([{ ...first, submission: second.submission }, second]), { duplicates: [first.id] }, 'the drained one');
    assertSame(ids(await inbox.take(10)), [second.id], 'only the new one waits');
  }),
  storeCase('inbox: failures are counted for rows that wait', async ({ inbox }) => {
    const rows = byId(inboxRows('failures', 3));
    await inbox.put(rows);
    await inbox.countFailure(ids(rows.slice(0, 2)));
    await inbox.countFailure(ids([...rows.slice(0, 1), ...inboxRows('unknown', 1)]));
    assertSame(
      (await inbox.take(3)).map((row) => row.failures),
      [2, 1, 0],
      'failures',
    );
  }),
  storeCase('inbox: drain removes, quarantines, and may be repeated', async ({ inbox }) => {
    const rows = byId(inboxRows('drain', 6));
    await inbox.put(rows);
    const quarantined = rows.slice(2, 4).map(({ id }) => ({ id, sealed: new Uint8Array(100) }));
    for (let i = 0; i < 2; i++) await inbox.drain(ids(rows.slice(0, 3)), quarantined);
    assertSame(ids(await inbox.take(10)), ids(rows.slice(4)), 'the rest waits');
    assertSame(await inbox.quarantineSize(), 2, 'quarantined');
  }),
  storeCase('inbox: forgetting an epoch drops its rows and its seen ids, and no later ones', async ({ inbox }) => {
    const [old, recent] = [inboxRows('old', 3, 100), inboxRows('recent', 2, 101)];
    await inbox.put([...old, ...recent]);
    assertSame((await inbox.waiting()).oldestEpoch, 100, 'oldest epoch');
    await inbox.drain(ids(old.slice(0, 1)), []);
    assertSame(await inbox.forgetBefore(101), { dropped: 2 }, 'dropped');
    assertSame(await inbox.waiting(), { count: 2, oldestEpoch: 101 }, 'waiting');
    assertSame(await inbox.put(old), { duplicates: [] }, 'forgotten ids are new');
    assertSame((await inbox.put(recent)).duplicates.length, 2, 'kept ids are not');
  }),
  storeCase('inbox: import progress goes forward only and ends', async ({ inbox }) => {
    const { importId } = progress(0);
    assertSame(await inbox.importProgress(importId), undefined, 'unknown import');
    await inbox.put(inboxRows('import', 2), progress(2));
    await inbox.put([], progress(1));
    assertSame(await inbox.importProgress(importId), progress(2), 'not taken back');
    await inbox.put([], progress(4, true));
    await inbox.put([], progress(5));
    assertSame(await inbox.importProgress(importId), progress(4, true), 'finished, without its secret');
  }),
  storeCase('inbox: a row of the wrong shape changes nothing', async ({ inbox }) => {
    const rows = inboxRows('wrong', 2);
    for (const wrong of [
      { ...rows[0], id: new Uint8Array(15) },
      { ...rows[0], submission: 'text' },
      { ...rows[0], epoch: 1.5 },
    ]) {
      const refused = await inbox.put([...rows.slice(1), wrong as never]).then(
        () => false,
        () => true,
      );
      assertSame(refused, true, 'refused');
    }
    assertSame((await inbox.waiting()).count, 0, 'nothing stored');
  }),
  pairCase('inbox: two writers of the same rows store each once', async (one, other) => {
    const rows = inboxRows('race', 8);
    const results = await Promise.all([one.inbox.put(rows), other.inbox.put(rows)]);
    assertSame(
      results.reduce((sum, { duplicates }) => sum + duplicates.length, 0),
      8,
      'duplicates in both answers together',
    );
    assertSame(await other.inbox.waiting(), { count: 8, oldestEpoch: 20_000 }, 'waiting');
    await Promise.all([one.inbox.drain(ids(rows), []), other.inbox.drain(ids(rows), [])]);
    assertSame((await one.inbox.waiting()).count, 0, 'drained');
  }),
];
