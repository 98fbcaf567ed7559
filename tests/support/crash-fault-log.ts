import { equalBytes } from '../../src/foundation/bytes.js';
import { RegistryError } from '../../src/foundation/errors.js';
import { appendRecords } from '../../src/log/append.js';
import { decodeCheckpoint } from '../../src/log/checkpoint.js';
import { cosign } from '../../src/log/cosignature.js';
import { openNote, parseNote, parseVerifierKey } from '../../src/log/note.js';
import { decodeAddCheckpoint } from '../../src/log/witness-request.js';
import { tilesOfStore } from '../../src/registry/log-tree.js';
import type { Stores } from '../../src/registry/stores.js';
import type { Witnesses } from '../../src/registry/witness-gate.js';
import type { FixedClock } from '../../src/testing.js';
import { witnessKey } from './test-log.js';

/** A witness that cosigns whatever it is shown, at once. */
export interface FaultWitness {
  readonly vkey: string;
  over(clock: FixedClock): Witnesses;
}

export function faultWitness(): FaultWitness {
  const { signer, vkey } = witnessKey('witness.example/faults', 31);
  return {
    vkey,
    over: (clock) => ({
      policy: `witness one ${vkey}\nquorum one\n`,
      connections: [
        {
          vkey,
          send: async (body) => {
            const { text } = parseNote(decodeAddCheckpoint(body).checkpoint);
            return { status: 200, contentType: 'text/plain', body: cosign(text, signer, Math.floor(clock.now() / 1000)) };
          },
        },
      ],
    }),
  };
}

/** Stores that keep the leaves of a batch and none of its tiles, as the first release did. */
export function withoutTree(stores: Stores): Stores {
  const leavesOnly = new Proxy(stores.public, {
    get(target, name) {
      if (name === 'appendBatch') return (batch: Parameters<typeof target.appendBatch>[0]) => target.appendBatch({ ...batch, tiles: [] });
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...stores, public: leavesOnly };
}

/** What is wrong with the log: its tree is not that of its leaves, its last checkpoint not of all of it, or not seen by the witness. */
export async function logProblems(stores: Stores, witness?: FaultWitness): Promise<readonly string[]> {
  const { logSize, treeSize } = await stores.public.state();
  if (logSize === 0) return [];
  if (treeSize !== logSize) return [`a tree of ${treeSize} over ${logSize} leaves`];
  const checkpoint = await stores.public.lastCheckpoint();
  if (checkpoint === undefined) return ['no checkpoint'];
  const records: Uint8Array[] = [];
  for await (const { bytes } of stores.public.leaves(0)) records.push(bytes);
  const grown = await appendRecords(tilesOfStore(stores.public), 0, records);
  const { size, root } = decodeCheckpoint(parseNote(checkpoint.note).text);
  const wrong: string[] = [];
  if (size !== logSize || !equalBytes(root, grown.root)) wrong.push('the checkpoint is not of these leaves');
  for (const { level, index, hashes } of grown.tiles) {
    const stored = await stores.public.tile(level, index);
    if (stored === undefined || !equalBytes(stored, hashes)) wrong.push(`tile ${level}/${index} is not of these leaves`);
  }
  if (witness !== undefined && !seenBy(checkpoint.note, witness)) wrong.push('the witness has not signed');
  return wrong;
}

function seenBy(note: string, { vkey }: FaultWitness): boolean {
  try {
    return openNote(note, [parseVerifierKey(vkey)]).verified.length > 0;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}
