import { toHex, utf8 } from '../../foundation/bytes.js';
import { verifyEd25519 } from '../../foundation/verify-primitives.js';
import { type LogTrust, type OpenedCheckpoint, openCheckpoint } from '../../log/checkpoint.js';
import type { ChangedBy, Display, Evidence } from '../../vocabulary/words.js';
import type { AmendmentLeaf, WithdrawalLeaf } from '../change-leaf.js';
import { contentForm, contentHash } from '../content-form.js';
import type { ReadContent } from '../export/contents-file.js';
import { type ExportReader, readTextFile } from '../export/export-reader.js';
import { bundleOf, EXPORT_FILES } from '../export/layout.js';
import type { StatementLeaf } from '../leaf.js';
import { isSigned } from './content-check.js';
import { ProvenBundles } from './proven-bundles.js';
import type { VerifyOptions } from './verify-proof.js';

/** What the holder of a claim knows of the own entry, all of it from the own device. */
export interface HeldEntry {
  /** Ed25519 public key, 64 lower-case hex digits. */
  readonly entryKey: string;
  /** 32 bytes, of the statement as it was made. */
  readonly salt: Uint8Array;
  readonly name: string;
  readonly text?: string | undefined;
  readonly categories: readonly string[];
  readonly display: Display;
  readonly evidence: Evidence;
  /** Months to try, `YYYY-MM`, and `earlier`, which a long hold makes of any. */
  readonly periods: readonly string[];
  /** If it is known: then only bundles from there on are read, and the server learns one of 256. */
  readonly registerNumber?: number | undefined;
  /** `YYYY-MM-DD` by which it must be published (`latestPublication`). */
  readonly latest?: string | undefined;
}

export interface EntryFinding {
  /** `waiting`: not there, and not overdue as far as `latest` says. `missing`: a batch after `latest` is there and the entry is not. */
  readonly status: 'published' | 'waiting' | 'missing';
  /** One plain sentence for people. */
  readonly sentence: string;
  readonly registerNumber?: number | undefined;
  readonly batch?: number | undefined;
  /** Of its batch. */
  readonly date?: string | undefined;
  /** By whom it was amended last, and withdrawn; `holder` only where the log carries a signature. */
  readonly amended?: ChangedBy | undefined;
  readonly retracted?: ChangedBy | undefined;
  readonly removed?: ChangedBy | undefined;
  /**
   * What is not as the holder has it: each is a reason to ask the registry. `content`: another name, text or period under this key than the
   * holder's, with no amendment. `withheld`: the content is missing without removal. `signature`: a change in the holder's name that this key
   * did not sign. `copies`: published more than once.
   */
  readonly differs: readonly ('content' | 'categories' | 'display' | 'evidence' | 'withheld' | 'signature' | 'copies')[];
  /** Date of the last batch read; null: none. */
  readonly asOf: string | null;
  readonly checkpoint: OpenedCheckpoint;
}

interface Found {
  readonly index: number;
  readonly leaf: StatementLeaf;
  readonly content: ReadContent | undefined;
  /** The last. */
  amendment?: AmendmentLeaf;
  readonly withdrawals: WithdrawalLeaf[];
}

/**
 * The check that only the holder of a claim can make: is my statement in the log, as I made it, and what has become of it? Every leaf that is
 * read is proven against the checkpoint. Throws as `replay` for the checkpoint, and `EXPORT_INVALID`; what it finds about the entry it returns.
 */
export async function verifyEntry(
  reader: ExportReader,
  trust: LogTrust,
  held: HeldEntry,
  options: VerifyOptions = {},
): Promise<EntryFinding> {
  const checkpoint = openCheckpoint(await readTextFile(reader, EXPORT_FILES.checkpoint), trust, options.ed25519Verify);
  const bundles = new ProvenBundles(reader, checkpoint, options);
  const search = new EntrySearch(held, options);
  const { registerNumber } = held;
  if (registerNumber !== undefined && registerNumber < checkpoint.size) {
    await search.read(bundles, bundleOf(registerNumber));
    if (search.found.some(({ index }) => index === registerNumber)) return search.finding(bundles);
  }
  const whole = new EntrySearch(held, options);
  await whole.read(bundles, 0);
  return whole.finding(bundles);
}

class EntrySearch {
  readonly found: Found[] = [];
  readonly #held: HeldEntry;
  readonly #options: VerifyOptions;
  readonly #hashes: ReadonlySet<string>;
  #asOf: string | null = null;

  constructor(held: HeldEntry, options: VerifyOptions) {
    const { entryKey, name, text, salt, periods } = held;
    this.#held = held;
    this.#options = options;
    this.#hashes = new Set(
      periods.map((period) => toHex(contentHash(salt, utf8(contentForm({ entryKey, name, text, period })), options.sha256))),
    );
  }

  async read(bundles: ProvenBundles, from: number): Promise<void> {
    for (let bundle = from; bundle < bundles.count; bundle++) {
      const { first, leaves, contents } = await bundles.read(bundle);
      for (const [i, leaf] of leaves.entries()) {
        const index = first + i;
        if (leaf.type === 'tally') this.#asOf = leaf.date;
        else if (leaf.type === 'statement') {
          const content = contents.find((each) => each.index === index);
          if (this.#isMine(leaf) || content?.content.entryKey === this.#held.entryKey)
            this.found.push({ index, leaf, content, withdrawals: [] });
        } else {
          const changed = this.found.find((each) => each.index === leaf.entry);
          if (changed === undefined || leaf.type === 'raise') continue;
          if (leaf.type === 'amendment') changed.amendment = leaf;
          else changed.withdrawals.push(leaf);
        }
      }
    }
  }

  async finding(bundles: ProvenBundles): Promise<EntryFinding> {
    const { checkpoint } = bundles;
    const mine = this.found.find(({ leaf }) => this.#isMine(leaf)) ?? this.found[0];
    if (mine === undefined) return this.#notThere(checkpoint);
    const { index, leaf } = mine;
    const date = await bundles.dateOf(leaf.batch);
    const by = (type: WithdrawalLeaf['type']): ChangedBy | undefined => mine.withdrawals.find((each) => each.type === type)?.by;
    const [amended, retracted, removed] = [mine.amendment?.by, by('retraction'), by('removal')];
    const differs = this.#differences(mine, removed !== undefined);
    const told = [
      amended && `amended by the ${amended}`,
      retracted && `retracted by the ${retracted}`,
      removed && `content removed by the ${removed}`,
      differs.length > 0 ? `not as stated: ${differs.join(', ')}` : amended === undefined && 'unaltered',
    ].filter(Boolean);
    const sentence = `Number ${index}, batch ${leaf.batch} of ${date}${told.map((part) => `; ${part}`).join('')}.`;
    return {
      status: 'published',
      sentence,
      registerNumber: index,
      batch: leaf.batch,
      date,
      amended,
      retracted,
      removed,
      differs,
      asOf: this.#asOf ?? date,
      checkpoint,
    };
  }

  #notThere(checkpoint: OpenedCheckpoint): EntryFinding {
    const { latest } = this.#held;
    const asOf = this.#asOf;
    const overdue = latest !== undefined && asOf !== null && asOf > latest;
    const sentence = `Not published up to ${asOf ?? 'now'}${latest === undefined ? '' : `; ${overdue ? 'it was' : 'it is'} due by ${latest}`}.`;
    return { status: overdue ? 'missing' : 'waiting', sentence, differs: [], asOf, checkpoint };
  }

  #isMine(leaf: StatementLeaf): boolean {
    return this.#hashes.has(leaf.contentHash);
  }

  #differences({ leaf, content, amendment, withdrawals }: Found, removed: boolean): EntryFinding['differs'] {
    const { categories, display, evidence, entryKey } = this.#held;
    const { ed25519Verify = verifyEd25519, sha256 } = this.#options;
    const inForce = amendment?.contentHash ?? leaf.contentHash;
    const isOther =
      !this.#isMine(leaf) ||
      (content !== undefined &&
        (toHex(contentHash(content.salt, content.bytes, sha256)) !== inForce || content.content.entryKey !== entryKey));
    const forged = [...(amendment === undefined ? [] : [amendment]), ...withdrawals].some(
      (change) => change.by === 'holder' && content !== undefined && !isSigned(change, content, ed25519Verify),
    );
    const found: readonly (readonly [EntryFinding['differs'][number], boolean])[] = [
      ['content', isOther],
      ['categories', leaf.categories.join() !== [...categories].sort().join()],
      ['display', leaf.display !== display],
      ['evidence', leaf.evidence !== evidence],
      ['withheld', content === undefined && !removed],
      ['signature', forged],
      ['copies', this.found.length > 1],
    ];
    return found.filter(([, is]) => is).map(([what]) => what);
  }
}
