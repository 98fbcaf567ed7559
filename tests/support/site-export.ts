import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromHex, toHex } from '../../src/foundation/bytes.js';
import { encodeCanonicalJson, type JsonValue } from '../../src/foundation/canonical-json.js';
import type { ChangeLeaf } from '../../src/public/change-leaf.js';
import { type Content, contentHash, encodeContent } from '../../src/public/content.js';
import { addIncrements, incrementsOf, tallyFromCounters } from '../../src/public/counts/counters.js';
import { countsCsv, countsOf, encodeCounts } from '../../src/public/export/export-counts.js';
import { encodeLeaf, type StatementLeaf } from '../../src/public/leaf.js';

/**
 * Lays out the static export of an invented register (docs/spec/export.md) with hashing and signing of its own: slow and plain, for pages to be
 * built from and for files to be tampered with. Tests of the exporter itself use the real one.
 */
export interface Said {
  readonly name: string;
  readonly text?: string;
  readonly categories?: readonly string[];
  readonly evidence?: 'stated' | 'contact' | 'verified';
  readonly display?: 'alias' | 'name';
  readonly origin?: 'live' | 'import';
  readonly period?: string;
}

/** A change; `entry` is the register number of the statement. */
export type Change =
  | { readonly type: 'removal' | 'retraction'; readonly entry: number }
  | { readonly type: 'text' | 'name'; readonly entry: number; readonly value: string }
  | { readonly type: 'raise'; readonly entry: number; readonly from: 'stated' | 'contact'; readonly to: 'contact' | 'verified' };

export interface Published {
  readonly date: string;
  readonly said: readonly Said[];
  readonly changes?: readonly Change[];
}

export interface ExportOptions {
  readonly origin?: string;
  readonly categories?: readonly { readonly id: string; readonly label?: string }[];
}

interface Kept {
  readonly content: Content;
  readonly salt: Uint8Array;
  readonly amendments: number;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const invented = (label: string, n: number): Buffer => sha256(Buffer.from(`${label} ${n}`));
const CATEGORIES = [{ id: 'party', label: 'Party' }, { id: 'league', label: 'Youth League' }, { id: 'pioneers' }] as const;

/** Writes the export and returns the log's public key as a verifier key. */
export function writeSiteExport(dir: string, batches: readonly Published[], options: ExportOptions = {}): { readonly key: string } {
  const { origin = 'register.example/log', categories = CATEGORIES } = options;
  const signer = makeSigner(origin);
  const write = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  };
  const records: Uint8Array[] = [];
  const hashes: Buffer[] = [];
  const kept = new Map<number, Kept>();
  let counters: ReadonlyMap<string, number> = new Map();

  batches.forEach((published, i) => {
    const batch = i + 1;
    const first = records.length;
    const leaves: (StatementLeaf | ChangeLeaf)[] = [
      ...published.said.map((said, j) => statementLeaf(said, batch, first + 1 + j, kept)),
      ...(published.changes ?? []).map((change) => changeLeaf(change, batch, kept)),
    ];
    const after = addIncrements(counters, incrementsOf(leaves));
    const tally = {
      type: 'tally',
      batch,
      date: published.date,
      before: tallyFromCounters(counters),
      after: tallyFromCounters(after),
    } as const;
    for (const leaf of [tally, ...leaves]) {
      const record = encodeLeaf(leaf);
      records.push(record);
      hashes.push(sha256(Buffer.of(0), record));
    }
    counters = after;
    const proof = inclusionPath(hashes, first).map((hash) => `${hash.toString('base64')}\n`);
    const note = signer.note(hashes.length, root(hashes));
    write(
      `batch/${pathElement(batch)}.tlog-proof`,
      `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(records[first]!).toString('base64')}\nindex ${first}\n${proof.join('')}\n${note}`,
    );
  });

  writeTree(write, records, hashes);
  for (let bundle = 0; bundle * 256 < records.length; bundle++) {
    const items = [...kept].filter(([index]) => Math.floor(index / 256) === bundle).sort(([a], [b]) => a - b);
    const json = items.map(([index, { content, salt }]) => ({ content: contentJson(content), index, salt: toHex(salt) }));
    write(`contents/${pathElement(bundle)}.json`, encodeCanonicalJson(json));
  }
  const counts = countsOf({
    tally: tallyFromCounters(counters),
    batches: batches.length,
    firstDate: batches[0]?.date,
    lastDate: batches.at(-1)?.date,
    categories: categories.map(({ id }) => id),
    logSize: hashes.length,
    root: root(hashes).toString('hex'),
  });
  write('counts.json', encodeCounts(counts));
  write('counts.csv', countsCsv(counts));
  const policy = { preset: 'standard', k: 20, delayDays: 'auto', maxHoldDays: 28, sortMinimum: 64, sortMaxWaitDays: 1, categories };
  write(
    'log.json',
    encodeCanonicalJson({ format: 'cryptonym/v1/export', key: signer.key, origin, policy: policy as unknown as JsonValue, witnesses: '' }),
  );
  write('checkpoint', signer.note(hashes.length, root(hashes)));
  return { key: signer.key };
}

function statementLeaf(said: Said, batch: number, index: number, kept: Map<number, Kept>): StatementLeaf {
  const { categories = ['party'], display = 'alias', evidence = 'stated', origin = 'live' } = said;
  const salt = invented('salt', index);
  const content = {
    entryKey: toHex(invented('key', index)),
    name: said.name,
    period: (said.period ?? '2026-11') as Content['period'],
    text: said.text,
  };
  kept.set(index, { content, salt, amendments: 0 });
  return {
    type: 'statement',
    batch,
    categories: [...categories].sort(),
    display,
    evidence,
    origin,
    contentHash: toHex(contentHash(salt, encodeContent(content))),
  };
}

function changeLeaf(change: Change, batch: number, kept: Map<number, Kept>): ChangeLeaf {
  const { entry } = change;
  if (change.type === 'raise') return { ...change, batch };
  if (change.type === 'removal') kept.delete(entry);
  if (!('value' in change)) return { type: change.type, batch, entry, by: 'registry' };
  const before = kept.get(entry)!;
  const content = { ...before.content, ...(change.type === 'text' ? { text: change.value } : { name: change.value }) };
  const number = before.amendments + 1;
  const salt = invented(`salt ${number}`, entry);
  kept.set(entry, { content, salt, amendments: number });
  return {
    type: 'amendment',
    batch,
    entry,
    number,
    kind: change.type,
    by: 'registry',
    contentHash: toHex(contentHash(salt, encodeContent(content))),
  };
}

function writeTree(write: (path: string, bytes: Uint8Array) => void, records: readonly Uint8Array[], leafHashes: readonly Buffer[]): void {
  let level = 0;
  for (let hashes = leafHashes; hashes.length > 0; level++) {
    for (let n = 0; n * 256 < hashes.length; n++) {
      const tile = hashes.slice(n * 256, n * 256 + 256);
      const end = tile.length === 256 ? '' : `.p/${tile.length}`;
      write(`tile/${level}/${pathElement(n)}${end}`, Buffer.concat(tile));
      if (level > 0) continue;
      const bundle = records
        .slice(n * 256, n * 256 + 256)
        .flatMap((record) => [Buffer.of(record.length >> 8, record.length & 255), record]);
      write(`tile/entries/${pathElement(n)}${end}`, Buffer.concat(bundle));
    }
    const above: Buffer[] = [];
    for (let n = 0; (n + 1) * 256 <= hashes.length; n++) above.push(root(hashes.slice(n * 256, n * 256 + 256)));
    hashes = above;
  }
}

/** RFC 6962 §2.1. */
function root(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0]!;
  const left = split(hashes.length);
  return sha256(Buffer.of(1), root(hashes.slice(0, left)), root(hashes.slice(left)));
}

/** RFC 6962 §2.1.1. */
function inclusionPath(hashes: readonly Buffer[], index: number): readonly Buffer[] {
  if (hashes.length <= 1) return [];
  const left = split(hashes.length);
  return index < left
    ? [...inclusionPath(hashes.slice(0, left), index), root(hashes.slice(left))]
    : [...inclusionPath(hashes.slice(left), index - left), root(hashes.slice(0, left))];
}

function split(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

function makeSigner(origin: string): { readonly key: string; note(size: number, root: Buffer): string } {
  const pkcs8 = Buffer.concat([fromHex('302e020100300506032b657004220420'), invented('log key', 0)]);
  const secret: KeyObject = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(1), raw]);
  const id = sha256(Buffer.from(`${origin}\n`), typed).subarray(0, 4);
  return {
    key: `${origin}+${id.toString('hex')}+${typed.toString('base64')}`,
    note(size, hash) {
      const text = `${origin}\n${size}\n${hash.toString('base64')}\n`;
      return `${text}\n\u2014 ${origin} ${Buffer.concat([id, sign(null, Buffer.from(text), secret)]).toString('base64')}\n`;
    },
  };
}

function pathElement(n: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, '0');
  return (digits.match(/\d{3}/g) ?? []).map((three, i, all) => (i < all.length - 1 ? `x${three}` : three)).join('/');
}

function contentJson({ entryKey, name, period, text }: Content): JsonValue {
  return { key: entryKey, name, period, text };
}
