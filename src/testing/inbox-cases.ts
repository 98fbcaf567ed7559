import type { ImportProgress, ImportStep, QuarantinedFrom } from '../sealed/ports.js';
import { assertRejects, assertSame, assertThat, collect } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { byId, inboxRows } from './sample-rows.js';

const ids = (rows: readonly { readonly id: Uint8Array }[]): readonly Uint8Array[] => rows.map((row) => row.id);

/** Something quarantined of a waiting row, under another id than the row's. */
function from(id: Uint8Array, name = 0): QuarantinedFrom {
  return { from: id, failures: 0, id: id.map((byte, i) => (i === 0 ? byte ^ 0x80 : byte ^ name)), sealed: new Uint8Array(100).fill(name) };
}

function progress(nextRow: number, finished = false): ImportProgress {
  return { importId: new Uint8Array(16).fill(7), nextRow, groupSecret: new Uint8Array(16).fill(finished ? 0 : 9), finished };
}

function step(fromRow: number, nextRow: number, finished = false): ImportStep {
  return { ...progress(nextRow, finished), fromRow };
}

export const inboxCases: readonly StoreCase[] = [
  storeCase('inbox: what is put is taken, whole and in id order', async ({ inbox }) => {
    const rows = inboxRows('put', 5);
    assertSame(await inbox.put(rows), { duplicates: [], differing: [] }, 'no duplicates');
    assertSame(
      await inbox.take(3),
      byId(rows)
        .slice(0, 3)
        .map((row) => ({ ...row, failures: 0, begun: false })),
      'the first three',
    );
    assertSame(await inbox.waiting(), { count: 5, oldestDay: 20_003 }, 'waiting');
  }),
  storeCase('inbox: an empty one answers', async ({ inbox }) => {
    assertSame(await inbox.put([]), { duplicates: [], differing: [] }, 'no duplicates');
    assertSame(await inbox.waiting(), { count: 0, oldestDay: undefined }, 'waiting');
    assertSame(await inbox.take(10), [], 'nothing to take');
    await inbox.drain([], []);
  }),
  storeCase('inbox: a seen id is skipped, also after it was drained and within one call', async ({ inbox }) => {
    const [first, second] = inboxRows('seen', 2);
    if (first === undefined || second === undefined) return;
    assertSame(await inbox.put([first, first]), { duplicates: [first.id], differing: [] }, 'the second of a call');
    assertSame(await inbox.seen([first.id, second.id]), [first.id], 'seen while it waits');
    await inbox.drain([first.id], []);
    assertSame(await inbox.seen([second.id, first.id]), [first.id], 'seen after it was drained');
    const changed = { ...first, submission: second.submission };
    assertSame(await inbox.put([changed, second]), { duplicates: [first.id], differing: [] }, 'the drained one');
    assertSame(ids(await inbox.take(10)), [second.id], 'only the new one waits');
  }),
  storeCase('inbox: many in one call, known ones here and there among them', async ({ inbox }) => {
    const rows = byId(inboxRows('many', 47));
    const [drained, waiting] = [rows.filter((_, i) => i % 9 === 4), rows.filter((_, i) => i % 7 === 2 && i % 9 !== 4)];
    await inbox.put([...drained, ...waiting]);
    await inbox.drain(ids(drained), []);
    const known = rows.filter((row) => drained.includes(row) || waiting.includes(row));
    assertSame(await inbox.put(rows), { duplicates: ids(known), differing: [] }, 'the known ones, in id order');
    assertSame(
      await inbox.take(100),
      rows.filter((row) => !drained.includes(row)).map((row) => ({ ...row, failures: 0, begun: false })),
      'each new one once, with its own bytes',
    );
  }),
  storeCase('inbox: other bytes under a waiting id are told, and change nothing', async ({ inbox }) => {
    const [first, second] = inboxRows('differing', 2);
    if (first === undefined || second === undefined) return;
    await inbox.put([first]);
    const changed = { ...first, submission: second.submission };
    assertSame(await inbox.put([changed, second]), { duplicates: [first.id], differing: [first.id] }, 'differing');
    assertSame(await inbox.put([first]), { duplicates: [first.id], differing: [] }, 'the same');
    assertSame(
      await inbox.take(10),
      byId([first, second]).map((row) => ({ ...row, failures: 0, begun: false })),
      'as they came',
    );
  }),
  storeCase('inbox: what went to the quarantine is not remembered', async ({ inbox }) => {
    const rows = byId(inboxRows('forgotten', 3));
    await inbox.put(rows);
    // The sort names a quarantined row twice.
    await inbox.drain(ids(rows.slice(0, 2)), [from(rows[1]?.id ?? new Uint8Array(16))]);
    assertSame(await inbox.seen(ids(rows)), [rows[0]?.id, rows[2]?.id], 'drained or waiting');
    assertSame((await inbox.put(rows)).duplicates, [rows[0]?.id, rows[2]?.id], 'the quarantined one is new');
  }),
  storeCase('inbox: rows whose writing began are told', async ({ inbox }) => {
    const rows = byId(inboxRows('begun', 3));
    await inbox.put(rows);
    await inbox.begin([rows[1], rows[1], inboxRows('another', 1)[0]].flatMap((row) => (row === undefined ? [] : [row.id])));
    assertSame(
      (await inbox.take(3)).map((row) => row.begun),
      [false, true, false],
      'begun',
    );
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
    const quarantined = rows.slice(2, 4).map(({ id }) => from(id));
    for (let i = 0; i < 2; i++) await inbox.drain(ids(rows.slice(0, 3)), quarantined);
    assertSame(ids(await inbox.take(10)), ids(rows.slice(4)), 'the rest waits');
    assertSame(await inbox.quarantineSize(), 2, 'quarantined');
    const kept = byId(quarantined.map(({ id, sealed }) => ({ id, sealed })));
    assertSame(await collect(inbox.quarantined()), kept, 'the quarantine, in id order');
  }),
  storeCase('inbox: a row with other failures than what was quarantined of its id stays', async ({ inbox }) => {
    const [row] = inboxRows('taken twice', 1);
    if (row === undefined) return;
    await inbox.put([row]);
    await inbox.drain([row.id], [{ ...from(row.id), failures: 2 }]);
    assertSame(ids(await inbox.take(1)), [row.id], 'it waits');
    assertSame(await inbox.quarantineSize(), 1, 'quarantined');
    await inbox.countFailure([row.id]);
    await inbox.drain([row.id], [from(row.id)]);
    assertSame(
      (await inbox.take(1)).map(({ failures }) => failures),
      [1],
      'it waits',
    );
    await inbox.drain([row.id], [{ ...from(row.id), failures: 1 }]);
    assertSame([(await inbox.waiting()).count, await inbox.quarantineSize()], [0, 1], 'nothing waits');
  }),
  storeCase('inbox: two contents of one id lie in quarantine beside each other, each once', async ({ inbox }) => {
    const [row] = inboxRows('altered', 1);
    if (row === undefined) return;
    for (const name of [1, 2, 1]) {
      assertSame(await inbox.put([row]), { duplicates: [], differing: [] }, 'taken again');
      await inbox.drain([row.id], [from(row.id, name)]);
    }
    assertSame(await inbox.quarantineSize(), 2, 'quarantined');
    assertSame((await inbox.waiting()).count, 0, 'nothing waits');
  }),
  storeCase('inbox: forgetting an epoch drops its rows and its seen ids, and no later ones', async ({ inbox }) => {
    const [old, recent] = [inboxRows('old', 3, 100), inboxRows('recent', 2, 101)];
    await inbox.put([...old, ...recent]);
    await inbox.drain(ids(old.slice(0, 1)), []);
    assertSame(await inbox.forgetBefore(101), { dropped: 2 }, 'dropped');
    assertSame(await inbox.waiting(), { count: 2, oldestDay: 20_003 }, 'waiting');
    assertSame(await inbox.put(old), { duplicates: [], differing: [] }, 'forgotten ids are new');
    assertSame((await inbox.put(recent)).duplicates.length, 2, 'kept ids are not');
  }),
  storeCase('inbox: rows by the day they arrived, whatever their epoch says', async ({ inbox }) => {
    const [early, late] = [inboxRows('early', 3, 300, 200), inboxRows('late', 3, 100, 201)];
    await inbox.put([...late, ...early]);
    await inbox.put(early.map((row) => ({ ...row, arrivedDay: 150 })));
    assertSame(await inbox.waiting(), { count: 6, oldestDay: 200 }, 'waiting; a repetition does not age');
    assertSame(ids(await inbox.take(10, 200)), ids(byId(early)), 'the early in id order');
    assertSame(ids(await inbox.take(2, 200)), ids(byId(early)).slice(0, 2), 'two of them');
    assertSame([await inbox.take(10, 199), await inbox.take(10, -1)], [[], []], 'none');
    assertSame(ids(await inbox.take(10, 201)), ids(byId([...early, ...late])), 'all in id order');
    const [first, ...others] = ids(byId(early));
    assertSame(ids(await inbox.take(10, 200, first)), others, 'the early after the first of them');
    assertSame(ids(await inbox.take(1, 201, ids(byId([...early, ...late])).at(-2))), ids(byId([...early, ...late])).slice(-1), 'the last');
    assertSame(await inbox.take(10, 201, new Uint8Array(16).fill(255)), [], 'none after the last');
    await inbox.drain(ids(early), []);
    assertSame(await inbox.waiting(), { count: 3, oldestDay: 201 }, 'the late are left');
  }),
  storeCase('inbox: an import step is taken where it begins, and nowhere else', async ({ inbox }) => {
    const { importId } = progress(0);
    assertSame(await inbox.importProgress(importId), undefined, 'unknown import');
    const late = inboxRows('import late', 2);
    await assertRejects(inbox.put(late, step(1, 3)), 'STORE_BUSY');
    assertSame(await inbox.importProgress(importId), undefined, 'still unknown');
    await inbox.put(inboxRows('import', 2), step(0, 2));
    for (const stale of [step(0, 2), step(1, 3), step(3, 5)]) await assertRejects(inbox.put(late, stale), 'STORE_BUSY');
    assertSame(await inbox.importProgress(importId), progress(2), 'not moved');
    assertSame((await inbox.waiting()).count, 2, 'nothing stored');
    assertSame(await inbox.put(late, step(2, 4)), { duplicates: [], differing: [] }, 'nor marked as seen');
    assertSame(await inbox.importProgress(importId), progress(4), 'moved');
  }),
  storeCase('inbox: an import that ended takes the repetition of its end only', async ({ inbox }) => {
    const { importId } = progress(0);
    await inbox.put(inboxRows('import', 2), step(0, 2));
    for (let i = 0; i < 2; i++) await inbox.put([], step(2, 2, true));
    await assertRejects(inbox.put([], step(2, 2)), 'STORE_BUSY');
    await assertRejects(inbox.put([], step(2, 3, true)), 'STORE_BUSY');
    await assertRejects(inbox.put(inboxRows('import more', 1), step(2, 2, true)), 'STORE_BUSY');
    assertSame(await inbox.importProgress(importId), progress(2, true), 'finished, without its secret');
    assertSame((await inbox.waiting()).count, 2, 'nothing more stored');
  }),
  storeCase('inbox: a row of the wrong shape changes nothing', async ({ inbox }) => {
    const rows = inboxRows('wrong', 2);
    for (const wrong of [
      { ...rows[0], id: new Uint8Array(15) },
      { ...rows[0], submission: 'text' },
      { ...rows[0], epoch: 1.5 },
      { ...rows[0], arrivedDay: undefined },
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
    assertSame(await other.inbox.waiting(), { count: 8, oldestDay: 20_003 }, 'waiting');
    await Promise.all([one.inbox.drain(ids(rows), []), other.inbox.drain(ids(rows), [])]);
    assertSame((await one.inbox.waiting()).count, 0, 'drained');
  }),
  pairCase('inbox: of two runs of one import each row is stored by one', async (one, other) => {
    // Sealed twice, so nothing but the position tells that the rows are the same.
    for (const [from, to] of [
      [0, 4],
      [4, 8],
    ] as const) {
      const runs = [
        one.inbox.put(inboxRows(`one ${from}`, 4), step(from, to)),
        other.inbox.put(inboxRows(`other ${from}`, 4), step(from, to)),
      ];
      const lost = (await Promise.allSettled(runs)).flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      assertThat(lost.length === 1, 'one run loses');
      await assertRejects(Promise.reject(lost[0]), 'STORE_BUSY');
      assertSame((await one.inbox.waiting()).count, to, 'rows stored');
      assertSame(await other.inbox.importProgress(progress(0).importId), progress(to), 'position');
    }
    await one.inbox.put([], step(8, 8, true));
    await assertRejects(other.inbox.put(inboxRows('after the end', 1), step(8, 9)), 'STORE_BUSY');
    assertSame((await other.inbox.waiting()).count, 8, 'nothing after the end');
  }),
];
