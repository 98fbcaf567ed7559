import { fromHex, toHex } from '../../foundation/bytes.js';
import type { Sha256 } from '../../foundation/sha256.js';
import type { Ed25519Verify } from '../../foundation/verify-primitives.js';
import { changeMessage } from '../change.js';
import type { AmendmentLeaf, WithdrawalLeaf } from '../change-leaf.js';
import { contentHash } from '../content-form.js';
import { decodeContents, type ReadContent } from '../export/contents-file.js';
import { type ExportReader, readFile } from '../export/export-reader.js';
import { bundleOf, contentsPath } from '../export/layout.js';
import type { Leaf } from '../leaf.js';
import { replayFailed } from './replay-failed.js';
import type { EntryHistory, ReplayState } from './replay-state.js';

/** How a statement's content was found: by the hash on the statement's leaf, by another one (it must be an amendment's), or not at all. */
const AS_PUBLISHED = 0;
const OTHER = 1;
const ABSENT = 2;

export interface ContentTotals {
  contents: number;
  withheld: number;
  signatures: number;
}

/**
 * The contents beside the log. Whether one is right shows only when all leaves were read, so each bundle is looked at as it comes and again
 * at the end where one of its entries was changed. One byte a leaf and 20 for each bundle.
 */
export class ContentCheck {
  readonly totals: ContentTotals = { contents: 0, withheld: 0, signatures: 0 };
  readonly #reader: ExportReader;
  readonly #sha256: Sha256;
  readonly #verify: Ed25519Verify;
  #found = new Uint8Array(1024);
  /** By bundle: a server must not give another file the second time. */
  readonly #digests: string[] = [];

  constructor(reader: ExportReader, sha256: Sha256, verify: Ed25519Verify) {
    this.#reader = reader;
    this.#sha256 = sha256;
    this.#verify = verify;
  }

  /** The contents of one bundle, whose leaves begin at log index `first`. Bundles come in order. */
  addBundle(bundle: number, first: number, leaves: readonly Leaf[], file: Uint8Array): void {
    const contents = decodeContents(bundle, file);
    this.#digests.push(this.#digest(file));
    while (this.#found.length < first + leaves.length) {
      const larger = new Uint8Array(2 * this.#found.length);
      larger.set(this.#found);
      this.#found = larger;
    }
    this.#found.fill(ABSENT, first, first + leaves.length);
    for (const content of contents) {
      const { index } = content;
      const leaf = leaves[index - first];
      if (leaf?.type !== 'statement') throw replayFailed('its content is wrong', index);
      this.#found[index] = this.#hash(content) === leaf.contentHash ? AS_PUBLISHED : OTHER;
      this.totals.contents++;
    }
  }

  /** After the last leaf. Throws `REPLAY_FAILED`. */
  async finish(state: ReplayState): Promise<void> {
    for (let index = 0; index < state.size; index++) {
      if (!state.isStatement(index)) continue;
      const found = this.#found[index];
      if ((found === ABSENT) !== state.isRemoved(index))
        throw replayFailed(found === ABSENT ? 'its content is missing' : 'its content was removed', index);
      if (found === ABSENT) this.totals.withheld++;
      else if ((found === OTHER) !== (state.histories.get(index)?.last !== undefined)) throw replayFailed('its content is wrong', index);
    }
    await this.#checkHistories(state);
  }

  async #checkHistories({ histories }: ReplayState): Promise<void> {
    let bundle = -1;
    let contents: readonly ReadContent[] = [];
    for (const entry of [...histories.keys()].sort((a, b) => a - b)) {
      if (this.#found[entry] === ABSENT) continue;
      if (bundleOf(entry) !== bundle) {
        bundle = bundleOf(entry);
        contents = await this.#again(bundle);
      }
      const content = contents.find(({ index }) => index === entry);
      if (content !== undefined) this.#checkHistory(content, histories.get(entry) as EntryHistory);
    }
  }

  #checkHistory(content: ReadContent, { last, withdrawn }: EntryHistory): void {
    if (last !== undefined) {
      if (this.#hash(content) !== last.leaf.contentHash) throw replayFailed('its content is wrong', last.at);
      this.#checkSignature(last.leaf, last.at, content);
    }
    for (const { leaf, at } of withdrawn) this.#checkSignature(leaf, at, content);
  }

  #checkSignature(leaf: AmendmentLeaf | WithdrawalLeaf, at: number, content: ReadContent): void {
    if (leaf.signature === undefined) return;
    if (!isSigned(leaf, content, this.#verify)) throw replayFailed('its signature is wrong', at);
    this.totals.signatures++;
  }

  async #again(bundle: number): Promise<readonly ReadContent[]> {
    const file = await readFile(this.#reader, contentsPath(bundle));
    if (this.#digest(file) !== this.#digests[bundle]) throw replayFailed('the export changed while it was read');
    return decodeContents(bundle, file);
  }

  #digest(file: Uint8Array): string {
    return toHex(this.#sha256(file).subarray(0, 10));
  }

  #hash({ salt, bytes }: ReadContent): string {
    return toHex(contentHash(salt, bytes, this.#sha256));
  }
}

/** Is this change signed by the key in its entry's content? Of amendments only the last can be asked: salt and value are those of today. */
export function isSigned(leaf: AmendmentLeaf | WithdrawalLeaf, { content, salt }: ReadContent, verify: Ed25519Verify): boolean {
  const entryPublicKey = fromHex(content.entryKey);
  const change =
    leaf.type === 'amendment'
      ? { kind: leaf.kind, number: leaf.number, salt, value: leaf.kind === 'name' ? content.name : (content.text ?? '') }
      : { kind: leaf.type, number: 0, salt: new Uint8Array(32), value: '' };
  return verify(fromHex(leaf.signature ?? '', 64), changeMessage({ ...change, entryPublicKey }), entryPublicKey);
}
