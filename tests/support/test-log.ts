import { appendRecords } from '../../src/log/append.js';
import { encodeCheckpoint } from '../../src/log/checkpoint.js';
import { EMPTY_ROOT } from '../../src/log/hashing.js';
import { encodeVerifierKey } from '../../src/log/note.js';
import { signNote } from '../../src/log/sign-note.js';
import { makeSigner, type NoteSigner, verifierOf } from '../../src/log/signer-key.js';
import type { TileReader } from '../../src/log/tile-reader.js';

export const ORIGIN = 'register.example/log';

/** A log in memory that may be told to misbehave: it signs whatever it is asked to. */
export interface TestLog {
  readonly vkey: string;
  readonly signer: NoteSigner;
  readonly reader: TileReader;
  readonly size: number;
  readonly records: readonly Uint8Array[];
  append(...texts: readonly string[]): Promise<void>;
  /** The checkpoint of the tree as it is. */
  note(): string;
  /** Another history of the same log: the same key, the records so far, and nothing shared from now on. */
  fork(): TestLog;
  /** All hashes of the tile so far, for writing an export. */
  tiles(): readonly { readonly level: number; readonly index: number; readonly hashes: Uint8Array }[];
}

export function testLog(signer: NoteSigner = makeSigner(ORIGIN, new Uint8Array(32).fill(1), 1)): TestLog {
  return logOf(signer, new Map(), [], EMPTY_ROOT);
}

function logOf(signer: NoteSigner, tiles: Map<string, Uint8Array>, records: Uint8Array[], emptyRoot: Uint8Array): TestLog {
  let root = emptyRoot;
  const reader: TileReader = {
    tile: async ({ level, index, width }) => {
      const hashes = tiles.get(`${level}/${index}`);
      if (hashes === undefined || hashes.length < 32 * width) throw new Error('no such tile');
      return hashes.slice(0, 32 * width);
    },
  };
  return {
    vkey: encodeVerifierKey(verifierOf(signer)),
    signer,
    reader,
    get size() {
      return records.length;
    },
    records,
    async append(...texts) {
      const added = texts.map((text) => new TextEncoder().encode(text));
      const appended = await appendRecords(reader, records.length, added);
      for (const { level, index, hashes } of appended.tiles) tiles.set(`${level}/${index}`, hashes);
      records.push(...added);
      root = appended.root;
    },
    note: () => signNote(encodeCheckpoint({ origin: signer.name, size: records.length, root }), [signer]),
    fork: () => logOf(signer, new Map(tiles), [...records], root),
    tiles: () =>
      [...tiles].map(([key, hashes]) => {
        const [level, index] = key.split('/').map(Number) as [number, number];
        return { level, index, hashes };
      }),
  };
}

/** `n` records that differ. */
export function texts(n: number, word = 'record'): string[] {
  return Array.from({ length: n }, (_, i) => `${word} ${i}`);
}

/** A witness's key. */
export function witnessKey(name: string, seed: number): { readonly signer: NoteSigner; readonly vkey: string } {
  const signer = makeSigner(name, new Uint8Array(32).fill(seed), 4);
  return { signer, vkey: encodeVerifierKey(verifierOf(signer)) };
}
