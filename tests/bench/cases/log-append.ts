import { hash } from 'node:crypto';
import { equalBytes } from '../../../src/foundation/bytes.js';
import { appendRecords, type StoredTile } from '../../../src/log/append.js';
import { rootOf } from '../../../src/log/prove.js';
import type { TileReader } from '../../../src/log/tile-reader.js';
import { type Candidate, must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';

const RECORD_LENGTH = 200;
const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');

/** Appending computes one leaf hash and, on average, one inner node a record: what is above that is the tree's own work. */
export function logAppendCase(size: number, appended: number): BenchCase {
  return {
    name: `log.append.${appended}{node}`,
    build: async () => ({
      measure: 'cpu',
      against: 'two SHA-256 a record, of 201 and 65 bytes, and nothing else',
      unit: 'record',
      times: appended,
      baselineTimes: 10 * appended,
      candidate: await appending(size),
      baseline: hashing(),
    }),
  };
}

async function appending(size: number): Promise<Candidate> {
  const tiles = new Map<string, Uint8Array>();
  const keep = (changed: readonly StoredTile[]): void => {
    for (const { level, index, hashes } of changed) tiles.set(`${level}/${index}`, hashes);
  };
  const reader: TileReader = {
    tile: ({ level, index, width }) => Promise.resolve((tiles.get(`${level}/${index}`) ?? new Uint8Array(0)).subarray(0, width * 32)),
  };
  keep((await appendRecords(reader, 0, recordsOf(size), sha256)).tiles);
  let records: readonly Uint8Array[] = [];
  let result: Awaited<ReturnType<typeof appendRecords>> | undefined;
  return {
    prepare: (times) => {
      records = recordsOf(times);
    },
    run: async () => {
      result = await appendRecords(reader, size, records, sha256);
    },
    check: async (times) => {
      must(result?.size === size + times, 'a size is wrong');
      keep(result?.tiles ?? []);
      must(equalBytes(await rootOf(reader, size + times, sha256), result?.root ?? new Uint8Array(0)), 'the tiles give another root');
    },
  };
}

function hashing(): Candidate {
  const leaf = new Uint8Array(1 + RECORD_LENGTH);
  const node = new Uint8Array(65);
  return {
    run: (times) => {
      for (let i = 0; i < times; i++) {
        sha256(leaf);
        sha256(node);
      }
    },
  };
}

function recordsOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const record = new Uint8Array(RECORD_LENGTH);
    new DataView(record.buffer).setUint32(0, i);
    return record;
  });
}
