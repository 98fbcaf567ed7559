import { nodeBackend } from '../../src/backends/node.js';
import { fromUtf8, toHex, utf8 } from '../../src/foundation/bytes.js';
import { publicKeyOfSeed, signMessage } from '../../src/foundation/ed25519.js';
import type { Ed25519Verify } from '../../src/foundation/verify-primitives.js';
import { appendRecords } from '../../src/log/append.js';
import { encodeCheckpoint, type LogTrust } from '../../src/log/checkpoint.js';
import { encodeVerifierKey } from '../../src/log/note.js';
import { encodeProofBundle } from '../../src/log/proof-bundle.js';
import { proveInclusion } from '../../src/log/prove.js';
import { signNote } from '../../src/log/sign-note.js';
import { makeSigner, type NoteSigner, verifierOf } from '../../src/log/signer-key.js';
import { encodeEntryBundle, entriesPath, TILE_WIDTH, tilePath } from '../../src/log/tile.js';
import type { TileReader } from '../../src/log/tile-reader.js';
import { changeMessage } from '../../src/public/change.js';
import type { ChangeLeaf } from '../../src/public/change-leaf.js';
import { type Content, contentHash, encodeContent } from '../../src/public/content.js';
import { addIncrements, incrementsOf, tallyFromCounters } from '../../src/public/counts/counters.js';
import { encodeContents } from '../../src/public/export/contents-file.js';
import { countsCsv, countsOf, encodeCounts, type ExportCounts } from '../../src/public/export/export-counts.js';
import type { ExportReader } from '../../src/public/export/export-reader.js';
import { batchProofPath, bundleOf, contentsPath, EXPORT_FILES } from '../../src/public/export/layout.js';
import { encodeLogFile } from '../../src/public/export/log-file.js';
import { decodeLeaf, encodeLeaf, type Leaf, type StatementLeaf } from '../../src/public/leaf.js';
import type { HeldEntry } from '../../src/public/replay/verify-entry.js';
import type { Category } from '../../src/vocabulary/categories.js';
import { makePolicy } from '../../src/vocabulary/policy.js';
import { EVIDENCES, type ChangeKind, type Display, type Evidence, type Origin } from '../../src/vocabulary/words.js';

/** An operator's log in memory, and exports of it: honest ones, and whatever a dishonest operator would make of it and sign again. */

export const SIGNER = makeSigner('register.example/log', new Uint8Array(32).fill(9));
export const TRUST: LogTrust = { key: encodeVerifierKey(verifierOf(SIGNER)) };
const CATEGORIES = ['party', 'league', 'pioneers'];

export interface PlannedStatement {
  /** Number of the holder: seed of the entry's key. */
  readonly of: number;
  readonly name?: string;
  readonly text?: string;
  readonly categories?: readonly string[];
  readonly display?: Display;
  readonly evidence?: Evidence;
  readonly origin?: Origin;
  readonly period?: string;
}

export interface PlannedChange {
  readonly of: number;
  readonly kind: ChangeKind;
  readonly by: 'holder' | 'registry';
  readonly value?: string;
}

export interface PlannedBatch {
  readonly date: string;
  readonly statements?: readonly PlannedStatement[];
  readonly changes?: readonly PlannedChange[];
}

export interface StoredSalted {
  readonly salt: Uint8Array;
  readonly content: Content;
}

/** What an operator has: records in order, and the contents beside them by register number. */
export interface Draft {
  readonly records: Uint8Array[];
  readonly contents: Map<number, StoredSalted>;
  /** Register numbers by holder. */
  readonly numbers: ReadonlyMap<number, number>;
}

const filled = (length: number, ...values: readonly number[]): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => values[i % values.length] ?? 0);

export function seedOf(holder: number): Uint8Array {
  return filled(32, holder & 0xff, holder >> 8, 1);
}

export function entryKeyOf(holder: number): string {
  return toHex(publicKeyOfSeed(seedOf(holder), { backend: nodeBackend }));
}

export function saltOf(holder: number, amendment = 0): Uint8Array {
  return filled(32, holder & 0xff, holder >> 8, 2, amendment);
}

/** Honest batches, in the order of the plan. */
export function draftOf(plan: readonly PlannedBatch[]): Draft {
  const records: Uint8Array[] = [];
  const contents = new Map<number, StoredSalted>();
  const numbers = new Map<number, number>();
  const states = new Map<number, { evidence: Evidence; amendments: number }>();
  let counters: ReadonlyMap<string, number> = new Map();
  for (const [i, { date, statements = [], changes = [] }] of plan.entries()) {
    const batch = i + 1;
    const first = records.length + 1;
    const leaves: (StatementLeaf | ChangeLeaf)[] = statements.map((planned, at) => {
      const { of, name = 'jin fu', text = 'I leave.', period = '2026-11', evidence = 'contact' } = planned;
      const content = { entryKey: entryKeyOf(of), name, text: text === '' ? undefined : text, period };
      const salt = saltOf(of);
      numbers.set(of, first + at);
      states.set(of, { evidence, amendments: 0 });
      contents.set(first + at, { salt, content });
      return {
        type: 'statement',
        batch,
        categories: planned.categories ?? ['party'],
        display: planned.display ?? 'alias',
        evidence,
        origin: planned.origin ?? 'live',
        contentHash: hashOf(salt, content),
      };
    });
    for (const change of changes) leaves.push(changeLeafOf(change, batch, { contents, numbers, states }));
    const before = tallyFromCounters(counters);
    counters = addIncrements(counters, incrementsOf(leaves));
    records.push(encodeLeaf({ type: 'tally', batch, date, before, after: tallyFromCounters(counters) }), ...leaves.map(encodeLeaf));
  }
  return { records, contents, numbers };
}

interface Registers {
  readonly contents: Map<number, StoredSalted>;
  readonly numbers: ReadonlyMap<number, number>;
  readonly states: ReadonlyMap<number, { evidence: Evidence; amendments: number }>;
}

function changeLeafOf(change: PlannedChange, batch: number, { contents, numbers, states }: Registers): ChangeLeaf {
  const { of, kind, by, value = '' } = change;
  const entry = numbers.get(of) ?? 0;
  const state = states.get(of);
  const old = contents.get(entry);
  if (state === undefined || old === undefined) throw new Error('a planned change has no statement');
  if (kind === 'raise') {
    const from = state.evidence;
    state.evidence = EVIDENCES.find((word) => word === value) ?? 'verified';
    return { type: 'raise', batch, entry, from, to: state.evidence };
  }
  if (kind === 'retraction' || kind === 'removal') {
    if (kind === 'removal') contents.delete(entry);
    return { type: kind, batch, entry, by, ...signed(change, 0, new Uint8Array(32)) };
  }
  const number = ++state.amendments;
  const salt = saltOf(of, number);
  const content = kind === 'name' ? { ...old.content, name: value } : { ...old.content, text: value === '' ? undefined : value };
  contents.set(entry, { salt, content });
  return { type: 'amendment', batch, entry, number, kind, by, contentHash: hashOf(salt, content), ...signed(change, number, salt) };
}

function signed({ of, kind, by, value = '' }: PlannedChange, number: number, salt: Uint8Array): { readonly signature?: string } {
  return by === 'holder' ? { signature: signatureOf(of, kind, number, salt, value) } : {};
}

export function signatureOf(holder: number, kind: ChangeKind, number: number, salt: Uint8Array, value: string): string {
  const seed = seedOf(holder);
  const entryPublicKey = publicKeyOfSeed(seed, { backend: nodeBackend });
  return toHex(signMessage(changeMessage({ kind, entryPublicKey, number, salt, value }), seed, { backend: nodeBackend }));
}

export function hashOf(salt: Uint8Array, content: Content): string {
  return toHex(contentHash(salt, encodeContent(content)));
}

/** Signatures that were verified before are looked up: tens of thousands of replays else spend their time on the same few. */
export function rememberingVerify(): Ed25519Verify {
  const known = new Map<string, boolean>();
  return (signature, message, publicKey) => {
    const key = [signature, message, publicKey].map((part) => Buffer.from(part).toString('base64')).join();
    const found = known.get(key) ?? nodeBackend.ed25519Verify(signature, message, publicKey);
    known.set(key, found);
    return found;
  };
}

export type Files = Map<string, Uint8Array>;

export interface ExportChoices {
  readonly signer?: NoteSigner;
  /** Edits the counts before they are printed. */
  readonly counts?: (counts: ExportCounts) => ExportCounts;
  readonly witnesses?: string;
  readonly categories?: readonly (string | Category)[];
  /** Adds cosignatures. */
  readonly cosign?: (note: string) => string;
}

/** A whole export of whatever the records are, properly hashed and signed: only what the records say can be wrong. */
export async function exportOf(draft: Pick<Draft, 'records' | 'contents'>, choices: ExportChoices = {}): Promise<Files> {
  const { signer = SIGNER, counts: edit = (counts) => counts, witnesses = '', categories = CATEGORIES, cosign = (note) => note } = choices;
  const { records, contents } = draft;
  const files: Files = new Map();
  const tallies = records.flatMap((record, index) => {
    const leaf = leafOrNone(record);
    return leaf?.type === 'tally' ? [{ leaf, index, record }] : [];
  });
  const tiles = new Map<string, Uint8Array>();
  const reader = tilesIn(tiles);
  let size = 0;
  let root: Uint8Array = new Uint8Array(32);
  const ends = [...tallies.slice(1).map(({ index }) => index), records.length];
  let note = '';
  for (const [i, end] of ends.entries()) {
    const appended = await appendRecords(reader, size, records.slice(size, end), nodeBackend.sha256);
    for (const { level, index, hashes } of appended.tiles) tiles.set(`${level}/${index}`, hashes);
    ({ size, root } = appended);
    note = cosign(signNote(encodeCheckpoint({ origin: signer.name, size, root }), [signer]));
    const tally = tallies[i];
    if (tally === undefined) continue;
    const proof = await proveInclusion(reader, tally.index, size, nodeBackend.sha256);
    files.set(batchProofPath(i + 1), utf8(encodeProofBundle({ index: tally.index, proof, checkpoint: note, extra: tally.record })));
  }
  for (const [key, hashes] of tiles) {
    const [level = 0, index = 0] = key.split('/').map(Number);
    files.set(tilePath({ level, index, width: hashes.length / 32 }), hashes);
  }
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const bundle = bundleOf(first);
    const inBundle = records.slice(first, first + TILE_WIDTH);
    files.set(entriesPath(bundle, inBundle.length), encodeEntryBundle(inBundle));
    const rows = [...contents].filter(([index]) => bundleOf(index) === bundle).sort(([a], [b]) => a - b);
    files.set(
      contentsPath(bundle),
      encodeContents(
        bundle,
        rows.map(([index, { salt, content }]) => ({ index, salt, bytes: encodeContent(content) })),
      ),
    );
  }
  const last = tallies.at(-1)?.leaf;
  const counts = edit(
    countsOf({
      tally: last?.after ?? tallyFromCounters(new Map()),
      batches: tallies.length,
      firstDate: tallies[0]?.leaf.date,
      lastDate: last?.date,
      categories: categories.map((category) => (typeof category === 'string' ? category : category.id)),
      logSize: size,
      root: toHex(root),
    }),
  );
  const key = encodeVerifierKey(verifierOf(signer));
  files.set(EXPORT_FILES.log, encodeLogFile({ key, origin: signer.name, policy: makePolicy('tiny', categories), witnesses }));
  files.set(EXPORT_FILES.counts, encodeCounts(counts));
  files.set(EXPORT_FILES.countsCsv, countsCsv(counts));
  files.set(EXPORT_FILES.checkpoint, utf8(note));
  return files;
}

function leafOrNone(record: Uint8Array): Leaf | undefined {
  try {
    return decodeLeaf(record);
  } catch {
    return undefined;
  }
}

function tilesIn(tiles: ReadonlyMap<string, Uint8Array>): TileReader {
  return { tile: async ({ level, index, width }) => (tiles.get(`${level}/${index}`) ?? new Uint8Array(0)).slice(0, width * 32) };
}

export function readerOf(files: ReadonlyMap<string, Uint8Array>): ExportReader {
  return { read: async (path) => files.get(path) };
}

export function checkpointOf(files: ReadonlyMap<string, Uint8Array>): string {
  return fromUtf8(files.get(EXPORT_FILES.checkpoint) ?? new Uint8Array(0));
}

/** Replaces leaves of a draft as a careless liar would: nothing else follows. */
export function edited(draft: Draft, edit: (leaf: Leaf, index: number) => Leaf | undefined | readonly Leaf[]): Draft {
  const records = draft.records.flatMap((record, index) => {
    const leaf = edit(decodeLeaf(record), index);
    return leaf === undefined ? [] : (Array.isArray(leaf) ? (leaf as readonly Leaf[]) : [leaf as Leaf]).map(encodeLeaf);
  });
  return { ...draft, records };
}

/** As a careful liar would: after the edit every tally is made to fit again, so that only the lie itself can show. */
export function retallied(draft: Draft): Draft {
  const leaves = draft.records.map(decodeLeaf);
  let counters: ReadonlyMap<string, number> = new Map();
  const records: Uint8Array[] = [];
  for (const [i, leaf] of leaves.entries()) {
    if (leaf.type !== 'tally') {
      records.push(encodeLeaf(leaf));
      continue;
    }
    const next = leaves.findIndex((each, at) => at > i && each.type === 'tally');
    const own = leaves.slice(i + 1, next < 0 ? undefined : next) as (StatementLeaf | ChangeLeaf)[];
    const before = tallyFromCounters(counters);
    counters = addIncrements(counters, incrementsOf(own));
    records.push(encodeLeaf({ ...leaf, before, after: tallyFromCounters(counters) }));
  }
  return { ...draft, records };
}

/** What the device of this holder knows. */
export function heldBy(holder: number, more: Partial<HeldEntry> = {}): HeldEntry {
  return {
    entryKey: entryKeyOf(holder),
    salt: saltOf(holder),
    name: 'jin fu',
    text: 'I leave.',
    categories: ['party'],
    display: 'alias',
    evidence: 'contact',
    periods: ['2026-11', 'earlier'],
    ...more,
  };
}

/** Three batches with every kind of change; 1 to 9 are holders. */
export const SMALL_PLAN: readonly PlannedBatch[] = [
  {
    date: '2026-11-21',
    statements: [
      { of: 1 },
      { of: 2, categories: ['league', 'party'], evidence: 'stated' },
      { of: 3, origin: 'import', period: 'earlier' },
      { of: 4, evidence: 'verified' },
    ],
  },
  {
    date: '2026-11-22',
    statements: [{ of: 5 }, { of: 6, name: 'wan shun', text: '' }, { of: 7 }],
    changes: [
      { of: 1, kind: 'text', by: 'holder', value: 'I leave for good.' },
      { of: 2, kind: 'raise', by: 'registry', value: 'contact' },
      { of: 3, kind: 'retraction', by: 'holder' },
    ],
  },
  {
    date: '2026-11-24',
    statements: [{ of: 8 }],
    changes: [
      { of: 1, kind: 'text', by: 'registry', value: 'I leave.' },
      { of: 2, kind: 'retraction', by: 'registry' },
      { of: 4, kind: 'name', by: 'holder', value: '王小明' },
      { of: 5, kind: 'retraction', by: 'holder' },
      { of: 5, kind: 'removal', by: 'holder' },
      { of: 6, kind: 'removal', by: 'registry' },
    ],
  },
];
