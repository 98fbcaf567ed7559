/**
 * Before a checkpoint is published, its witnesses cosign it. The gate asks them and waits; it decides nothing about the register and writes
 * nothing. Without its quorum a checkpoint stays unpublished, and never is a smaller or another one signed in its place.
 *
 * Whoever keeps the witnesses off the network stops publication and nothing else: what was taken stays taken.
 */
import type { Clock } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { openCheckpoint } from '../log/checkpoint.js';
import { type NoteVerifier, openNote, parseVerifierKey } from '../log/note.js';
import { parsePolicy } from '../log/policy.js';
import { addSignatures } from '../log/sign-note.js';
import type { TileReader } from '../log/tile-reader.js';
import { sameVerifier } from '../log/verifier-key.js';
import { cosignCheckpoint, type WitnessConnection } from '../log/witness-client.js';

/** Who must have seen a checkpoint before the public does. */
export interface Witnesses {
  /** C2SP tlog-policy as text; it decides which keys count. */
  readonly policy: string;
  /** Ways to those witnesses. One whose key the policy does not name is not asked. */
  readonly connections: readonly WitnessConnection[];
  /** How long one publication waits for them. Default 60. */
  readonly deadlineSeconds?: number;
}

export interface WitnessOutcome {
  /** Key name of the witness. */
  readonly name: string;
  /**
   * `conflict`: it has seen another history of this log than the one we show; stop publishing and look (docs/operations-log.md).
   * `refused`: asking again helps nothing, e.g. it does not know this log. `no-answer`: it failed each time it was asked.
   */
  readonly outcome: 'cosigned' | 'conflict' | 'refused' | 'no-answer';
}

export interface Gathered {
  /** The note with every good cosignature, the new lines in one order whatever the order of the answers. */
  readonly note: string;
  /** Does it fulfil the policy? */
  readonly satisfied: boolean;
  readonly conflicts: number;
  /** One for each connection that the policy names, in their order. */
  readonly outcomes: readonly WitnessOutcome[];
}

/** Resolves after so many milliseconds, or as soon as the signal fires. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface GatherOptions {
  /** Checkpoint signed by the log, perhaps with cosignatures of an earlier try: these witnesses are not asked again. */
  readonly note: string;
  /** Tiles of that tree. */
  readonly reader: TileReader;
  readonly witnesses: Witnesses;
  /** Verifier key of the log. */
  readonly log: string;
  readonly clock: Clock;
  /** Default: the timer of the platform. */
  readonly wait?: Wait;
  /** Sizes that witnesses cosigned last, by verifier key; brought up to date here. Losing it costs one question more. */
  readonly remembered?: Map<string, number>;
}

const DEFAULT_DEADLINE_SECONDS = 60;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** A line with an earlier time was kept by somebody on the way, or the witness's clock is wrong, as with a later one: readers who ask for fresh
 * ones refuse both. */
const CLOCKS_DIFFER_SECONDS = 86_400;
/** How long a fulfilled policy still waits for answers under way: the slowest witness would else never be heard. */
const GRACE = 2000;

/**
 * Asks all witnesses at once, and those that fail again after growing pauses, until the policy is fulfilled or the deadline is over.
 *
 * A witness can do no more than stay silent: what it sends is verified, nothing it does throws, and a hanging one is left behind.
 * Throws what `reader` throws, `NOTE_INVALID` for a note that is not this log's, `LOG_POLICY_INVALID`.
 */
export async function gatherCosignatures(options: GatherOptions): Promise<Gathered> {
  const { note, log, clock, witnesses, wait = timer, remembered = new Map<string, number>() } = options;
  const trust = witnesses.policy === '' ? { key: log } : { key: log, policy: witnesses.policy };
  const counted = witnesses.policy === '' ? [] : parsePolicy(witnesses.policy).witnesses;
  const asked = witnesses.connections
    .map((connection) => ({ connection, verifier: parseVerifierKey(connection.vkey) }))
    .filter(({ verifier }) => counted.some(({ key }) => sameVerifier(key, verifier)));
  const logVerifier = parseVerifierKey(log);
  const outcomes = new Map<string, WitnessOutcome['outcome']>();
  const lines = new Set<string>();
  const { reader, failed } = watchedReader(options.reader);
  /** Fires when no further attempt is wanted: those under way may still end. */
  const enough = new AbortController();
  const finished = new AbortController();

  const current = (): string => (lines.size === 0 ? note : addSignatures(note, [...lines].sort()));
  const settle = (): void => {
    if (failed() !== undefined || isSatisfied(current(), trust)) enough.abort();
  };

  async function attempt({ connection }: Asked): Promise<WitnessOutcome['outcome']> {
    const known = remembered.get(connection.vkey);
    try {
      const now = Math.floor(clock.now() / 1000);
      const times = { notBefore: Math.max(1, now - CLOCKS_DIFFER_SECONDS), notAfter: now + CLOCKS_DIFFER_SECONDS };
      const answer = await cosignCheckpoint({ checkpoint: note, reader, connection, ...times, ...(known === undefined ? {} : { known }) });
      // A witness with two addresses signs once.
      if (outcomes.get(connection.vkey) !== 'cosigned') lines.add(answer.line);
      remembered.set(connection.vkey, answer.known);
      return 'cosigned';
    } catch (error) {
      // What it sent may be anything at all; nothing of it goes further than this word.
      if (!(error instanceof RegistryError) || error.retryable) return 'no-answer';
      return error.code === 'LOG_INCONSISTENT' ? 'conflict' : 'refused';
    }
  }

  async function ask(one: Asked): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const outcome = await attempt(one);
      if (outcomes.get(one.connection.vkey) !== 'cosigned') outcomes.set(one.connection.vkey, outcome);
      settle();
      if (outcome !== 'no-answer' || enough.signal.aborted) return;
      await wait(pause, enough.signal);
      if (enough.signal.aborted) return;
    }
  }

  for (const { connection, verifier } of asked) if (carries(note, logVerifier, verifier)) outcomes.set(connection.vkey, 'cosigned');
  settle();
  const end = wait(1000 * (witnesses.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS), finished.signal);
  const grace = fired(enough.signal).then(() => wait(GRACE, finished.signal));
  const all = Promise.all(asked.filter(({ connection }) => !outcomes.has(connection.vkey)).map(ask));
  await Promise.race([all, end, grace]);
  enough.abort();
  finished.abort();
  const failure = failed();
  if (failure !== undefined) throw failure.error;
  const found = asked.map(({ connection, verifier }) => ({ name: verifier.name, outcome: outcomes.get(connection.vkey) ?? 'no-answer' }));
  const conflicts = found.filter(({ outcome }) => outcome === 'conflict').length;
  return { note: current(), satisfied: isSatisfied(current(), trust), conflicts, outcomes: found };
}

interface Asked {
  readonly connection: WitnessConnection;
  readonly verifier: NoteVerifier;
}

function isSatisfied(note: string, trust: { readonly key: string; readonly policy?: string }): boolean {
  try {
    openCheckpoint(note, trust);
    return true;
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'WITNESSES_TOO_FEW') return false;
    throw error;
  }
}

/** Throws `NOTE_INVALID` where a line claims the witness's key and does not verify. */
function carries(note: string, log: NoteVerifier, witness: NoteVerifier): boolean {
  return openNote(note, [log, witness]).verified.some(({ name, keyId }) => name === witness.name && keyId === witness.keyId);
}

/** A failing store is ours, not the witness's: it must not look as if nobody had answered. */
function watchedReader(reader: TileReader): { readonly reader: TileReader; failed(): { readonly error: unknown } | undefined } {
  let failure: { readonly error: unknown } | undefined;
  return {
    failed: () => failure,
    reader: {
      async tile(ref) {
        try {
          return await reader.tile(ref);
        } catch (error) {
          failure ??= { error };
          throw error;
        }
      },
    },
  };
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const timer: Wait = (milliseconds, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const id = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(id);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
