import { hash } from 'node:crypto';
import { replay, type ReplayReport } from '../../../src/verify.js';
import { draftOf, exportOf, readerOf, TRUST } from '../../support/export-world.js';
import { type Candidate, must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';

const BATCHES = 4;
const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');

/** A replay decodes and hashes each leaf and each content, and one inner node; the hashing alone is what it is divided by. */
export function replayCase(leaves: number): BenchCase {
  return {
    name: `verify.replay.${leaves}{node}`,
    build: async () => ({
      measure: 'cpu',
      against: 'three SHA-256 a leaf, of 200, 65 and 250 bytes, and nothing else; files from memory',
      unit: 'leaf',
      times: leaves,
      baselineTimes: 50 * leaves,
      candidate: await replaying(leaves),
      baseline: hashing(),
    }),
  };
}

async function replaying(leaves: number): Promise<Candidate> {
  const statements = leaves / BATCHES - 1;
  const plan = Array.from({ length: BATCHES }, (_, batch) => ({
    date: `2026-11-2${batch + 1}`,
    statements: Array.from({ length: statements }, (__, i) => ({ of: batch * statements + i })),
  }));
  const reader = readerOf(await exportOf(draftOf(plan)));
  let report: ReplayReport | undefined;
  return {
    run: async () => {
      report = await replay(reader, TRUST, { sha256 });
    },
    check: () => must(report?.checkpoint.size === leaves && report.contents === leaves - BATCHES, 'a replay is wrong'),
  };
}

function hashing(): Candidate {
  const [leaf, node, content] = [new Uint8Array(200), new Uint8Array(65), new Uint8Array(250)];
  return {
    run: (times) => {
      for (let i = 0; i < times; i++) {
        sha256(leaf);
        sha256(node);
        sha256(content);
      }
    },
  };
}
