import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { createCustody } from '../../../custodian.js';
import { type Counts, makePolicy, openRegistry, RegistryError, type Registry } from '../../../index.js';
import type { Output } from '../output.js';
import { grouped, printJson } from '../print.js';
import { type CallsResult, replayCalls } from './calls.js';
import { verify, type Verdict } from './checks.js';
import { type DaysStage, eightDays, type ImportResult, quietWeeks, registerPeople } from './days.js';
import { Dice } from './dice.js';
import { DEMO_CUSTODY, freeFolder, tree } from './folders.js';
import { makeCustodyFolder, writeShares } from '../custody-folder.js';
import { Narrator, secondsSince } from './narrator.js';
import { type OpeningResult, openOne } from './opening.js';
import { checkFromOutside, type Outside } from './outside.js';
import { CATEGORIES } from './people.js';
import { folderSource, shippedSource } from './people-source.js';
import { realDay, SimulatedClock } from './simulated-clock.js';
import { Totals } from './totals.js';
import { printCounts, printWall, readWall } from './wall.js';

export interface DemoArguments {
  /** Default `demo-registry`; if it is there already, `demo-registry-2` and so on. */
  readonly dir?: string;
  /** Default `demo-custody`; likewise. */
  readonly custody?: string;
  /** How many to import; default 10,000. */
  readonly people?: number;
  /** A folder with names and places, see `folderSource`; where it is not there, invented ones. */
  readonly data?: string;
  readonly json: boolean;
}

/** Everything the demo says and does is the same at every run, but for keys, ids and delays. */
const SEED = 20_040_711;
/** Eight days of calls, at most sixty without, and a margin. */
const STORY_DAYS = 70;

interface Place {
  readonly dir: string;
  readonly custody: string;
  /** The static export. */
  readonly site: string;
}

/**
 * The whole story of a registry with invented people, from the custodians' ceremony to a checked count, on a simulated clock that ends
 * today. Leaves both folders for inspection. Returns 0, or 1 if any number or refusal was not exactly what it must be.
 * Throws `CUSTODY_INSIDE_REGISTRY`, `STORE_*`.
 */
export async function runDemo(args: DemoArguments, output: Output): Promise<number> {
  const start = performance.now();
  const narrator = new Narrator(output, args.json);
  const [dir, custody] = [freeFolder(args.dir ?? 'demo-registry'), freeFolder(args.custody ?? 'demo-custody')];
  const place = { dir, custody, site: freeFolder(`${dir}-public`) };
  if (!relative(resolve(place.dir), resolve(place.custody)).startsWith('..')) {
    throw new RegistryError('CUSTODY_INSIDE_REGISTRY', 'the custodians’ shares must not lie inside the registry');
  }
  const people = args.people ?? 10_000;
  const source = args.data !== undefined && existsSync(args.data) ? folderSource(args.data) : shippedSource();
  narrator.line(`cryptonym demo: ${source.description}, ${grouped(people)} to import.`);

  const clock = new SimulatedClock(realDay() - STORY_DAYS);
  const registry = await ceremony(place, clock, narrator);
  try {
    const stage: DaysStage = { registry, clock, dice: new Dice(SEED), source, totals: new Totals(), narrator, sealedTexts: [] };
    const story = await tell(stage, place, people);
    printVerdict(narrator, story.verdict);
    await registry.close();
    printDisk(narrator, place, story.outside.key);
    const { failed: inside, ...verdict } = story.verdict;
    const failed = [...inside, ...(story.outside.agrees ? [] : ['a replay of the published log counts otherwise'])];
    const seconds = secondsSince(start);
    narrator.line(`\n${failed.length === 0 ? 'All checks passed' : `SELF-CHECK FAILED: ${failed.join('; ')}`}. ${seconds} s in all.`);
    const { imported, afterEightDays } = story;
    if (args.json)
      printJson(output, { ok: failed.length === 0, ...place, registered: stage.totals, imported, afterEightDays, ...verdict, seconds });
    return failed.length === 0 ? 0 : 1;
  } finally {
    await registry.close();
  }
}

async function ceremony({ dir, custody }: Place, clock: SimulatedClock, narrator: Narrator): Promise<Registry> {
  narrator.section('1. The custodians');
  const { keys, shares } = await createCustody(DEMO_CUSTODY);
  makeCustodyFolder(custody);
  writeShares(custody, shares);
  narrator.line('Three keys were made and split among five custodians: for names and contacts, for links, for what cannot be processed.');
  narrator.line(`Any three open, two learn nothing. The whole keys exist nowhere; the shares lie in ${custody}, outside the registry.`);
  return openRegistry({ dir, keys, policy: makePolicy('standard', CATEGORIES) }, { clock });
}

interface Story {
  readonly imported: ImportResult;
  readonly afterEightDays: Counts;
  readonly verdict: Verdict;
  readonly outside: Outside;
}

async function tell(stage: DaysStage, place: Place, people: number): Promise<Story> {
  const { registry, clock, narrator } = stage;
  narrator.section('2. An evening of calls');
  const calls = await replayCalls(stage);

  narrator.section(`3. Import: ${grouped(people)} statements older than the system`);
  const imported = await importAndSort(stage, people);

  narrator.section('4. Eight days: sort, delay, publish once a day');
  await eightDays(stage, people);
  narrator.line(`Each statement drew a delay of its own. A set of categories with fewer than ${registry.policy.k} due is held.`);

  narrator.section('5. What the public sees');
  const afterEightDays = await registry.counts();
  const wall = await readWall(registry);
  printCounts(narrator, afterEightDays);
  printWall(narrator, wall);

  narrator.section('6. Opening one record');
  const opening = await openOne({ registry, ...place, narrator, published: wall.entries });

  narrator.section('7. Quiet weeks');
  const days = await quietWeeks(stage);
  clock.advanceTo(realDay());
  await registry.maintain();
  narrator.line(`${days} days without a call. What had waited longest went out all the same, its month coarsened to “earlier”.`);

  const outside = await checkFromOutside(registry, place.site, await registry.counts(), narrator);
  return { imported, afterEightDays, outside, verdict: await judge(stage, place, calls, opening) };
}

async function importAndSort({ registry, narrator, ...rest }: DaysStage, people: number): Promise<ImportResult> {
  const imported = await registerPeople({ registry, narrator, ...rest }, people, { origin: 'import' });
  const { sorted } = await registry.sort();
  narrator.line(`${grouped(imported.people)} sealed and stored in ${imported.seconds} s, ${imported.perSecond} a second on all cores.`);
  narrator.line(
    `The mix opened the outer layers and put names, shreds, statements and claims into stores of their own: ${grouped(imported.sorted + sorted)}`,
  );
  narrator.line('sorted, each store in the order of ids of its own: nothing joins a name to an alias.');
  return imported;
}

function judge({ registry, totals, sealedTexts }: DaysStage, { dir }: Place, calls: CallsResult, opening: OpeningResult): Promise<Verdict> {
  return verify(registry, dir, { registered: totals, calls, opening, sealedTexts });
}

function printVerdict(narrator: Narrator, { checks, health }: Verdict): void {
  narrator.section('9. Is everything there, once, and nothing else?');
  for (const [name, held] of Object.entries(checks)) narrator.line(`${held ? '  ok    ' : '  FAILED'} ${name}`);
  const { records, entries, pool, linkable, problems } = health;
  const numbers = `${grouped(records)} records, ${grouped(entries)} entries, ${pool.waiting} waiting, ${problems.length} problems`;
  narrator.line(`health: ${numbers}; linkable: ${linkable ? 'yes' : 'no'}`);
}

function printDisk(narrator: Narrator, { dir, custody, site }: Place, key: string): void {
  narrator.section('10. What lies on the disk');
  for (const folder of [dir, custody, site]) narrator.lines([`${folder}:`, ...tree(folder).map((line) => `    ${line}`)]);
  narrator.line('The inbox keeps its size after a large import; what it held is overwritten. Nothing was deleted here: look around.');
  narrator.lines([`    cryptonym counts --dir ${dir}`, `    cryptonym entries --dir ${dir}`, `    cryptonym health --dir ${dir}`]);
  narrator.line(`    cryptonym verify ${site} --key ${key}`);
}
