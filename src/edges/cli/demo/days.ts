import type { PublishResult, Registration, Registry } from '../../../index.js';
import type { Dice } from './dice.js';
import type { Narrator } from './narrator.js';
import { inventPeople, type PeopleOptions } from './people.js';
import type { PeopleSource } from './people-source.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { Totals } from './totals.js';

export interface DaysStage {
  readonly registry: Registry;
  readonly clock: SimulatedClock;
  readonly dice: Dice;
  readonly source: PeopleSource;
  readonly totals: Totals;
  readonly narrator: Narrator;
  /** Telephones and addresses of the first few, to be looked for where they must not be. */
  readonly sealedTexts: string[];
}

const SEALED_TEXTS = 12;
/** The mix runs so often during a long import, so that the inbox stays small. */
const ROWS_A_SORT = 4096;

export interface ImportResult {
  readonly people: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Sorted on the way. */
  readonly sorted: number;
}

/** Registers invented people through the stream that seals on all cores. Throws if one is refused: the generator makes valid ones only. */
export async function registerPeople(stage: DaysStage, count: number, options: PeopleOptions): Promise<ImportResult> {
  const start = performance.now();
  const rate = (rows: number): number => rows / Math.max(0.001, (performance.now() - start) / 1000);
  let [accepted, sorted, unsorted] = [0, 0, 0];
  for await (const progress of stage.registry.registerMany(counted(stage, count, options))) {
    const [refused] = progress.rejected;
    if (refused !== undefined) throw new Error(`row ${refused.row} was refused: ${refused.code} ${refused.field ?? ''}`);
    unsorted += progress.accepted - accepted;
    accepted = progress.accepted;
    stage.narrator.progress(progress.rows, count, rate(progress.rows));
    if (unsorted >= ROWS_A_SORT) {
      sorted += (await stage.registry.sort()).sorted;
      unsorted = 0;
    }
  }
  return { people: accepted, seconds: Math.round((performance.now() - start) / 100) / 10, perSecond: Math.round(rate(accepted)), sorted };
}

async function* counted(stage: DaysStage, count: number, options: PeopleOptions): AsyncGenerator<Registration> {
  for (const registration of inventPeople(count, stage.source, stage.dice, options)) {
    stage.totals.addRegistration(registration);
    const { phones = [], address } = registration.contact ?? {};
    if (stage.sealedTexts.length < SEALED_TEXTS) stage.sealedTexts.push(...phones, ...(address === undefined ? [] : [address]));
    yield registration;
  }
}

/** Eight evenings: housekeeping, the day's calls, the day's batch. The first day has had its calls and the import already. */
export async function eightDays(stage: DaysStage, importSize: number): Promise<void> {
  stage.narrator.line('date         live calls   published    held   smallest cell');
  for (let day = 1; day <= 8; day++) {
    if (day > 1) stage.clock.advanceTo(stage.clock.day + 1);
    await stage.registry.maintain();
    const scale = Math.min(1, importSize / 5000);
    const calls = Math.max(3, Math.round(stage.dice.between(40, 120) * scale));
    await registerPeople(stage, calls, { origin: 'live', calls: stage.clock.date });
    printBatch(stage, calls, await stage.registry.publish());
  }
}

/**
 * Weeks without a call, until the last cell that was too small has waited its time: at most a delay and a hold, 28 days each.
 * Returns the number of days.
 */
export async function quietWeeks(stage: DaysStage): Promise<number> {
  const last = stage.clock.day + 60;
  const first = stage.clock.day;
  let left = await unpublished(stage);
  while (left > 0 && stage.clock.day < last) {
    stage.clock.advanceTo(stage.clock.day + 1);
    await stage.registry.maintain();
    const result = await stage.registry.publish();
    if (result.published > 0) printBatch(stage, 0, result);
    left = await unpublished(stage);
  }
  return stage.clock.day - first;
}

async function unpublished({ registry, totals }: DaysStage): Promise<number> {
  return totals.total - (await registry.counts()).total;
}

function printBatch({ narrator, clock }: DaysStage, calls: number, { published, held, smallestCell }: PublishResult): void {
  const columns = [String(calls).padStart(10), String(published).padStart(11), String(held).padStart(7), String(smallestCell).padStart(15)];
  narrator.line(`${clock.date} ${columns.join(' ')}`);
}
