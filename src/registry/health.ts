import { today } from '../foundation/clock.js';
import { COUNTERS } from '../public/counts/counters.js';
import { countDamaged } from '../public/waiting-statement.js';
import { isLinkable } from '../vocabulary/policy.js';
import { dateOfDay } from '../vocabulary/period.js';
import type { RegistryContext } from './context.js';
import { firstKeptEpoch } from './epochs.js';
import { keyProblems } from './key-health.js';
import { currentGeneration, generationsOf, KEK_GRACE_DAYS, KEK_LIFETIME_DAYS } from './kek.js';

export interface HealthProblem {
  readonly store: string;
  readonly problem: string;
}

/** Counts and ages only; safe to show to an operator and to log. */
export interface Health {
  /** No problems found. */
  readonly ok: boolean;
  /** True where the policy lets whoever sees a call and the next batch match them. */
  readonly linkable: boolean;
  readonly policy: { readonly preset: string; readonly k: number };
  readonly inbox: { readonly waiting: number; readonly quarantined: number };
  readonly records: number;
  readonly entries: number;
  /** Statements that wait for their batch, and changes of entries. */
  readonly pool: { readonly waiting: number; readonly changes: number; readonly cells: Readonly<Record<string, number>> };
  readonly claims: number;
  readonly epochs: { readonly lastDay: string | undefined; readonly daysLeft: number };
  readonly kek: { readonly generations: number; readonly ageDays: number | undefined };
  readonly problems: readonly HealthProblem[];
  /** Nothing is broken, but somebody should look: dates in the future, made with `at` or by a wrong clock. */
  readonly notices: readonly HealthProblem[];
}

/**
 * Checks every store by itself (structure, counters against rows, file modes, left-over logs) and the few sums that must hold between them:
 * as many shreds as records, and no record without an entry or pool item. Compares numbers only: it joins nothing. Decodes what waits in the
 * pool, so it takes as long as that is large. Opens some shreds to see whether their key is the right one, and wipes them.
 */
export async function checkHealth(context: RegistryContext): Promise<Health> {
  const { stores, settings } = context;
  const { policy } = settings;
  const problems: HealthProblem[] = [];
  for (const store of [stores.inbox, stores.vault, stores.shred, stores.public, stores.claims, stores.keys, stores.log])
    problems.push(...(await store.check()));
  problems.push(...(await keyProblems(context, new Set(problems.map(({ store }) => store)))));

  const { count: waiting } = await stores.inbox.waiting();
  const records = await stores.vault.count();
  // Before the state: what another process publishes meanwhile is counted twice rather than not at all, and is not signed before it is there.
  const pool = await stores.public.poolSize();
  const signed = await stores.log.signed();
  const state = await stores.public.state();
  const entries = state.counters.get(COUNTERS.statements) ?? 0;
  const claims = await stores.claims.count();
  // Only of a store that found nothing itself: of a damaged file the reading would throw.
  const damaged = problems.some(({ store }) => store === 'public') ? 0 : await countDamaged(stores.public.pool(), context.backend.sha256);
  const generations = await stores.shred.generations();
  const shreds = [...generations.values()].reduce((sum, rows) => sum + rows, 0);
  const expect = (equal: boolean, store: string, problem: string): void => {
    if (!equal) problems.push({ store, problem });
  };
  // The sort writes shreds first, then records, statements, claim rows: a crash leaves fewer of the later ones, and its rows in the inbox.
  expect(shreds === records || (waiting > 0 && shreds > records), 'shred', `${shreds} shreds for ${records} records`);
  expect(damaged === 0, 'public', `${damaged} damaged in the pool: nothing is published until they are repaired (docs/operations.md)`);
  // More statements than records is no loss: somebody may send one record with two statements, and harms nobody but himself.
  expect(entries + pool >= records || waiting > 0, 'public', `${entries + pool} statements for ${records} records`);
  expect(signed === undefined || signed.size <= state.logSize, 'log', 'the register is older than what its log has signed');

  const day = today(context.clock);
  const keks = await generationsOf(stores.keys);
  for (const generation of generations.keys()) expect(keks.includes(generation), 'shred', 'rows whose key is gone');
  const kek = currentGeneration(keks, day);
  const left = [...generations].filter(([generation]) => generation !== kek).reduce((sum, [, rows]) => sum + rows, 0);
  expect(left === 0 || day === kek, 'shred', `${left} rows under another key: run maintain; if they stay, they do not open`);
  const kekAge = kek === undefined ? undefined : day - kek;
  // What erasures promise (`finalOn`) and what an inbox gives away rests on a `maintain` of every day; today's may still come.
  const kept = keks.some((generation) => generation < (kek ?? 0) && !generations.has(generation));
  const isLate = (kekAge ?? 0) > KEK_LIFETIME_DAYS || (kept && (kekAge ?? 0) > KEK_GRACE_DAYS);
  expect(!isLate, 'keys', 'a shred key lives longer than erasures say: run maintain every day');
  const epochs = await stores.keys.epochs();
  expect(!epochs.some((epoch) => epoch < firstKeptEpoch(day - 1)), 'keys', 'epoch keys live on after their grace: run maintain every day');
  const lastEpoch = lastEpochInARow(new Set(epochs), day);
  expect(lastEpoch >= day, 'keys', 'no epoch key for today: run maintain');
  const notices: HealthProblem[] = [];
  if (keks.some((generation) => generation > day))
    notices.push({ store: 'keys', problem: 'a shred key is dated in the future: look at the clock' });
  if ((state.lastBatch?.day ?? 0) > day)
    notices.push({ store: 'public', problem: 'the last batch is dated in the future: look at the clock' });

  return {
    ok: problems.length === 0,
    linkable: isLinkable(policy),
    policy: { preset: policy.preset, k: policy.k },
    inbox: { waiting, quarantined: await stores.inbox.quarantineSize() },
    records,
    entries,
    pool: { waiting: pool, changes: await stores.public.waitingChanges(), cells: Object.fromEntries(await stores.public.poolCells()) },
    claims,
    epochs: { lastDay: lastEpoch < 0 ? undefined : dateOfDay(lastEpoch), daysLeft: Math.max(0, lastEpoch - day) },
    kek: { generations: keks.length, ageDays: kekAge },
    problems,
    notices,
  };
}

/**
 * The last day up to which there is a key for every day from today on; without one for today, the last before. Keys beyond a gap were made under
 * a clock ahead, and would hide for years that nobody runs `maintain`.
 */
function lastEpochInARow(epochs: ReadonlySet<number>, day: number): number {
  if (!epochs.has(day)) return Math.max(-1, ...[...epochs].filter((epoch) => epoch < day));
  let last = day;
  while (epochs.has(last + 1)) last++;
  return last;
}
