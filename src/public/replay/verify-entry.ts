import { toHex, utf8 } from '../../foundation/bytes.js';
import { verifyEd25519 } from '../../foundation/verify-primitives.js';
import { type LogTrust, type OpenedCheckpoint, openCheckpoint } from '../../log/checkpoint.js';
import type { ChangedBy, Display, Evidence } from '../../vocabulary/words.js';
import type { ChangeLeaf } from '../change-leaf.js';
import { TILE_WIDTH } from '../../log/tile.js';
import { contentForm, contentHash } from '../content-form.js';
import type { ReadContent } from '../export/contents-file.js';
import { type ExportReader, readTextFile } from '../export/export-reader.js';
import { bundleOf, EXPORT_FILES } from '../export/layout.js';
import type { StatementLeaf } from '../leaf.js';
import { isSigned } from './content-check.js';
import { provenBundles } from './proven-bundles.js';
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
  /** If it is known: then only bundles from there on are read, and the server learns one of 256. Copies before that are not looked for. */
  readonly registerNumber?: number | undefined;
  /** `YYYY-MM-DD` by which it must be published (`latestPublication`). */
  readonly latest?: string | undefined;
}

export interface EntryFinding {
  /**
   * `waiting`: not there, and not overdue as far as `latest` says. `missing`: the entry is not there, although its number
   * was given or a batch after `latest` is there.
   */
  readonly status: 'published' | 'waiting' | 'missing';
  readonly registerNumber?: number | undefined;
  readonly batch?: number | undefined;
  /** Of its batch. */
  readonly date?: string | undefined;
  /** By whom it was amended last, and withdrawn; `holder` only where the log carries a signature. */
  readonly amended?: ChangedBy | undefined;
  readonly retracted?: ChangedBy | undefined;
  readonly removed?: ChangedBy | undefined;
  /**
   * What is not as the holder has it: each is a reason to ask the registry. `content`: another key, name, text or period than the holder's,
   * with no amendment of just that. `evidence`: as raised. `withheld`: the content is missing without removal. `signature`: a change in the
   * holder's name that this key did not sign. `unverifiable`: an amendment in the holder's name, and the content it was signed for is gone.
   * `copies`: published more than once, from the register number's bundle on.
   */
  readonly differs: readonly ('content' | 'categories' | 'display' | 'evidence' | 'withheld' | 'signature' | 'unverifiable' | 'copies')[];
  /** Latest date of a batch that was read; null: none. */
  readonly asOf: string | null;
  readonly checkpoint: OpenedCheckpoint;
}

interface Found {
  readonly index: number;
  readonly leaf: StatementLeaf;
  readonly content: ReadContent | undefined;
  readonly changes: ChangeLeaf[];
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
  const { ed25519Verify = verifyEd25519, sha256 } = options;
  const { entryKey, name, text, periods, registerNumber, latest } = held;
  const checkpoint = openCheckpoint(await readTextFile(reader, EXPORT_FILES.checkpoint), trust, ed25519Verify);
  const bundles = provenBundles(reader, checkpoint, options);
  const hashOf = (salt: Uint8Array, bytes: Uint8Array): string => toHex(contentHash(salt, bytes, sha256));
  const hashes = periods.map((period) => hashOf(held.salt, utf8(contentForm({ entryKey, name, text, period }))));
  const isMine = ({ leaf }: Pick<Found, 'leaf'>): boolean => hashes.includes(leaf.contentHash);
  let asOf = '';

  const search = async (from: number): Promise<readonly Found[]> => {
    const found: Found[] = [];
    for (let bundle = from; bundle * TILE_WIDTH < checkpoint.size; bundle++) {
      const { first, leaves, contents } = await bundles.read(bundle);
      for (const [i, leaf] of leaves.entries()) {
        const index = first + i;
        if (leaf.type === 'statement') {
          const content = contents.find((each) => each.index === index);
          if (isMine({ leaf }) || content?.content.entryKey === entryKey) found.push({ index, leaf, content, changes: [] });
        } else if (leaf.type !== 'tally') found.find((each) => each.index === leaf.entry)?.changes.push(leaf);
        else if (leaf.date > asOf) asOf = leaf.date;
      }
    }
    return found;
  };

  let found = registerNumber === undefined ? [] : await search(bundleOf(registerNumber));
  // A number that is wrong is no reason to miss the entry.
  if (!found.some(({ index }) => index === registerNumber)) found = await search(0);
  const mine = found.find(isMine) ?? found[0];
  if (mine === undefined) {
    const isOverdue = registerNumber !== undefined || (latest !== undefined && asOf > latest);
    return { status: isOverdue ? 'missing' : 'waiting', differs: [], asOf: asOf || null, checkpoint };
  }

  const { index, leaf, content, changes } = mine;
  const last = <Type extends ChangeLeaf['type']>(type: Type) =>
    changes.filter((change): change is ChangeLeaf & { readonly type: Type } => change.type === type).at(-1);
  const amendment = last('amendment');
  const retraction = last('retraction');
  const removal = last('removal');
  const now = content?.content;
  const differs: Readonly<Record<EntryFinding['differs'][number], boolean | undefined>> = {
    // A signature covers one member of the content; here the others are compared. An amendment keeps the month.
    content:
      !isMine(mine) ||
      (content &&
        (hashOf(content.salt, content.bytes) !== (amendment ?? leaf).contentHash ||
          now?.entryKey !== entryKey ||
          !periods.includes(now.period) ||
          (['name', 'text'] as const).some(
            (kind) => now[kind] !== held[kind] && !changes.some((change) => change.type === 'amendment' && change.kind === kind),
          ))),
    categories: leaf.categories.join() !== [...held.categories].sort().join(),
    display: leaf.display !== held.display,
    evidence: (last('raise')?.to ?? leaf.evidence) !== held.evidence,
    withheld: !content && !removal,
    signature: [content && amendment, retraction, removal].some(
      (change) => change?.by === 'holder' && !isSigned(change, content, entryKey, ed25519Verify),
    ),
    unverifiable: !content && amendment?.by === 'holder',
    copies: found.length > 1,
  };
  const date = await bundles.dateOf(leaf.batch);
  return {
    status: 'published',
    registerNumber: index,
    batch: leaf.batch,
    date,
    amended: amendment?.by,
    retracted: retraction?.by,
    removed: removal?.by,
    differs: (Object.keys(differs) as (keyof typeof differs)[]).filter((what) => differs[what]),
    asOf: asOf || date,
    checkpoint,
  };
}
