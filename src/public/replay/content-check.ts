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
import { type EntryHistory, FOUND, OTHER, REMOVED, type ReplayState } from './replay-state.js';

export interface ContentTotals {
  contents: number;
  withheld: number;
  signatures: number;
}

/**
 * The contents beside the log. Whether one is right shows only when all leaves were read, so each bundle is looked at as it comes and again
 * at the end where one of its entries was changed. Two bits a leaf, in `state`, and 20 bytes for each bundle.
 */
export interface ContentCheck {
  readonly totals: ContentTotals;
  /** The contents of one bundle, whose leaves begin at log index `first` and are in `state`. Bundles come in order. */
  addBundle(bundle: number, first: number, leaves: readonly Leaf[], file: Uint8Array): void;
  /** After the last leaf. Throws `REPLAY_FAILED`. */
  finish(): Promise<void>;
}

export function contentCheck(reader: ExportReader, state: ReplayState, sha256: Sha256, verify: Ed25519Verify): ContentCheck {
  const totals: ContentTotals = { contents: 0, withheld: 0, signatures: 0 };
  const { histories } = state;
  /** By bundle: a server must not give another file the second time. */
  const digests: string[] = [];
  const digestOf = (file: Uint8Array): string => toHex(sha256(file).subarray(0, 10));
  const hashOf = ({ salt, bytes }: ReadContent): string => toHex(contentHash(salt, bytes, sha256));

  const again = async (bundle: number): Promise<readonly ReadContent[]> => {
    const file = await readFile(reader, contentsPath(bundle));
    if (digestOf(file) !== digests[bundle]) throw replayFailed('the export changed while it was read');
    return decodeContents(bundle, file);
  };
  const checkHistory = (content: ReadContent, { last, withdrawn }: EntryHistory): void => {
    if (last !== undefined && hashOf(content) !== last.leaf.contentHash) throw replayFailed('its content is wrong', last.at);
    for (const { leaf, at } of last === undefined ? withdrawn : [last, ...withdrawn]) {
      if (leaf.by !== 'holder') continue;
      if (!isSigned(leaf, content, content.content.entryKey, verify)) throw replayFailed('its signature is wrong', at);
      totals.signatures++;
    }
  };

  return {
    totals,
    addBundle(bundle, first, leaves, file) {
      digests.push(digestOf(file));
      for (const content of decodeContents(bundle, file)) {
        const { index } = content;
        const leaf = leaves[index - first];
        if (leaf?.type !== 'statement') throw replayFailed('its content is wrong', index);
        state.mark(index, hashOf(content) === leaf.contentHash ? FOUND : FOUND + OTHER);
        totals.contents++;
      }
    },
    async finish() {
      for (let index = 0; index < state.size; index++) {
        if (!state.isStatement(index)) continue;
        const isThere = state.has(index, FOUND);
        if (isThere === state.has(index, REMOVED))
          throw replayFailed(isThere ? 'its content was removed' : 'its content is missing', index);
        if (!isThere) totals.withheld++;
        else if (state.has(index, OTHER) && !histories.get(index)?.last) throw replayFailed('its content is wrong', index);
      }
      let bundle = -1;
      let contents: readonly ReadContent[] = [];
      for (const [entry, history] of [...histories].sort(([a], [b]) => a - b)) {
        if (!state.has(entry, FOUND)) continue;
        if (bundleOf(entry) !== bundle) {
          bundle = bundleOf(entry);
          contents = await again(bundle);
        }
        const content = contents.find(({ index }) => index === entry);
        if (content !== undefined) checkHistory(content, history);
      }
    },
  };
}

/**
 * Is this change signed by the key? Of amendments only the last can be asked, and with content only: salt and value are those of today.
 * A withdrawal needs none.
 */
export function isSigned(
  leaf: AmendmentLeaf | WithdrawalLeaf,
  read: Pick<ReadContent, 'content' | 'salt'> | undefined,
  key: string,
  verify: Ed25519Verify,
): boolean {
  const entryPublicKey = fromHex(key);
  const { content, salt = new Uint8Array(32) } = read ?? {};
  const change =
    leaf.type === 'amendment'
      ? { kind: leaf.kind, number: leaf.number, salt, value: content?.[leaf.kind] ?? '' }
      : { kind: leaf.type, number: 0, salt: new Uint8Array(32), value: '' };
  return verify(fromHex(leaf.signature ?? '', 64), changeMessage({ ...change, entryPublicKey }), entryPublicKey);
}
