/** The process that is killed: `node crash-child.js OPERATION DIR MILLISECONDS EXTRA`. Bundled by crash-build.ts; on one thread, with known randomness. */
import { RegistryError } from '../../src/foundation/errors.js';
import { openStores } from '../../src/registry/open-registry.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend, openSqliteStores } from '../../src/sqlite.js';
import { fixedClock, seededRandom } from '../../src/testing.js';
import { CODED_EXIT, CRASH_OPERATIONS, type CrashOperation, OTHER_EXIT } from './crash-operations.js';

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

const [asked = '', dir = '', time = '', extra = ''] = process.argv.slice(2);
const clock = fixedClock(Number(time));
const [operation, broken] = asked.split(':') as [CrashOperation, string | undefined];
try {
  const stores = await openSqliteStores(dir);
  const registry = await openStores(
    { stores: broken === undefined ? stores : drainsFirst(stores) },
    // A day is run again and again over one directory: with the same randomness two people would have the same κ.
    { clock, backend: nodeBackend, ...(operation === 'day' ? {} : { random: seededRandom(`crash ${asked}`) }) },
  );
  await CRASH_OPERATIONS[operation]({ registry, clock, extra, dir });
  await registry.close();
} catch (error) {
  process.exitCode = error instanceof RegistryError ? CODED_EXIT : OTHER_EXIT;
}
