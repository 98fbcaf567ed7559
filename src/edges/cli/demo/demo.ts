import { relative, resolve } from 'node:path';
import { createCustody } from '../../../custodian.js';
import { makePolicy, openRegistry, RegistryError } from '../../../index.js';
import type { Output } from '../output.js';
import { grouped, printJson } from '../print.js';
import { type CallsResult, replayCalls } from './calls.js';
import { type DaysStage, eightDays, quietWeeks, registerPeople } from './days.js';
import { Dice } from './dice.js';
import { freeFolder, occurrences, tree, writeShares } from './folders.js';
import { Narrator, secondsSince } from './narrator.js';
import { openOne } from './opening.js';
import { CATEGORIES } from './people.js';
import { folderSource, shippedSource } from './people-source.js';
import { realDay, SimulatedClock } from './simulated-clock.js';
import { Totals } from './totals.js';
import { printCounts, printWall, readWall, type Wall } from './wall.js';

export interface DemoArguments {
  /** Default `demo-registry`; if it is there already, `demo-registry-2` and so on. */
  readonly dir?: string;
  readonly custody?: string;
  /** How many to import; default 10,000. */
  readonly people?: number;
  /** A folder with names and places; see `folderSource`. */
  readonly data?: string;
  readonly json: boolean;
}

const SEED = 20_040_711;
/** Eight days of calls, at most sixty without, and a margin. */
const STORY_DAYS = 70;

/**
 * The whole story of a registry with invented people, from the custodians' ceremony to a checked count, on a simulated clock that ends today.
 * Leaves both folders for inspection. Returns 0, or 1 if any number or refusal was not exactly what it must be.
 */
export async function runDemo(args: DemoArguments, output: Output): Promise<number> {
  const start = performance.now();
  const narrator = new Narrator(output, args.json);
  const dir = freeFolder(args.dir ?? 'demo-registry');
  const custody = freeFolder(args.custody ?? 'demo-custody');
  if (!relative(resolve(dir), resolve(custody)).startsWith('..')) {
    throw new RegistryError('CUSTODY_INSIDE_REGISTRY', 'the custodians’ shares must not lie inside the registry');
  }
  const people = args.people ?? 10_000;
  const source = args.data === undefined ? shippedSource() : folderSource(args.data);
  narrator.line(`cryptonym demo: ${source.description}, ${grouped(people)} to import.`);

  narrator.section('1. The custodians');
  const { keys, shares } = await createCustody({ quorum: 3, custodians: 5 });
  writeShares(custody, shares);
  narrator.line('Three keys were made and split among five custodians: for names and contacts, for links, for what cannot be processed.');
  narrator.line(`Any three open, two learn nothing. The whole keys exist nowhere; the shares lie in ${custody}, outside the registry.`);

  const today = realDay();
  const clock = new SimulatedClock(today - STORY_DAYS);
  const registry = await openRegistry({ dir, keys, policy: makePolicy('standard', CATEGORIES) }, { clock });
  const stage: DaysStage = { registry, clock, dice: new Dice(SEED), source, totals: new Totals(), narrator };
  try {
    narrator.section('2. An evening of calls');
    const calls = await replayCalls(stage);

    narrator.section(`3. Import: ${grouped(people)} statements older than the system`);
    const imported = await registerPeople(stage, people, { origin: 'import' });
    narrator.line(
      `${grouped(imported.people)} sealed and stored in ${imported.seconds} s, ${imported.perSecond} a second on all cores. All wait in the inbox, same size each.`,
    );

    narrator.section('4. Eight days: sort, delay, publish once a day');
    await eightDays(stage, people);
    narrator.line(`Each statement drew a delay of its own. A set of categories with fewer than ${registry.policy.k} due is held.`);

    narrator.section('5. What the public sees');
    const afterEight = await registry.counts();
    const wall = await readWall(registry);
    printCounts(narrator, afterEight);
    printWall(narrator, wall);

    narrator.section('6. Opening one record');
    const opening = await openOne({ registry, dir, custody, narrator, published: wall.entries });

    narrator.section('7. Quiet weeks');
    const quiet = await quietWeeks(stage);
    clock.advanceTo(Math.max(today, clock.day));
    await registry.maintain();
    narrator.line(`${quiet.days} days without a call. What was held longest went out all the same, its month coarsened to “earlier”.`);

    narrator.section('8. Is everything there, once, and nothing else?');
    const counts = await registry.counts();
    const health = await registry.health();
    const finalWall = await readWall(registry);
    const checks = {
      ...opening.checks,
      'the person opened is one of those registered': stage.totals.knows(opening.name),
      'the link leads to a published entry': finalWall.entries.has(opening.entryId),
      ...callChecks(dir, calls, finalWall),
      'counts are exactly what was registered': Totals.ofCounts(counts).differences(stage.totals).length === 0,
      'the log, recounted, says the same': finalWall.totals.differences(stage.totals).length === 0,
      'as many records as statements, nothing waiting': health.records === stage.totals.total && quiet.left === 0,
      'health finds no problem': health.ok,
    };
    for (const [name, held] of Object.entries(checks)) narrator.line(`${held ? '  ok    ' : '  FAILED'} ${name}`);
    narrator.line(
      `health: ${grouped(health.records)} records, ${grouped(health.entries)} entries, pool ${health.pool.waiting}, linkable: ${health.linkable}, ${health.problems.length} problems`,
    );

    const failed = Object.entries(checks)
      .filter(([, held]) => !held)
      .map(([name]) => name);
    await registry.close();
    narrator.section('9. What lies on the disk');
    narrator.lines([`${dir}:`, ...tree(dir).map((line) => `    ${line}`), `${custody}:`, ...tree(custody).map((line) => `    ${line}`)]);
    narrator.line('Nothing was deleted; look around:');
    narrator.line(`    cryptonym counts --dir ${dir}        cryptonym health --dir ${dir}`);
    narrator.line(
      `\n${failed.length === 0 ? 'All checks passed' : `SELF-CHECK FAILED: ${failed.join('; ')}`}. ${secondsSince(start)} s in all.`,
    );
    if (args.json) {
      const { totals } = stage;
      printJson(output, {
        dir,
        custody,
        registered: totals,
        imported,
        afterEightDays: afterEight,
        counts,
        health,
        checks,
        seconds: secondsSince(start),
        ok: failed.length === 0,
      });
    }
    return failed.length === 0 ? 0 : 1;
  } finally {
    await registry.close();
  }
}

/** What was promised to the callers. Sealed texts are searched for in every byte under the registry, with a shown name as the control. */
function callChecks(dir: string, { shownName, hostile, family }: CallsResult, { entries }: Wall): Readonly<Record<string, boolean>> {
  const shown = entries.get(shownName.entryId);
  const aliased = entries.get(hostile.entryId);
  const { found } = occurrences(dir, [...shownName.sealedTexts, shownName.realName]);
  return {
    'the real name asked for is shown': shown?.display === 'name' && shown.name === shownName.realName,
    'a stranger’s call shows the alias': aliased?.display === 'alias' && aliased.name !== hostile.realName,
    'all five of the family are there': family.length === 5 && family.every((entryId) => entries.has(entryId)),
    'address and workplace are in no byte of the registry': found.length === 1 && found[0] === shownName.realName,
  };
}
