import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { deriveClaimKey } from '../../../src/claims/claim-key.js';
import { openClaim } from '../../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../../src/claims/open-phrase.js';
import { openRecord } from '../../../src/custodian.js';
import { makePolicy, type Registry } from '../../../src/index.js';
import { all, buildTarget, registrationOf, type Target } from './build.js';

/** What is measured after stored parts were exchanged: what opens, what is shown, what is published. Tests and controls share it. */
export const PEOPLE = 4;
export const PARTS = ['identity', 'contact', 'link'] as const;
export type Part = (typeof PARTS)[number];

export interface SwapTarget extends Target {
  readonly phrases: readonly string[];
}

/** Goes with the test that asked for it. Published, or waiting in the pool. */
export async function fresh(publish = true): Promise<SwapTarget> {
  const target = await buildTarget(makePolicy('tiny', ['party']));
  onTestFinished(() => target.destroy());
  const phrases: string[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const made = await target.registry.register({ ...registrationOf(i, { text: `text ${i}` }), claim: 'words' });
    phrases.push(made.claim?.reveal() ?? '');
  }
  if (publish) await target.registry.publish({ now: true });
  else await target.registry.sort();
  return { ...target, phrases };
}

/** Leaves no log behind: `health` would notice that, whatever was done. */
export function tamper(dir: string, file: string, work: (database: Database.Database) => void): void {
  const database = new Database(join(dir, file));
  work(database);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

export const sharesOf = ({ custody }: Target) => [...custody.shares.vault.slice(0, 2), ...custody.shares.link.slice(1, 3)];

/** Which parts of which records open, as `0 identity`; records by their place in id order. */
export async function opening(target: Target): Promise<Map<string, string>> {
  const shares = sharesOf(target);
  const outcome = new Map<string, string>();
  for (const [k, id] of (await all(target.registry.sealed.ids())).entries()) {
    for (const part of PARTS) outcome.set(`${k} ${part}`, await openingOf(target.registry, id, part, shares));
  }
  return outcome;
}

async function openingOf(registry: Registry, id: string, part: Part, shares: Parameters<typeof openRecord>[1]): Promise<string> {
  return outcomeOf(async () => {
    const sealed = await registry.sealed.get(id);
    if (sealed === undefined) return 'absent';
    await openRecord(sealed, shares, [part]);
    return 'opened';
  });
}

/** Those of the parts that opened though they are among the `broken`, or are not and did not open. */
export function wrongParts(outcome: ReadonlyMap<string, string>, broken: readonly string[]): string[] {
  return [...outcome].filter(([part, result]) => result !== (broken.includes(part) ? 'OPEN_FAILED' : 'opened')).map(([part]) => part);
}

/** What each phrase opens. */
export async function openingClaims({ stores, phrases }: SwapTarget): Promise<string[]> {
  return Promise.all(
    phrases.map((phrase) =>
      outcomeOf(async () => {
        const key = deriveClaimKey(entropyFromPhrase(phrase));
        const row = (await stores.claims.get(key.locator)) as Uint8Array;
        return openClaim(row, key).kappa.length === 32 ? 'opened' : 'short';
      }),
    ),
  );
}

/** How many claims gave anything but a refusal. */
export const claimsOpened = (outcomes: readonly string[]): number => outcomes.filter((outcome) => outcome !== 'OPEN_FAILED').length;

export interface Shown {
  readonly entries: string;
  readonly health: string;
}

/** What the reader of the register and its operator notice. */
export async function showing({ registry }: Target): Promise<Shown> {
  const entries = await outcomeOf(async () => all(registry.entries()).then(() => 'passed'));
  const { problems } = await registry.health();
  return { entries, health: problems.length > 0 ? 'noticed' : 'passed' };
}

/** `passed`, if what waits in the pool was published. */
export async function publishing({ registry }: Target): Promise<string> {
  return outcomeOf(async () => registry.publish({ now: true }).then(() => 'passed'));
}

async function outcomeOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code';
  }
}
