import type { Counts, Health, Registry } from '../../../index.js';
import type { CallsResult } from './calls.js';
import { occurrences } from './folders.js';
import type { OpeningResult } from './opening.js';
import { Totals } from './totals.js';
import { readWall, type Wall } from './wall.js';

/** What the demo knows because it made everybody up. */
export interface KnownTruth {
  readonly registered: Totals;
  readonly calls: CallsResult;
  readonly opening: OpeningResult;
  /** Telephones and addresses of a few of the imported. */
  readonly sealedTexts: readonly string[];
}

export interface Verdict {
  /** What was checked, and whether it held. */
  readonly checks: Readonly<Record<string, boolean>>;
  readonly failed: readonly string[];
  readonly counts: Counts;
  readonly health: Health;
}

/** Compares a registry with the truth: every number exactly, every promise to the callers, every byte on the disk. */
export async function verify(registry: Registry, dir: string, truth: KnownTruth): Promise<Verdict> {
  const counts = await registry.counts();
  const health = await registry.health();
  const wall = await readWall(registry);
  const { registered, opening } = truth;
  const checks = {
    ...opening.checks,
    'the person opened is one of those registered': registered.knows(opening.name),
    'the link leads to a published entry': wall.entries.has(opening.entryId),
    ...keptPromises(wall, truth.calls),
    'no sealed address, workplace or telephone in any byte': nothingReadable(dir, truth),
    'counts are exactly what was registered': Totals.ofCounts(counts).differences(registered).length === 0,
    'the register, recounted entry by entry, says the same': wall.totals.differences(registered).length === 0,
    'as many records as statements, nothing waiting':
      health.records === registered.total && health.pool.waiting + health.inbox.waiting === 0,
    'health finds no problem': health.ok,
  };
  const failed = Object.entries(checks).flatMap(([name, held]) => (held ? [] : [name]));
  return { checks, failed, counts, health };
}

function keptPromises({ entries }: Wall, { shownName, hostile, family }: CallsResult): Readonly<Record<string, boolean>> {
  const shown = entries.get(shownName.entryId);
  const aliased = entries.get(hostile.entryId);
  return {
    'the real name asked for is shown': shown?.display === 'name' && shown.name === shownName.realName,
    'a stranger’s call shows the alias': aliased?.display === 'alias' && aliased.name !== hostile.realName,
    'all five of the family are there': family.length === 5 && family.every((entryId) => entries.has(entryId)),
  };
}

/** The shown name is the control: a search that does not find it would find nothing else either. */
function nothingReadable(dir: string, { calls: { shownName }, sealedTexts }: KnownTruth): boolean {
  const found = occurrences(dir, [...shownName.sealedTexts, ...sealedTexts, shownName.realName]);
  return found.length === 1 && found[0] === shownName.realName;
}
