import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecord } from '../../src/custodian.js';
import type { Registry } from '../../src/index.js';
import type { FixedClock } from '../../src/testing.js';
import { rowsIn, withRegistryAt } from './crash-check.js';

/** What a quorum has: shares of the vault key and of the link key. */
export interface Quorum {
  readonly shares: Parameters<typeof openRecord>[1];
}

/** The first `quorum` files of each key, as `init` lays them down. */
export function quorumIn(custody: string, quorum: number): Quorum {
  const filesOf = (folder: string): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.share'))
      .sort()
      .slice(0, quorum)
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  return { shares: [...filesOf(custody), ...filesOf(join(custody, 'link'))] };
}

/** Who is in it, by opening every record: counts are right, too, where one person is lost and another there twice. */
async function openedIn(registry: Registry, { shares }: Quorum) {
  const names: string[] = [];
  const entries: string[] = [];
  for await (const id of registry.sealed.ids()) {
    const sealed = await registry.sealed.get(id);
    if (sealed === undefined) throw new Error('a record has no shred');
    const { identity, link } = await openRecord(sealed, shares, ['identity', 'link']);
    names.push(...(identity?.names ?? []));
    entries.push(link?.entryId ?? '');
  }
  return { names: names.sort(), entries: entries.sort() };
}

/** Each of the names once among the records, and the entries are those that the records were sealed with. Throws what is wrong. */
export async function assertPeople(dir: string, clock: FixedClock, quorum: Quorum, names: readonly string[]): Promise<void> {
  const opened = await withRegistryAt(dir, clock, (registry) => openedIn(registry, quorum));
  if (opened.names.join() !== [...names].sort().join()) throw new Error(`other people: ${opened.names.join()}`);
  if (opened.entries.join() !== rowsIn(dir).entries.join()) throw new Error('the entries are not those of the records');
}
