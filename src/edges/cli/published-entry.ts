import { RegistryError } from '../../index.js';
import {
  batchProofPath,
  type ChangeLeaf,
  contentsPath,
  decodeContents,
  decodeLeaf,
  decodeProofBundle,
  type EntryFinding,
  type ExportReader,
  type Leaf,
  readBundle,
  type ReadContent,
  type StatementLeaf,
} from '../../verify.js';
import { nativeSha256 } from './export-source.js';

const BUNDLE = 256;
/** In a contents file, whose form the replay checks; a quotation mark in a name or text stands there behind a backslash. */
const KEY = /"key":"([0-9a-f]{64})"/g;

/** An entry as the log has it, found by its id. */
export interface PublishedEntry extends Pick<EntryFinding, 'registerNumber' | 'batch' | 'date' | 'amended' | 'retracted' | 'differs'> {
  /** What it says today, and what stands on its leaf. */
  readonly said: Pick<ReadContent['content'], 'name' | 'text' | 'period'> & Pick<StatementLeaf, 'categories' | 'display' | 'evidence'>;
}

export interface EntryFinder {
  /** Give this one to `replay`; a file that is another when it is read again is refused with `EXPORT_INVALID`. */
  readonly reader: ExportReader;
  /** After `replay` found everything right. Undefined: no content of it is there, for it was never published, or was removed. */
  find(size: number): Promise<PublishedEntry | undefined>;
}

/**
 * Finds an entry by its id in an export that is replayed anyway: the replay checks every content, change and signature, and the finder only
 * reads once more, byte for byte, what was checked.
 */
export function entryFinder(source: ExportReader, entryId: string): EntryFinder {
  const digests = new Map<string, string>();
  const places = new Set<string>();
  const reader: ExportReader = {
    async read(path) {
      const bytes = await source.read(path);
      const digest = bytes === undefined ? 'none' : Buffer.from(nativeSha256(bytes)).toString('base64');
      if ((digests.get(path) ?? digest) !== digest) throw new RegistryError('EXPORT_INVALID', 'the export changed while it was read');
      digests.set(path, digest);
      if (bytes !== undefined && path.startsWith('contents/') && hasEntry(bytes, entryId)) places.add(path);
      return bytes;
    },
  };
  const leavesOf = async (bundle: number, size: number): Promise<readonly Leaf[]> =>
    (await readBundle(reader, bundle, size)).map((record) => decodeLeaf(record));

  const dateOf = async (batch: number, size: number): Promise<string | undefined> => {
    const { index } = decodeProofBundle(new TextDecoder().decode(await reader.read(batchProofPath(batch))));
    const leaf = (await leavesOf(Math.floor(index / BUNDLE), size))[index % BUNDLE];
    return leaf?.type === 'tally' ? leaf.date : undefined;
  };

  return {
    reader,
    async find(size) {
      const found: ReadContent[] = [];
      for (let bundle = 0; bundle * BUNDLE < size; bundle++) {
        const path = contentsPath(bundle);
        const bytes = places.has(path) ? await reader.read(path) : undefined;
        if (bytes !== undefined) found.push(...decodeContents(bundle, bytes).filter(({ content }) => idOf(content.entryKey) === entryId));
      }
      const [first] = found;
      if (first === undefined) return undefined;
      const { index, content } = first;
      let leaf: Leaf | undefined;
      const changes: ChangeLeaf[] = [];
      for (let bundle = Math.floor(index / BUNDLE); bundle * BUNDLE < size; bundle++) {
        const leaves = await leavesOf(bundle, size);
        leaf ??= leaves[index % BUNDLE];
        for (const each of leaves) if (each.type !== 'statement' && each.type !== 'tally' && each.entry === index) changes.push(each);
      }
      if (leaf?.type !== 'statement') return undefined;
      const last = <Type extends ChangeLeaf['type']>(type: Type) =>
        changes.filter((change): change is ChangeLeaf & { readonly type: Type } => change.type === type).at(-1);
      const { batch, categories, display } = leaf;
      const { name, text, period } = content;
      return {
        registerNumber: index,
        batch,
        date: await dateOf(batch, size),
        amended: last('amendment')?.by,
        retracted: last('retraction')?.by,
        differs: found.length > 1 ? ['copies'] : [],
        said: { name, text, period, categories, display, evidence: last('raise')?.to ?? leaf.evidence },
      };
    },
  };
}

function hasEntry(bytes: Uint8Array, entryId: string): boolean {
  for (const [, key = ''] of Buffer.from(bytes).toString('latin1').matchAll(KEY)) if (idOf(key) === entryId) return true;
  return false;
}

/** The first 16 bytes of the key's SHA-256 (docs/spec/submission.md). */
function idOf(entryKey: string): string {
  return Buffer.from(nativeSha256(Buffer.from(entryKey, 'hex')))
    .toString('hex')
    .slice(0, 32);
}
