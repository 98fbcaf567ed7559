import {
  contentHash,
  contentsPath,
  decodeContents,
  decodeLeaf,
  EXPORT_FILES,
  type ExportReader,
  leafHash,
  type LogTrust,
  openCheckpoint,
  proveInclusion,
  readBundle,
  replay,
  tilesOfExport,
  verifyInclusion,
  verifyNewer,
  verifyProof,
} from 'cryptonym/verify';
import { fill } from './fill.js';
import type { VerifierSettings } from './verifier-settings.js';

const BUNDLE = 256;
const PROOF_HEAD = 'c2sp.org/tlog-proof@v1\n';

/** What one check needs to know. Every check answers in sentences for people, or throws what the verifier throws. */
export interface Check {
  readonly reader: ExportReader;
  readonly trust: LogTrust;
  readonly settings: VerifierSettings;
  progress(done: number, total: number): void;
}

/** `isGood` is left out where there was nothing to find out. What is bad is thrown. */
export interface Answer {
  readonly isGood?: true;
  readonly sentences: readonly string[];
}

/** Reads and counts everything. */
export async function checkAll({ reader, trust, settings: { words, tag }, progress }: Check): Promise<Answer> {
  const { counts, withheld } = await replay(reader, trust, { onProgress: progress });
  const number = (n: number): string => n.toLocaleString(tag);
  const date =
    counts.asOf === null
      ? '–'
      : new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${counts.asOf}T00:00:00Z`));
  const values = { size: number(counts.logSize), total: number(counts.total), retracted: number(counts.retracted), date };
  const sentences = [
    words.verifyGood,
    fill(words.verifyAllGood, values),
    ...(withheld > 0 ? [fill(words.verifyWithheld, { withheld: number(withheld) })] : []),
  ];
  return { isGood: true, sentences };
}

/** One register number, from whole bundles and tiles. */
export async function checkNumber(index: number, { reader, trust, settings: { words, tag } }: Check): Promise<Answer> {
  const { size, root } = openCheckpoint(await textOf(reader, EXPORT_FILES.checkpoint), trust);
  const values = { index: index.toLocaleString(tag), size: size.toLocaleString(tag) };
  if (index >= size) return { sentences: [fill(words.verifyEntryNone, values)] };
  const bundle = Math.floor(index / BUNDLE);
  const record = (await readBundle(reader, bundle, size))[index % BUNDLE] ?? new Uint8Array(0);
  const proof = await proveInclusion(tilesOfExport(reader, size), index, size);
  verifyInclusion({ index, size, leafHash: leafHash(record), proof, root });

  const leaf = decodeLeaf(record);
  const good = fill(words.verifyEntryGood, values);
  if (leaf.type !== 'statement') return { isGood: true, sentences: [good, words.verifyEntryChange] };
  const contents = await reader.read(contentsPath(bundle));
  const kept = contents && decodeContents(bundle, contents).find((item) => item.index === index);
  if (kept === undefined) return { isGood: true, sentences: [good, words.verifyEntryWithheld] };
  const hash = [...contentHash(kept.salt, kept.bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { isGood: true, sentences: [good, hash === leaf.contentHash ? words.verifyEntryContent : words.verifyEntryChanged] };
}

/** A proof file by itself; or a signed state of an earlier day, against the log of today. */
export async function checkFile(text: string, { reader, trust, settings: { words, tag } }: Check): Promise<Answer> {
  if (text.startsWith(PROOF_HEAD)) {
    const { index, size } = await verifyProof(text, trust);
    return {
      isGood: true,
      sentences: [fill(words.verifyProofGood, { index: index.toLocaleString(tag), size: size.toLocaleString(tag) })],
    };
  }
  const older = openCheckpoint(text, trust);
  await verifyNewer(reader, trust, older);
  return { isGood: true, sentences: [fill(words.verifyOlderGood, { size: older.size.toLocaleString(tag) })] };
}

export async function textOf(reader: ExportReader, path: string): Promise<string> {
  return new TextDecoder().decode((await reader.read(path)) ?? new Uint8Array(0));
}
