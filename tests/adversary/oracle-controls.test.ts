import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Entry, type Injected, makePolicy, type Opener, type Registry, RegistryError, type Stores } from '../../src/index.js';
import { decodeHybridPrivateKey } from '../../src/foundation/hybrid-kem-open.js';
import { checkInside, type OpenedSubmission, openOuter } from '../../src/registry/open-submission.js';
import { inlineOpener } from '../../src/registry/opener.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner, encodeInner } from '../../src/submit/inner-format.js';
import { buildTarget, type Target } from './support/build.js';
import { garbageLike } from './support/garbage.js';
import { printFoundControl } from './support/report.js';
import { type Attacked, made } from './support/sender.js';
import {
  askAlike,
  askWrongly,
  hijack,
  markRecord,
  stopOthers,
  TAKEOVERS,
  takeOver,
  takeOverTogether,
  withOneWrap,
} from './support/sender-attacks.js';

/** The attacks of oracle.test.ts on registries that leak, one leak each: each must be seen by the same code. */
let target: Target;

afterEach(async () => target.destroy());

async function build(injected: Injected = {}, wrap?: (stores: Stores) => Stores): Promise<Target> {
  target = await buildTarget(makePolicy('tiny', ['party', 'league']), injected, wrap);
  return target;
}

/** The library's registry with some answers of another. */
async function leaky(change: (registry: Registry) => Partial<Registry>): Promise<Attacked> {
  const { registry, clock } = await build();
  return { clock, registry: { ...registry, ...change(registry) } };
}

const waitingIn = async (registry: Registry): Promise<number> => (await registry.health()).inbox.waiting;
const caught = (attack: string, leak: string, found: number): void => {
  printFoundControl(`${attack}: ${leak}`, found);
  expect(found).toBeGreaterThan(0);
};

describe('what accept and the public side tell', () => {
  it('an intake that says whether it had that submission', async () => {
    const attacked = await leaky((registry) => ({
      accept: async (bytes) => {
        const before = await waitingIn(registry);
        await registry.accept(bytes);
        return ((await waitingIn(registry)) > before ? undefined : 'sent before') as unknown as undefined;
      },
    }));
    caught('answers that differ', 'an intake that says "sent before"', (await askAlike(attacked)).answers);
  });

  it.each<[string, (registry: Registry) => Partial<Registry>]>([
    [
      'counts of what waits too',
      (registry) => ({
        counts: async () => {
          const counts = await registry.counts();
          return { ...counts, total: counts.total + (await waitingIn(registry)) };
        },
      }),
    ],
    [
      'a blank entry for each that waits',
      (registry) => ({
        entries: async function* () {
          yield* registry.entries();
          for (let n = await waitingIn(registry); n > 0; n--) yield {} as Entry;
        },
      }),
    ],
    [
      'an epoch key for each that waits',
      (registry) => ({
        publicKeys: async () => {
          const keys = await registry.publicKeys();
          const [first] = keys.epochs;
          return {
            ...keys,
            epochs: [...keys.epochs, ...Array.from({ length: await waitingIn(registry) }, () => first as typeof first & {})],
          };
        },
      }),
    ],
  ])('%s', async (leak, change) => {
    const { answers, changes } = await askAlike(await leaky(change));
    caught('submissions that change anything visible', leak, changes);
    expect(answers).toBe(0);
  });
});

describe('what a refusal tells', () => {
  it('an intake that says the same of everything wrong', async () => {
    const attacked = await leaky((registry) => ({
      accept: async (bytes) =>
        registry.accept(bytes).catch(() => {
          throw new Error('no');
        }),
    }));
    caught('wrong submissions without their code', 'an intake without codes', (await askWrongly(attacked)).unnamed);
  });

  it('an intake that looks for the sealed part before it looks at the header', async () => {
    const seen = new Set<string>();
    const attacked = await leaky((registry) => ({
      accept: async (bytes) => {
        const body = Buffer.from(bytes.subarray(16)).toString('latin1');
        if (seen.has(body)) throw new RegistryError('REGISTRATION_DUPLICATE', 'sent before');
        await registry.accept(bytes);
        seen.add(body);
      },
    }));
    caught('refusals that differ once a victim registered', 'an intake that knows the sealed part', (await askWrongly(attacked)).differing);
  });

  it.each<[string, (registry: Registry) => Partial<Registry>]>([
    [
      'an intake that takes many one by one',
      (registry) => ({
        acceptMany: async (submissions) => {
          for (const bytes of submissions) await registry.accept(bytes);
        },
      }),
    ],
    [
      'an intake that keeps something of each refused one',
      (registry) => ({
        accept: async (bytes) =>
          registry.accept(bytes).catch(async (error: unknown) => {
            await registry.accept(garbageLike((await made(target, 9)).bytes));
            throw error;
          }),
      }),
    ],
  ])('%s', async (leak, change) => {
    caught('submissions stored with a refusal', leak, (await askWrongly(await leaky(change))).stored);
  });
});

type Part = 'entry' | 'body' | 'shred' | 'claim row';

/** A registry in which a second submission takes the place of the first: one part of what the first left is another from then on. */
function overwriting(part: Part): (registry: Registry) => Partial<Registry> {
  return (registry) => {
    let taken = 0;
    const other = (bytes: Uint8Array, name: Part): Uint8Array => (taken > 1 && name === part ? bytes.map((byte) => byte ^ 1) : bytes);
    return {
      accept: async (bytes) => {
        taken++;
        await registry.accept(bytes);
      },
      entries: async function* () {
        for await (const entry of registry.entries()) yield taken > 1 && part === 'entry' ? { ...entry, name: 'last one' } : entry;
      },
      sealed: {
        ...registry.sealed,
        get: async (id) => {
          const record = await registry.sealed.get(id);
          return record && { ...record, identity: other(record.identity, 'body'), shred: other(record.shred, 'shred') };
        },
      },
      lookUp: async (locator) => other(await registry.lookUp(locator), 'claim row'),
    };
  };
}

/** What each of them is after. */
const AIMS: readonly Part[] = ['entry', 'entry', 'body', 'shred', 'claim row'];

/** A store with some methods of another. */
function replaced<T extends object>(store: T, change: Partial<T>): T {
  return new Proxy(store, {
    get: (object, name) => {
      const value: unknown = Reflect.get(change, name) ?? Reflect.get(object, name);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

/**
 * Stores that say of nothing that they have it and hand out one row at a time, so that each is sorted as if it were the only one; of two
 * shreds of one record both stay.
 */
function forgetful(stores: Stores): Stores {
  const { inbox, vault, claims, shred, public: register } = stores;
  return {
    ...stores,
    inbox: replaced(inbox, { take: async (_, until, after) => inbox.take(1, until, after) }),
    vault: replaced(vault, { digests: async () => new Map() }),
    claims: replaced(claims, { get: async () => undefined }),
    public: replaced(register, { digests: async () => new Map() }),
    shred: replaced(shred, {
      insert: async (rows) => {
        for (const row of rows) await shred.insert([(await shred.get(row.id)) === undefined ? row : { ...row, id: randomBytes(16) }]);
      },
    }),
  };
}

describe('what somebody else’s submission does to an entry or a record', () => {
  it('an entry that shows the last statement under its key', async () => {
    caught('entries overwritten', 'the last statement under a key counts', await hijack(await leaky(overwriting('entry'))));
  });

  it.each(TAKEOVERS.map(([name, take], i) => [name, AIMS[i] as Part, take] as const))('%s: its %s is another', async (name, part, take) => {
    caught(`victims changed by ${name}`, `the last ${part} counts`, (await takeOver(await leaky(overwriting(part)), take)).changed);
  });

  it.each(TAKEOVERS)('books of a sort that asks no store what it has: %s', async (name, take) => {
    const { unbalanced } = await takeOver(await build({}, forgetful), take);
    caught(`books out of balance after ${name}`, 'a sort that asks no store what it has', unbalanced);
  });

  it.each(TAKEOVERS)('the same within one batch: %s', async (name, take) => {
    const { unbalanced } = await takeOverTogether(await build({}, forgetful), take);
    caught(`books out of balance after ${name}, one batch`, 'a sort that asks no store what it has', unbalanced);
  });

  it('a sort that does not count wraps', async () => {
    const options = { backend: nodeBackend };
    const careless: Opener = {
      ...inlineOpener(options),
      open: async (jobs, keys, settings) =>
        jobs.map(({ epoch, submission }) => {
          const padded = openOuter(submission, decodeHybridPrivateKey(keys.get(epoch) as Uint8Array), options);
          const inner = decodeInner(padded);
          const checked = encodeInner({ ...inner, identity: withOneWrap(inner.identity) });
          return { ...(checkInside(checked, settings, options) as OpenedSubmission), inner };
        }),
    };
    caught('sizes of records besides the one', 'a sort that does not count wraps', await markRecord(await build({ opener: careless })));
  });
});

describe('poison', () => {
  it('a sort that ends at what it cannot open', async () => {
    const opener = inlineOpener({ backend: nodeBackend });
    const brittle: Opener = {
      ...opener,
      open: async (...all) => {
        const outcomes = await opener.open(...all);
        if (outcomes.includes('failed')) throw new Error('not to be opened');
        return outcomes;
      },
    };
    const attacked = await build({ opener: brittle });
    const { stopped } = await stopOthers(attacked, [garbageLike((await made(attacked, 1)).bytes)]);
    caught('statements stopped by poisoned submissions', 'a sort that ends at what it cannot open', stopped);
  });
});
