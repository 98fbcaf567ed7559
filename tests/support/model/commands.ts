import fc from 'fast-check';
import { expect } from 'vitest';
import type { Registry } from '../../../src/index.js';
import type { ShredRow } from '../../../src/sealed/ports.js';
import { Secret } from '../../../src/foundation/secret.js';
import { makeRequest, type Wish } from '../../../src/person.js';
import { nodeBackend } from '../../../src/sqlite.js';
import type { Operation } from '../../../src/submit/request-format.js';
import { currentEpoch, wrapSubmission } from '../../../src/submit/wrap-submission.js';
import type { ModelPerson } from './people.js';
import type { World } from './world.js';

/** A request a person sent and may ask the reply of. */
export interface SentRequest {
  readonly person: number;
  readonly operation: Operation;
  readonly number: number;
  readonly value: string;
}

/** What must be true, as far as it can be known without the registry's dice. */
export interface Model {
  readonly submitted: Set<number>;
  readonly requests: SentRequest[];
  /** Bytes that were accepted, to send again. */
  readonly sent: Uint8Array[];
  /** Asked to be erased since the last restored backup. */
  readonly erased: Set<number>;
  backup: readonly ShredRow[] | undefined;
  lastBatchDay: number;
  steps: number;
  /** How often each kind of step was taken, and how many crashes really cut work short. */
  readonly taken: Map<string, number>;
}

export function newModel(): Model {
  return {
    submitted: new Set(),
    requests: [],
    sent: [],
    erased: new Set(),
    backup: undefined,
    lastBatchDay: 0,
    steps: 0,
    taken: new Map(),
  };
}

type Command = fc.AsyncCommand<Model, World>;

/** One step; `work` drives the registry and the model together. Whatever it does, the invariants are checked after it. */
class Step implements Command {
  readonly #name: string;
  readonly #may: (model: Model) => boolean;
  readonly #work: (model: Model, world: World) => Promise<void>;

  constructor(name: string, work: (model: Model, world: World) => Promise<void>, may: (model: Model) => boolean = () => true) {
    this.#name = name;
    this.#may = may;
    this.#work = work;
  }

  check(model: Readonly<Model>): boolean {
    return this.#may(model);
  }

  async run(model: Model, world: World): Promise<void> {
    model.steps++;
    count(model, this.#name.replace(/[ (].*/u, ''));
    await this.#work(model, world);
    await assertInvariants(model, world);
  }

  toString(): string {
    return this.#name;
  }
}

function count(model: Model, what: string): void {
  model.taken.set(what, (model.taken.get(what) ?? 0) + 1);
}

/** Counts never exceed what was accepted, and dates never run backwards, at every moment. */
async function assertInvariants(model: Model, { registry }: World): Promise<void> {
  const { records, entries, pool } = await registry.health();
  expect(records).toBeLessThanOrEqual(model.submitted.size);
  expect(entries + pool.waiting).toBeLessThanOrEqual(model.submitted.size);
  const { latestBatch } = await registry.counts();
  const day = latestBatch === undefined ? 0 : Date.parse(latestBatch.date);
  expect(day).toBeGreaterThanOrEqual(model.lastBatchDay);
  model.lastBatchDay = day;
}

async function wrap(inner: Uint8Array, world: World): Promise<Uint8Array> {
  await world.registry.maintain();
  const { epochs } = await world.registry.publicKeys();
  return wrapSubmission(inner, currentEpoch(epochs, world.clock), { backend: nodeBackend, random: world.random });
}

/** What `./person` makes of the wish; `attempt` gives it a mailbox of its own. */
export async function requestBytes(person: ModelPerson, wish: Wish, world: World, attempt = 0): Promise<Uint8Array> {
  await world.registry.maintain();
  const { kappa, replySeed, recordId, entryId } = person;
  const claim = { recordId, entryId, secret: new Secret({ kappa, replySeed }) };
  const { clock, random } = world;
  return makeRequest(claim, wish, await world.registry.publicKeys(), { clock, random, backend: nodeBackend, attempt }).bytes;
}

function wishOf({ operation, number, value }: Omit<SentRequest, 'person'>): Wish {
  if (operation === 'amend') return { operation, number, text: value };
  if (operation === 'show-name') return { operation, number, name: value };
  return operation === 'status' || operation === 'record-status' ? { operation, number } : { operation };
}

/** Any work a process may be killed in. */
const WORK: Readonly<Record<string, (registry: Registry) => Promise<unknown>>> = {
  sort: (registry) => registry.sort(),
  publish: (registry) => registry.publish(),
  publishNow: (registry) => registry.publish({ now: true }),
  maintain: (registry) => registry.maintain(),
};

export function commands(people: readonly ModelPerson[]): fc.Arbitrary<Command>[] {
  const who = fc.nat(people.length - 1);
  const step = (name: string, work: (model: Model, world: World) => Promise<void>, may?: (model: Model) => boolean) =>
    fc.constant(new Step(name, work, may));

  const submit = who.map(
    (i) =>
      new Step(`submit(${i})`, async (model, world) => {
        const bytes = await wrap((people[i] as ModelPerson).inner, world);
        await world.registry.accept(bytes);
        model.submitted.add(i);
        model.sent.push(bytes);
      }),
  );
  const retry = fc.nat(999).map(
    (at) =>
      new Step(
        `retry(${at})`,
        async (model, world) => {
          const bytes = model.sent[at % model.sent.length] as Uint8Array;
          // Its epoch may have closed: then the device gets one fixed answer and would wrap anew.
          await world.registry.accept(bytes).catch((error: unknown) => expect(error).toMatchObject({ code: 'EPOCH_EXPIRED' }));
        },
        (model) => model.sent.length > 0,
      ),
  );
  const operation = fc.constantFrom<Operation>(
    'status',
    'amend',
    'amend',
    'show-name',
    'retract',
    'remove-content',
    'veto',
    'record-status',
    'erase',
  );
  const ask = fc.tuple(who, operation, fc.nat(99)).map(
    ([nth, what, word]) =>
      new Step(
        `${what}(${nth})`,
        async (model, world) => {
          const submitted = [...model.submitted];
          const person = submitted[nth % submitted.length] as number;
          const known = people[person] as ModelPerson;
          const amends = what === 'amend' || what === 'show-name';
          const amendments = (await world.registry.entryStatus(known.entryId))?.amendments ?? 0;
          const number = amends ? amendments + 1 : what.endsWith('status') ? model.requests.length : 0;
          const value = what === 'amend' ? `Said again, ${word}.` : what === 'show-name' ? known.name : '';
          const sent: SentRequest = { person, operation: what, number, value };
          await world.registry.apply(await requestBytes(known, wishOf(sent), world));
          model.requests.push(sent);
          if (what === 'erase') model.erased.add(person);
        },
        (model) => model.submitted.size > 0,
      ),
  );
  const work = fc
    .constantFrom(...Object.keys(WORK))
    .map(
      (name) => new Step(name, async (_, { registry }) => void (await (WORK[name] as (registry: Registry) => Promise<unknown>)(registry))),
    );
  const crash = fc.tuple(fc.constantFrom(...Object.keys(WORK)), fc.nat(60), fc.boolean()).map(
    ([name, at, persisted]) =>
      new Step(`crash in ${name} at ${at}${persisted ? ' (persisted)' : ''}`, async (model, world) => {
        const cut = await world.crash(at, persisted, WORK[name] as (registry: Registry) => Promise<unknown>);
        if (cut) count(model, 'cut short');
      }),
  );
  const days = fc.constantFrom(1, 1, 1, 2, 8).map((n) => new Step(`days(${n})`, async (_, { clock }) => clock.advanceDays(n)));
  const backup = step('back up shreds', async (model, { stores }) => {
    model.backup = await stores.shred.from(new Uint8Array(16), 10_000);
  });
  const restore = step(
    'restore shreds',
    async (model, { stores }) => {
      const live = new Set((await stores.keys.keks()).map(({ generation }) => generation));
      // An older one would be noise to everybody, which tests/adversary/erasure.test.ts shows.
      const rows = (model.backup ?? []).filter(({ generation }) => live.has(generation));
      for (const row of rows) {
        const now = await stores.shred.get(row.id);
        if (now !== undefined) await stores.shred.rewrap([{ was: now.wrapped, row }]);
      }
      // Whoever restores asks again for the erasures of the days since (docs/operations.md).
      const again = [...model.erased];
      model.erased.clear();
      for (const i of again) {
        model.erased.add(i);
        model.requests.push({ person: i, operation: 'erase', number: 0, value: '' });
      }
    },
    (model) => model.backup !== undefined,
  );
  const restart = step('restart', async (_, world) => world.restart());
  return [submit, submit, submit, retry, ask, ask, work, work, crash, crash, days, days, backup, restore, restart];
}
