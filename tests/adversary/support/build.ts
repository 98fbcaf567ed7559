import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCustody, type Custody } from '../../../src/custodian.js';
import { type Injected, openRegistry, type Policy, type Registration, type Registry } from '../../../src/index.js';
import type { Stores } from '../../../src/registry/stores.js';
import { nodeBackend, openSqliteStores } from '../../../src/sqlite.js';
import { type FixedClock, fixedClock } from '../../../src/testing.js';
import { personOf } from './people.js';

/** The directory under attack. The only support file that uses the library. */
export interface Target {
  readonly root: string;
  readonly dir: string;
  readonly clock: FixedClock;
  readonly custody: Custody;
  readonly registry: Registry;
  readonly stores: Stores;
  /** A seizure: every file as it lies there now. */
  image(name: string): string;
  destroy(): Promise<void>;
}

export const START = Date.UTC(2026, 10, 21, 9);

export async function buildTarget(
  policy: Policy,
  injected: Injected = {},
  wrap: (stores: Stores) => Stores = (stores) => stores,
  root = mkdtempSync(join(tmpdir(), 'adversary-')),
): Promise<Target> {
  const dir = join(root, 'registry');
  const clock = fixedClock(START);
  const custody = await createCustody({ quorum: 2, custodians: 3 });
  const stores = wrap(await openSqliteStores(dir, { create: true }));
  const registry = await openRegistry({ stores, keys: custody.keys, policy }, { clock, backend: nodeBackend, ...injected });
  return { custody, ...running(root, dir, clock, registry, stores) };
}

/** A copy of an image, running again. Policy and keys are those of the image. */
export async function resume(
  image: string,
  injected: Injected = {},
  time = START,
  wrap: (stores: Stores) => Stores = (stores) => stores,
): Promise<Omit<Target, 'custody'>> {
  const root = mkdtempSync(join(tmpdir(), 'adversary-'));
  const dir = join(root, 'registry');
  cpSync(image, dir, { recursive: true });
  const clock = fixedClock(time);
  const stores = wrap(await openSqliteStores(dir));
  const registry = await openRegistry({ stores }, { clock, backend: nodeBackend, ...injected });
  return running(root, dir, clock, registry, stores);
}

function running(root: string, dir: string, clock: FixedClock, registry: Registry, stores: Stores): Omit<Target, 'custody'> {
  return {
    root,
    dir,
    clock,
    registry,
    stores,
    image(name) {
      const copy = join(root, name);
      cpSync(dir, copy, { recursive: true });
      return copy;
    },
    async destroy() {
      await registry.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function registrationOf(i: number, change: Partial<Registration['statement']> = {}): Registration {
  const person = personOf(i);
  return {
    identity: { names: person.names, birthDate: person.birthDate, birthplace: person.birthplace, declared: 'self' },
    contact: {
      phones: [person.phone],
      emails: [person.email],
      address: person.address,
      workplace: person.workplace,
      relativesAbroad: person.relatives,
      ifCaught: { disclose: true, to: [person.relatives] },
    },
    statement: { alias: 'jin fu', categories: ['party'], text: person.text, ...change },
    claim: 'none',
  };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}
