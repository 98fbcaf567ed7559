import { toHex } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { type ChangeVerdict, judgeChange, type ProposedChange } from '../public/change-rules.js';
import { drawDueDay } from '../public/delay.js';
import type { PendingChange, StandingRow } from '../public/ports.js';
import { type EntryStanding, standingOf } from '../public/standing.js';
import { idToHex } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import { currentDelayWindow } from './delay-window.js';

/** What is asked of one entry: a change, a veto, or nothing but how it stands. */
export interface Proposal {
  /** entryId, 16 bytes. */
  readonly id: Uint8Array;
  readonly ask: ProposedChange | 'veto' | 'status';
  /** The holder's, 32 bytes; left out where the registry asks. */
  readonly publicKey?: Uint8Array;
}

export interface Outcome {
  readonly standing: EntryStanding;
  /** `allowed` means that somebody else was faster: asking again is safe. */
  readonly verdict: ChangeVerdict;
}

/** Days in which the person can veto that a real name is shown by whoever has the phrase. */
const VETO_DAYS = 7;

/**
 * Does what is asked, in order, and tells for each what came of it, read back from the store; `undefined` for an entry that no store has.
 *
 * Answers are judged by what is stored after the writes, by the rules that decided them, so asking again after a crash gives the same answers
 * and changes nothing.
 */
export async function proposeChanges(context: RegistryContext, proposals: readonly Proposal[]): Promise<readonly (Outcome | undefined)[]> {
  const { public: store } = context.stores;
  const standings = await readStandings(context, proposals);
  const asksForChange = proposals.some(({ ask }) => ask !== 'veto' && ask !== 'status');
  const window = asksForChange ? await currentDelayWindow(context) : 0;
  const accepted: PendingChange[] = [];
  const vetoed: Uint8Array[] = [];
  for (const proposal of proposals) {
    const { id, ask } = proposal;
    const standing = standingFor(proposal, standings);
    if (standing === undefined || ask === 'status' || verdictOn(standing, ask).verdict !== 'allowed') continue;
    if (ask === 'veto') {
      vetoed.push(id);
      standings.set(idToHex(id), { ...standing, nameLocked: true, pending: standing.pending.filter(({ kind }) => kind !== 'name') });
    } else {
      const change = { ...ask, dueDay: drawDay(context, ask, window) };
      accepted.push(change);
      standings.set(idToHex(id), { ...standing, pending: [...standing.pending, change] });
    }
  }
  if (accepted.length > 0) await store.addChanges(accepted);
  // After the changes: a name that was asked for before a veto goes with it.
  if (vetoed.length > 0) await store.lockNames(vetoed);
  const after = accepted.length + vetoed.length > 0 ? await readStandings(context, proposals) : standings;
  return proposals.map((proposal) => {
    const standing = standingFor(proposal, after);
    return standing && { standing, verdict: verdictOn(standing, proposal.ask) };
  });
}

/**
 * An id is half a hash of the key, and a state can find two keys of one id. Asked with the second, a change would be well signed here and
 * badly in the batch, which then never goes out, for nobody.
 */
function standingFor({ id, publicKey }: Proposal, standings: ReadonlyMap<string, EntryStanding>): EntryStanding | undefined {
  const standing = standings.get(idToHex(id));
  const isOfAnother = publicKey !== undefined && standing?.content !== undefined && standing.content.entryKey !== toHex(publicKey);
  return isOfAnother ? undefined : standing;
}

async function readStandings(context: RegistryContext, proposals: readonly Proposal[]): Promise<Map<string, EntryStanding>> {
  const rows = await context.stores.public.standings(proposals.map(({ id }) => id));
  return new Map([...rows].flatMap(([id, row]) => readOne(row).map((standing) => [id, standing] as const)));
}

/** None where a row is damaged: `health` tells the operator, and one entry must not stop the requests about all others. */
function readOne(row: StandingRow): readonly EntryStanding[] {
  try {
    return [standingOf(row)];
  } catch {
    return [];
  }
}

function verdictOn(standing: EntryStanding, ask: Proposal['ask']): ChangeVerdict {
  if (ask === 'status') return { verdict: 'done' };
  if (ask !== 'veto') return judgeChange(standing, ask);
  const isDone = standing.nameLocked && standing.pending.every(({ kind }) => kind !== 'name');
  return { verdict: isDone ? 'done' : 'allowed' };
}

function drawDay({ clock, random }: RegistryContext, { kind, by }: ProposedChange, window: number): number {
  const due = drawDueDay(today(clock), window, random);
  return kind === 'name' && by === 'holder' ? due + VETO_DAYS : due;
}
