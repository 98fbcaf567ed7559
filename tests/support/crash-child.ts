/** The process that is killed: `node crash-child.js OPERATION DIR MILLISECONDS EXTRA`. Bundled by crash-build.ts; on one thread, with known randomness but for `day`. */
import { RegistryError } from '../../src/foundation/errors.js';
import { systemRandom } from '../../src/foundation/random.js';
import { openStores } from '../../src/registry/open-registry.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend, openSqliteStores } from '../../src/sqlite.js';
import { fixedClock, seededRandom } from '../../src/testing.js';
import {
  ANSWERED_EXIT,
  CODED_EXIT,
  CRASH_OPERATIONS,
  type CrashOperation,
  FULL_EXIT,
  OTHER_EXIT,
  SECOND_TIME_EXIT,
} from './crash-operations.js';

/** A sort as many would write it: the rows leave the inbox, then the stores are written. Kills must find it out. */
function drainsFirst(stores: Stores): Stores {
  const { inbox } = stores;
  const broken: Stores['inbox'] = new Proxy(inbox, {
    get(target, name) {
      if (name === 'begin') return (ids: readonly Uint8Array[]) => target.drain(ids, []);
      if (name === 'drain') return async () => undefined;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...stores, inbox: broken };
}

/** An erasure that overwrites its window with noise, and then writes what the neighbours had: two transactions. Kills must find it out. */
function noiseFirst(stores: Stores): Stores {
  const broken: Stores['shred'] = new Proxy(stores.shred, {
    get(target, name) {
      if (name === 'rewrap') {
        return async (rows: Parameters<typeof target.rewrap>[0]) => {
          const noise = rows.map(({ was, row }) => ({ was, row: { ...row, wrapped: systemRandom.bytes(row.wrapped.length) } }));
          await target.rewrap(noise);
          return target.rewrap(rows.map(({ row }, i) => ({ was: noise[i]?.row.wrapped ?? row.wrapped, row })));
        };
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...stores, shred: broken };
}

/** Takes what could not be stored as if it had been. A full disk must find it out. */
function hearsNoError(stores: Stores): Stores {
  const broken: Stores['inbox'] = new Proxy(stores.inbox, {
    get(target, name) {
      if (name === 'put') return (...args: Parameters<typeof target.put>) => target.put(...args).catch(() => ({ differing: [] }));
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...stores, inbox: broken };
}

function exitOf(error: unknown): number {
  if (!(error instanceof RegistryError)) return OTHER_EXIT;
  return error.code === 'STORE_FAILED' && error.retryable ? FULL_EXIT : CODED_EXIT;
}

const BROKEN: Readonly<Record<string, (stores: Stores) => Stores>> = { broken: drainsFirst, noise: noiseFirst, deaf: hearsNoError };
const [asked = '', dir = '', time = '', extra = ''] = process.argv.slice(2);
const clock = fixedClock(Number(time));
const [operation, how = ''] = asked.split(':') as [CrashOperation, string | undefined];
let answers = 0;

async function run(): Promise<void> {
  const stores = await openSqliteStores(dir);
  const registry = await openStores(
    { stores: BROKEN[how]?.(stores) ?? stores },
    // A day is run again and again over one directory: with the same randomness two people would have the same κ.
    { clock, backend: nodeBackend, ...(operation === 'day' ? {} : { random: seededRandom(`crash ${operation}`) }) },
  );
  await secondTime(() => CRASH_OPERATIONS[operation]({ registry, clock, extra, dir, from: answers, answered: () => answers++ }));
  await registry.close();
}

/** `again`: what says "retryable" is asked a second time by the same process, opening as well as the operation. */
async function secondTime(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (how !== 'again' || exitOf(error) !== FULL_EXIT) throw error;
    await work().catch(() => {
      throw new Error('the second time failed too');
    });
    process.exitCode = SECOND_TIME_EXIT;
  }
}

try {
  await secondTime(run);
} catch (error) {
  process.exitCode = exitOf(error) + ANSWERED_EXIT * answers;
}
