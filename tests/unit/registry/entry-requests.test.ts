import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/foundation/bytes.js';
import { verifySignature } from '../../../src/foundation/ed25519.js';
import { changeMessage } from '../../../src/public/change.js';
import type { AmendmentLeaf, WithdrawalLeaf } from '../../../src/public/change-leaf.js';
import { addIncrements, incrementsOf, tallyFromCounters } from '../../../src/public/counts/counters.js';
import { countsFrom } from '../../../src/public/counts/counts.js';
import { entryFromRow } from '../../../src/public/entry.js';
import type { StatementLeaf } from '../../../src/public/leaf.js';
import type { SignedRequest } from '../../../src/submit/request-format.js';
import { dateOfDay } from '../../../src/vocabulary/period.js';
import { changeEntry, entryStatus } from '../../../src/registry/change-entry.js';
import { entryWorld, type Holder, START } from './entry-world.js';

const TODAY = START / 86_400_000 - 0.375;
const date = (days: number): string => dateOfDay(TODAY + days);

/** A holder whose statement is published. */
async function publishedWorld(change = {}) {
  const world = entryWorld();
  const holder = await world.addHolder(1, change);
  await world.publish();
  world.clock.advanceDays(1);
  return { ...world, holder };
}

describe('requests about entries', () => {
  it('status tells how the entry stands, in the pool and published; an unknown entry has no reply', async () => {
    const world = entryWorld();
    const holder = await world.addHolder(1);
    const stranger: Holder = { ...holder, seed: new Uint8Array(32).fill(99) };
    const entry = { retracted: false, removed: false, amendments: 0, nameLocked: false, pending: [] };
    expect(await world.send(world.ask(holder, 'status'), world.ask(stranger, 'status'), world.ask(stranger, 'retract'))).toEqual([
      { result: 'done', entry: { state: 'waiting', ...entry } },
      undefined,
      undefined,
    ]);
    await world.publish();
    expect(await world.send(world.ask(holder, 'status', 5))).toEqual([
      { result: 'done', entry: { state: 'published', registerNumber: 1, ...entry } },
    ]);
    expect(await entryStatus(world.context, holder.entryId)).toEqual({ state: 'published', registerNumber: 1, ...entry });
    expect(await entryStatus(world.context, '00'.repeat(16))).toBeUndefined();
  });

  it('an amended text waits for its day, then stands on a signed leaf', async () => {
    const world = await publishedWorld();
    const request = world.ask(world.holder, 'amend', 1, 'I leave for good.');
    expect(await world.send(request)).toEqual([{ result: 'waiting', dueOn: date(1) }]);
    expect((await world.entry(world.holder))?.text).toBe('I leave.');
    expect((await world.publish()).changes).toBe(1);
    expect(await world.entry(world.holder)).toMatchObject({
      text: 'I leave for good.',
      name: 'jin fu',
      amendments: 1,
      period: '2026-11',
      retracted: false,
    });
    const [leaf] = (await world.changes()) as [AmendmentLeaf];
    expect(leaf).toMatchObject({ type: 'amendment', batch: 2, entry: 1, number: 1, kind: 'text', by: 'holder' });
    const { publicKey, salt, value } = request;
    const message = changeMessage({ kind: 'text', entryPublicKey: publicKey, number: 1, salt, value });
    expect(() => verifySignature(fromHex(leaf.signature ?? ''), message, publicKey)).not.toThrow();
    expect(await world.send(request)).toEqual([{ result: 'done' }]);
    expect(await world.send(world.ask(world.holder, 'status'))).toMatchObject([{ entry: { amendments: 1, pending: [] } }]);
  });

  it('an empty text takes the text away', async () => {
    const world = await publishedWorld();
    await world.send(world.ask(world.holder, 'amend', 1, ''));
    await world.publish();
    expect(await world.entry(world.holder)).toMatchObject({ text: undefined, amendments: 1 });
  });

  it('the same request twice, at once, later, and after its publication, is one leaf', async () => {
    const world = await publishedWorld();
    const request = world.ask(world.holder, 'amend', 1, 'Once.');
    const waiting = { result: 'waiting', dueOn: date(1) };
    expect(await world.send(request, request)).toEqual([waiting, waiting]);
    world.clock.advanceDays(1);
    expect(await world.send(request)).toEqual([waiting]);
    await world.publish();
    world.clock.advanceDays(1);
    expect(await world.send(request, request)).toEqual([{ result: 'done' }, { result: 'done' }]);
    // Played again after the content went, and after it was amended again.
    await world.send(world.ask(world.holder, 'amend', 2, 'Twice.'));
    await world.publish();
    world.clock.advanceDays(1);
    expect(await world.send(request)).toEqual([{ result: 'refused', reason: 'number' }]);
    await world.publish();
    expect((await world.changes()).map((leaf) => (leaf as AmendmentLeaf).number)).toEqual([1, 2]);
    expect((await world.entry(world.holder))?.text).toBe('Twice.');
  });

  it('another amendment of the same number, a number too high or low, a second one beside: refused', async () => {
    const world = await publishedWorld();
    const { holder } = world;
    expect(await world.send(world.ask(holder, 'amend', 2, 'Two.'), world.ask(holder, 'amend', 0, 'Zero.'))).toEqual([
      { result: 'refused', reason: 'number' },
      { result: 'refused', reason: 'number' },
    ]);
    expect(await world.send(world.ask(holder, 'amend', 1, 'One.'), world.ask(holder, 'amend', 1, 'Other.'))).toMatchObject([
      { result: 'waiting' },
      { result: 'refused', reason: 'pending' },
    ]);
    expect(await world.send(world.ask(holder, 'show-name', 1, 'Wang Jianguo'))).toEqual([{ result: 'refused', reason: 'pending' }]);
    await world.publish();
    expect(await world.send(world.ask(holder, 'amend', 1, 'Third.'))).toEqual([{ result: 'refused', reason: 'number' }]);
    expect((await world.entry(holder))?.text).toBe('One.');
  });

  it.each([
    ['a text that is not canonical', 'amend', ' text '],
    ['a text with a control', 'amend', 'a\u0007b'],
    ['a text that fits as text but not as JSON', 'amend', '"'.repeat(2048)],
    ['a name with markup', 'show-name', '<b>Wang</b>'],
    ['a name that is not canonical', 'show-name', 'Wang  Jianguo'],
    ['no name', 'show-name', ''],
  ] as const)('%s is refused by its value', async (_, operation, value) => {
    const world = await publishedWorld();
    expect(await world.send(world.ask(world.holder, operation, 1, value))).toEqual([{ result: 'refused', reason: 'value' }]);
    expect((await world.publish()).changes).toBe(0);
  });

  it('a change whose own signature is not the holder’s is refused and stops no batch', async () => {
    const world = await publishedWorld();
    const other = await world.addHolder(2);
    const good = world.ask(world.holder, 'retract');
    const foreign = { ...good, changeSignature: world.ask(other, 'retract').changeSignature };
    const moved = { ...world.ask(world.holder, 'amend', 1, 'Mine.'), value: 'Not mine.' };
    const broken = { ...good, changeSignature: new Uint8Array(64) };
    const refused = { result: 'refused', reason: 'value' };
    expect(await world.send(foreign, moved, broken)).toEqual([refused, refused, refused]);
    expect((await world.publish()).changes).toBe(0);
    expect(await world.send(good)).toMatchObject([{ result: 'waiting' }]); // the control
  });

  it('a retraction counts, keeps the entry, drops what waits and ends amending', async () => {
    const world = await publishedWorld();
    const { holder, ask } = world;
    const request = ask(holder, 'retract');
    await world.send(ask(holder, 'show-name', 1, 'Wang Jianguo'), request);
    await world.publish();
    expect(await world.entry(holder)).toMatchObject({ retracted: true, name: 'jin fu', removed: false, amendments: 0 });
    expect(countsFrom(await world.stores.public.state(), world.context.settings.policy)).toMatchObject({
      total: 1,
      retracted: 1,
      standing: 0,
    });
    expect(await world.stores.public.waitingChanges()).toBe(0);
    expect(await world.send(request, ask(holder, 'amend', 1, 'x'), ask(holder, 'show-name', 1, 'Wang'))).toEqual([
      { result: 'done' },
      { result: 'refused', reason: 'retracted' },
      { result: 'refused', reason: 'retracted' },
    ]);
    expect((await world.changes()).map(({ type }) => type)).toEqual(['retraction']);
  });

  it('a removal takes content and salt away; leaf and counts stay; what was retracted can be removed too', async () => {
    const world = await publishedWorld();
    const { holder, ask } = world;
    await world.send(ask(holder, 'remove-content'), ask(holder, 'retract'), ask(holder, 'amend', 1, 'x'));
    expect((await world.publish()).changes).toBe(2);
    const row = await world.stores.public.entry(holder.id);
    expect([row?.content, row?.salt]).toEqual([undefined, undefined]);
    expect(await world.entry(holder)).toMatchObject({
      removed: true,
      retracted: true,
      name: undefined,
      entryKey: undefined,
      categories: ['party'],
    });
    expect((await world.changes()).map(({ type }) => type)).toEqual(['retraction', 'removal']);
    expect(((await world.changes()) as readonly WithdrawalLeaf[]).map(({ signature }) => signature?.length)).toEqual([128, 128]);
    const removedFirst = await publishedWorld();
    await removedFirst.send(removedFirst.ask(removedFirst.holder, 'remove-content'));
    await removedFirst.publish();
    removedFirst.clock.advanceDays(1);
    expect(await removedFirst.send(removedFirst.ask(removedFirst.holder, 'amend', 1, 'x'))).toEqual([
      { result: 'refused', reason: 'removed' },
    ]);
    await removedFirst.send(removedFirst.ask(removedFirst.holder, 'retract'));
    expect((await removedFirst.publish()).changes).toBe(1);
  });

  it('a change of an entry in the pool waits for the entry', async () => {
    const world = entryWorld();
    const holder = await world.addHolder(1);
    expect(await world.send(world.ask(holder, 'amend', 1, 'Later.'))).toMatchObject([{ result: 'waiting' }]);
    expect(await world.publish()).toMatchObject({ published: 1, changes: 0 });
    world.clock.advanceDays(1);
    expect(await world.publish()).toMatchObject({ published: 0, changes: 1 });
  });
});

describe('the real name', () => {
  it('is shown after seven days more, also when everything is published now', async () => {
    const world = await publishedWorld();
    const request = world.ask(world.holder, 'show-name', 1, 'Wang Jianguo');
    const before = await world.entry(world.holder);
    expect(await world.send(request)).toEqual([{ result: 'waiting', dueOn: date(8) }]);
    expect(await world.publishNow()).toMatchObject({ batch: undefined, changes: 0 });
    world.clock.advanceDays(6);
    expect((await world.publish()).changes).toBe(0);
    world.clock.advanceDays(1);
    expect((await world.publish()).changes).toBe(1);
    // The name and nothing else; the hash is of a content with the name.
    const shown = {
      display: 'name',
      name: 'Wang Jianguo',
      amendments: 1,
      contentHash: expect.not.stringMatching(before?.contentHash ?? ''),
    };
    expect(await world.entry(world.holder)).toEqual({ ...before, ...shown });
    const { byDisplay, total } = countsFrom(await world.stores.public.state(), world.context.settings.policy);
    expect([byDisplay, total]).toEqual([{ alias: 0, name: 1 }, 1]);
    expect(await world.send(request)).toEqual([{ result: 'done' }]);
    expect(await world.send(world.ask(world.holder, 'show-name', 2, 'Li Si'))).toEqual([{ result: 'refused', reason: 'value' }]);
  });

  it('is not shown on hearsay; raised evidence allows it', async () => {
    const world = await publishedWorld({ evidence: 'stated' });
    const { holder, context } = world;
    expect(await world.send(world.ask(holder, 'show-name', 1, 'Wang Jianguo'))).toEqual([{ result: 'refused', reason: 'evidence' }]);
    expect(await changeEntry(context, holder.entryId, { evidence: 'verified' })).toEqual({ dueOn: date(1) });
    await world.publish();
    expect(await world.changes()).toEqual([{ type: 'raise', batch: 2, entry: 1, from: 'stated', to: 'verified' }]);
    expect((await world.entry(holder))?.evidence).toBe('verified');
    expect(countsFrom(await world.stores.public.state(), context.settings.policy).byEvidence).toEqual({
      stated: 0,
      contact: 0,
      verified: 1,
    });
    expect(await world.send(world.ask(holder, 'show-name', 1, 'Wang Jianguo'))).toMatchObject([{ result: 'waiting' }]);
    await expect(changeEntry(context, holder.entryId, { evidence: 'contact' })).rejects.toMatchObject({ code: 'CHANGE_REFUSED' });
  });

  it('is vetoed: what waits is gone, what comes is refused, the registry may still do it', async () => {
    const world = await publishedWorld();
    const { holder, ask, context } = world;
    const name = ask(holder, 'show-name', 1, 'Wang Jianguo');
    await world.send(name);
    expect(await world.send(ask(holder, 'veto'))).toEqual([{ result: 'done' }]);
    expect(await world.send(name, ask(holder, 'veto'), ask(holder, 'status'))).toEqual([
      { result: 'refused', reason: 'locked' },
      { result: 'done' },
      {
        result: 'done',
        entry: { state: 'published', registerNumber: 1, retracted: false, removed: false, amendments: 0, nameLocked: true, pending: [] },
      },
    ]);
    world.clock.advanceDays(30);
    expect((await world.publish()).changes).toBe(0);
    expect(await changeEntry(context, holder.entryId, { name: 'Wang Jianguo' })).toEqual({ dueOn: date(31) });
    world.clock.advanceDays(1);
    expect((await world.publish()).changes).toBe(1);
    expect(await world.changes()).toMatchObject([{ type: 'amendment', kind: 'name', by: 'registry' }]);
    expect((await world.changes())[0]).not.toHaveProperty('signature');
  });

  it.each([
    ['veto', 'show-name'],
    ['show-name', 'veto'],
  ] as const)('in one chunk, %s before %s: never shown', async (...operations) => {
    const world = await publishedWorld();
    const replies = await world.send(
      ...operations.map((operation) =>
        world.ask(world.holder, operation, operation === 'veto' ? 0 : 1, operation === 'veto' ? '' : 'Wang'),
      ),
    );
    expect(replies[operations.indexOf('show-name')]).toEqual({ result: 'refused', reason: 'locked' });
    world.clock.advanceDays(30);
    expect((await world.publish()).changes).toBe(0);
  });

  it('is vetoed by the registry, also in the pool', async () => {
    const world = entryWorld();
    const holder = await world.addHolder(1);
    await world.send(world.ask(holder, 'show-name', 1, 'Wang'));
    expect(await changeEntry(world.context, holder.entryId, { veto: true })).toEqual({ dueOn: date(0) });
    expect(await entryStatus(world.context, holder.entryId)).toMatchObject({ state: 'waiting', nameLocked: true, pending: [] });
  });
});

describe('changes by the registry', () => {
  it('normalise what they are given, and say the same again while it waits', async () => {
    const world = await publishedWorld();
    const { context, holder } = world;
    const first = await changeEntry(context, holder.entryId, { text: '  New\r\ntext ' });
    world.clock.advanceDays(3);
    expect(await changeEntry(context, holder.entryId, { text: 'New\ntext' })).toEqual(first);
    await expect(changeEntry(context, holder.entryId, { text: 'Other' })).rejects.toMatchObject({ code: 'CHANGE_REFUSED' });
    await world.publish();
    expect((await world.entry(holder))?.text).toBe('New\ntext');
    for (const change of [{ retract: true }, { removeContent: true }] as const) {
      await changeEntry(context, holder.entryId, change);
      await world.publishNow();
      await expect(changeEntry(context, holder.entryId, change)).rejects.toMatchObject({ code: 'CHANGE_REFUSED' });
    }
    expect((await world.changes()).map((leaf) => ('by' in leaf ? [leaf.type, leaf.by] : leaf.type))).toEqual([
      ['amendment', 'registry'],
      ['retraction', 'registry'],
      ['removal', 'registry'],
    ]);
  });

  it.each([
    ['an unknown entry', '00'.repeat(16), { retract: true }, 'ENTRY_UNKNOWN'],
    ['what is no id', 'x', { retract: true }, 'FORMAT_INVALID'],
    ['a bad text', undefined, { text: 'a\u202eb' }, 'STATEMENT_INVALID'],
    ['a long text', undefined, { text: 'x'.repeat(2049) }, 'STATEMENT_TOO_LARGE'],
    ['a bad name', undefined, { name: '=1+1' }, 'ALIAS_INVALID'],
  ] as const)('%s has its code', async (_, id, change, code) => {
    const world = await publishedWorld();
    const rejection = await changeEntry(world.context, id ?? world.holder.entryId, change).catch((error: unknown) => error);
    expect(rejection).toMatchObject({ code });
    for (const value of Object.values(change)) if (typeof value === 'string') expect(String(rejection)).not.toContain(value);
  });

  it.each([{}, { text: 'a', name: 'b' }, { retract: false }, { evidence: 'stated' }, { text: 7 }, { other: true }])(
    '%j is the caller’s bug',
    async (change) => {
      const world = await publishedWorld();
      await expect(changeEntry(world.context, world.holder.entryId, change as never)).rejects.toThrow(TypeError);
    },
  );
});

describe('any order of requests, replays, publications', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('amend' as const, 'show-name' as const), by: fc.nat(1), ahead: fc.constantFrom(0, 1, 1, 1, 1, 2) }),
    fc.record({
      do: fc.constantFrom('retract' as const, 'remove-content' as const, 'veto' as const),
      by: fc.nat(1),
      rare: fc.integer({ min: 0, max: 4 }),
    }),
    fc.record({ do: fc.constant('replay' as const), which: fc.nat() }),
    fc.record({ do: fc.constantFrom('publish' as const, 'publish' as const, 'now' as const), days: fc.integer({ min: 0, max: 9 }) }),
  );

  it('numbers amendments without gap, publishes each once, and the leaves give the counters', async () => {
    let published = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const world = entryWorld();
        const holders = [await world.addHolder(1), await world.addHolder(2, { text: undefined, evidence: 'verified' })];
        await world.publish();
        const sent: SignedRequest[] = [];
        for (const [i, each] of steps.entries()) {
          if ('days' in each) {
            world.clock.advanceDays(each.days);
            await (each.do === 'now' ? world.publishNow() : world.publish());
            continue;
          }
          if ('which' in each) {
            const old = sent[each.which % Math.max(1, sent.length)];
            if (old !== undefined) await world.send(old);
            continue;
          }
          const holder = holders[each.by] as Holder;
          if ('rare' in each && each.rare > 0) continue;
          const amendments = (await world.entry(holder))?.amendments ?? 0;
          const isAmendment = 'ahead' in each;
          const value = isAmendment ? `${each.do === 'amend' ? 'text' : 'Wang'} ${i}` : '';
          const request = world.ask(holder, each.do, isAmendment ? amendments + each.ahead : 0, value);
          sent.push(request);
          expect((await world.send(request))[0]?.result).toMatch(/^(waiting|refused|done)$/);
        }
        const changes = await world.changes();
        published += changes.length;
        for (const { id } of holders) {
          const row = await world.stores.public.entry(id);
          const entry = row && entryFromRow(row);
          const own = changes.filter((leaf) => 'entry' in leaf && leaf.entry === entry?.registerNumber);
          const numbers = own.flatMap((leaf) => (leaf.type === 'amendment' ? [leaf.number] : []));
          expect(numbers).toEqual(numbers.map((_, i) => i + 1));
          expect(entry?.amendments).toBe(numbers.length);
          expect(own.filter(({ type }) => type === 'retraction').length).toBe(entry?.retracted === true ? 1 : 0);
          expect(own.filter(({ type }) => type === 'removal').length).toBe(entry?.removed === true ? 1 : 0);
          const end = own.findIndex(({ type }) => type === 'retraction' || type === 'removal');
          if (end >= 0) expect(own.slice(end).every(({ type }) => type !== 'amendment')).toBe(true);
        }
        const signatures = changes.flatMap((leaf) => ('signature' in leaf ? [leaf.signature] : []));
        expect(new Set(signatures).size).toBe(signatures.length);
        let counters: ReadonlyMap<string, number> = new Map();
        let batch: StatementLeaf[] = [];
        for (const leaf of [...(await world.leaves()), undefined]) {
          if (leaf !== undefined && leaf.type !== 'tally') batch.push(leaf as StatementLeaf);
          else {
            if (leaf !== undefined && leaf.batch === 1) continue;
            counters = addIncrements(counters, incrementsOf(batch));
            batch = [];
            if (leaf !== undefined) expect(tallyFromCounters(counters)).toEqual(leaf.before);
          }
        }
        expect(tallyFromCounters((await world.stores.public.state()).counters)).toEqual(tallyFromCounters(counters));
      }),
      { numRuns: 60 },
    );
    expect(published).toBeGreaterThan(20); // the control: changes really go out
  });
});
