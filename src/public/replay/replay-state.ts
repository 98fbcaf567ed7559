import { EVIDENCES } from '../../vocabulary/words.js';
import type { AmendmentLeaf, ChangeLeaf, WithdrawalLeaf } from '../change-leaf.js';
import type { Leaf, StatementLeaf } from '../leaf.js';
import type { TallyLeaf } from '../tally.js';
import { replayFailed } from './replay-failed.js';
import { printTally, RunningCounts } from './running-counts.js';

/** One byte for each leaf: what it is and what changes have made of it. */
const STATEMENT = 1;
const RETRACTED = 2;
const REMOVED = 4;
const NAMED = 8;
/** Two bits: place in the order of evidence. */
const EVIDENCE = 16;

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
export class ReplayState {
  readonly counts = new RunningCounts();
  /** Amended entries and those withdrawn by their holder, by register number. */
  readonly histories = new Map<number, EntryHistory>();
  size = 0;
  /** The open batch: its tally, and the tally's log index. */
  tally: TallyLeaf | undefined;
  tallyAt = 0;
  firstDate: string | undefined;
  #bytes = new Uint8Array(1024);
  /** Entry and place in the order of the last change of the batch: changes ascend. */
  #lastChange: readonly [entry: number, place: number] | undefined;

  /** The next leaf. Throws `REPLAY_FAILED`; the state is of no use afterwards. */
  add(leaf: Leaf): void {
    if (this.size === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.size);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    if (leaf.type === 'tally') this.#openBatch(leaf);
    else if (this.tally === undefined || leaf.batch !== this.tally.batch) throw this.#refusal('its batch is wrong');
    else if (leaf.type === 'statement') this.#addStatement(leaf);
    else this.#addChange(leaf, this.tallyAt);
    this.counts.add(leaf);
    this.size++;
  }

  /** The open batch is whole: its tally must be what its leaves add up to. Throws `REPLAY_FAILED`. */
  closeBatch(): void {
    if (this.tally !== undefined && printTally(this.tally.after) !== printTally(this.counts))
      throw replayFailed('its counts after the batch are wrong', this.tallyAt);
  }

  isStatement(index: number): boolean {
    return this.#has(index, STATEMENT);
  }

  isRemoved(index: number): boolean {
    return this.#has(index, REMOVED);
  }

  /** The sum of the counts by type is the log index, for each leaf counts once: rule 1 follows from rule 2. */
  #openBatch(leaf: TallyLeaf): void {
    this.closeBatch();
    if (leaf.batch !== (this.tally?.batch ?? 0) + 1) throw this.#refusal('its batch is wrong');
    if (printTally(leaf.before) !== printTally(this.counts)) throw this.#refusal('its counts before the batch are wrong');
    this.firstDate ??= leaf.date;
    this.tally = leaf;
    this.tallyAt = this.size;
    this.#lastChange = undefined;
  }

  #addStatement(leaf: StatementLeaf): void {
    if (this.#lastChange !== undefined) throw this.#refusal('its place is wrong');
    const named = leaf.display === 'name' ? NAMED : 0;
    this.#bytes[this.size] = STATEMENT + named + EVIDENCE * EVIDENCES.indexOf(leaf.evidence);
  }

  #addChange(leaf: ChangeLeaf, tallyAt: number): void {
    const { entry, type } = leaf;
    if (entry >= tallyAt || !this.isStatement(entry)) throw this.#refusal('its entry is wrong');
    const place = ORDER.indexOf(type);
    const [lastEntry, lastPlace] = this.#lastChange ?? [0, 0];
    if (entry < lastEntry || (entry === lastEntry && place < lastPlace)) throw this.#refusal('its place is wrong');
    this.#lastChange = [entry, place];
    if (type === 'raise') this.#raise(entry, leaf.from, leaf.to);
    else if (type === 'amendment') this.#amend(entry, leaf);
    else this.#withdraw(entry, leaf);
  }

  #raise(entry: number, from: string, to: string): void {
    if (this.#has(entry, RETRACTED)) throw this.#refusal('its entry was withdrawn');
    const before = this.#evidence(entry);
    if (EVIDENCES[before] !== from) throw this.#refusal('its evidence is wrong');
    this.#add(entry, EVIDENCE * ((EVIDENCES as readonly string[]).indexOf(to) - before));
  }

  #withdraw(entry: number, leaf: WithdrawalLeaf): void {
    const bit = leaf.type === 'removal' ? REMOVED : RETRACTED;
    if (this.#has(entry, bit)) throw this.#refusal('its entry was withdrawn');
    this.#add(entry, bit);
    if (leaf.by === 'holder') this.#history(entry).withdrawn.push({ leaf, at: this.size });
  }

  #amend(entry: number, leaf: AmendmentLeaf): void {
    if (this.#has(entry, RETRACTED) || this.#has(entry, REMOVED)) throw this.#refusal('its entry was withdrawn');
    const history = this.#history(entry);
    if (leaf.number !== history.amendments + 1) throw this.#refusal('its number is wrong');
    if (leaf.kind === 'name') {
      if (this.#has(entry, NAMED)) throw this.#refusal('its entry has a name');
      if (this.#evidence(entry) === 0) throw this.#refusal('its entry has no evidence');
      this.#add(entry, NAMED);
    }
    history.amendments = leaf.number;
    history.last = { leaf, at: this.size };
  }

  #history(entry: number): EntryHistory {
    let history = this.histories.get(entry);
    if (history === undefined) {
      history = { amendments: 0, last: undefined, withdrawn: [] };
      this.histories.set(entry, history);
    }
    return history;
  }

  #has(index: number, bit: number): boolean {
    return ((this.#bytes[index] ?? 0) & bit) !== 0;
  }

  #evidence(index: number): number {
    return Math.floor((this.#bytes[index] ?? 0) / EVIDENCE);
  }

  #add(index: number, value: number): void {
    this.#bytes[index] = (this.#bytes[index] ?? 0) + value;
  }

  #refusal(problem: string): Error {
    return replayFailed(problem, this.size);
  }
}
