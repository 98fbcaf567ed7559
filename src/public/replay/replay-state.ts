import { concatBytes } from '../../foundation/bytes.js';
import { EVIDENCES } from '../../vocabulary/words.js';
import type { AmendmentLeaf, ChangeLeaf, WithdrawalLeaf } from '../change-leaf.js';
import type { Leaf, StatementLeaf } from '../leaf.js';
import type { Tally, TallyLeaf } from '../tally.js';
import { replayFailed } from './replay-failed.js';
import { printTally, RunningCounts } from './running-counts.js';

/** One byte for each leaf: what it is, what changes have made of it, and how its content was found. */
const STATEMENT = 1;
const RETRACTED = 2;
export const REMOVED = 4;
const NAMED = 8;
/** Two bits: place in the order of evidence. */
const EVIDENCE = 16;
/** Its content is there, and whether it has another hash than the statement's leaf says: that must be an amendment's. */
export const FOUND = 64;
export const OTHER = 128;

/** Order of an entry's changes within a batch (docs/spec/leaf.md, "Batch"). */
const ORDER = ['raise', 'retraction', 'removal', 'amendment'];

/** What must be remembered of a changed entry beyond its byte. */
export interface EntryHistory {
  amendments: number;
  last: { readonly leaf: AmendmentLeaf; readonly at: number } | undefined;
  /** Retraction and removal by the holder, whose signatures are still to be verified. */
  readonly withdrawn: { readonly leaf: WithdrawalLeaf; readonly at: number }[];
}

/**
 * The rules of a log's leaves as a state machine (docs/spec/leaf.md, "Batch" and "Changes"): pure, and told one leaf after the other. Holds
 * one byte a leaf, and about 0.5 kB for each entry that was amended, or withdrawn by its holder.
 */
export interface ReplayState {
  readonly counts: Tally;
  /** Amended entries and those withdrawn by their holder, by register number. */
  readonly histories: ReadonlyMap<number, EntryHistory>;
  readonly size: number;
  /** The open batch: its tally, and the tally's log index. */
  readonly tally: TallyLeaf | undefined;
  readonly tallyAt: number;
  readonly firstDate: string | undefined;
  /** The next leaf. Throws `REPLAY_FAILED`; the state is of no use afterwards. */
  add(leaf: Leaf): void;
  /** The open batch is whole: its tally must be what its leaves add up to. Throws `REPLAY_FAILED`. */
  closeBatch(): void;
  isStatement(index: number): boolean;
  has(index: number, bit: number): boolean;
  mark(index: number, bits: number): void;
}

export function replayState(): ReplayState {
  const counts = new RunningCounts();
  const histories = new Map<number, EntryHistory>();
  let bytes: Uint8Array = new Uint8Array(1024);
  /** Entry and place in the order of the last change of the batch: changes ascend. */
  let lastChange: readonly [entry: number, place: number] | undefined;

  const refuse = (problem: string): never => {
    throw replayFailed(problem, state.size);
  };
  const has = (index: number, bit: number): boolean => ((bytes[index] ?? 0) & bit) !== 0;
  const mark = (index: number, bits: number): void => {
    bytes[index] = (bytes[index] ?? 0) + bits;
  };
  const isStatement = (index: number): boolean => has(index, STATEMENT);
  const evidenceOf = (index: number): number => Math.floor((bytes[index] ?? 0) / EVIDENCE) & 3;
  const historyOf = (entry: number): EntryHistory => {
    const history = histories.get(entry) ?? { amendments: 0, last: undefined, withdrawn: [] };
    histories.set(entry, history);
    return history;
  };

  const closeBatch = (): void => {
    if (state.tally !== undefined && printTally(state.tally.after) !== printTally(counts))
      throw replayFailed('its counts after the batch are wrong', state.tallyAt);
  };
  /** The sum of the counts by type is the log index, for each leaf counts once: rule 1 follows from rule 2. */
  const openBatch = (leaf: TallyLeaf): void => {
    closeBatch();
    if (leaf.batch !== (state.tally?.batch ?? 0) + 1) refuse('its batch is wrong');
    if (leaf.date < (state.tally?.date ?? '')) refuse('its date is wrong');
    if (printTally(leaf.before) !== printTally(counts)) refuse('its counts before the batch are wrong');
    state.firstDate ??= leaf.date;
    state.tally = leaf;
    state.tallyAt = state.size;
    lastChange = undefined;
  };
  const addStatement = ({ display, evidence }: StatementLeaf): void => {
    if (lastChange !== undefined) refuse('its place is wrong');
    mark(state.size, STATEMENT + (display === 'name' ? NAMED : 0) + EVIDENCE * EVIDENCES.indexOf(evidence));
  };
  const amend = (entry: number, leaf: AmendmentLeaf): void => {
    if (has(entry, RETRACTED | REMOVED)) refuse('its entry was withdrawn');
    const history = historyOf(entry);
    if (leaf.number !== history.amendments + 1) refuse('its number is wrong');
    if (leaf.kind === 'name') {
      if (has(entry, NAMED)) refuse('its entry has a name');
      if (evidenceOf(entry) === 0) refuse('its entry has no evidence');
      mark(entry, NAMED);
    }
    history.amendments = leaf.number;
    history.last = { leaf, at: state.size };
  };
  const addChange = (leaf: ChangeLeaf): void => {
    const { entry, type } = leaf;
    if (entry >= state.tallyAt || !isStatement(entry)) refuse('its entry is wrong');
    const place = ORDER.indexOf(type);
    const [lastEntry, lastPlace] = lastChange ?? [0, 0];
    if (entry < lastEntry || (entry === lastEntry && place < lastPlace)) refuse('its place is wrong');
    lastChange = [entry, place];
    if (type === 'amendment') amend(entry, leaf);
    else if (type === 'raise') {
      if (has(entry, RETRACTED)) refuse('its entry was withdrawn');
      const before = evidenceOf(entry);
      if (EVIDENCES[before] !== leaf.from) refuse('its evidence is wrong');
      mark(entry, EVIDENCE * (EVIDENCES.indexOf(leaf.to) - before));
    } else {
      const bit = type === 'removal' ? REMOVED : RETRACTED;
      if (has(entry, bit)) refuse('its entry was withdrawn');
      mark(entry, bit);
      if (leaf.by === 'holder') historyOf(entry).withdrawn.push({ leaf, at: state.size });
    }
  };

  const state = {
    counts,
    histories,
    size: 0,
    tally: undefined as TallyLeaf | undefined,
    tallyAt: 0,
    firstDate: undefined as string | undefined,
    add(leaf: Leaf): void {
      if (state.size === bytes.length) {
        bytes = concatBytes(bytes, new Uint8Array(state.size));
      }
      if (leaf.type === 'tally') openBatch(leaf);
      else if (leaf.batch !== state.tally?.batch) refuse('its batch is wrong');
      else if (leaf.type === 'statement') addStatement(leaf);
      else addChange(leaf);
      counts.add(leaf);
      state.size++;
    },
    closeBatch,
    isStatement,
    has,
    mark,
  };
  return state;
}
