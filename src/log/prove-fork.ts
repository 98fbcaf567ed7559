import { equalBytes } from '../foundation/bytes.js';
import { decodeCheckpoint } from './checkpoint.js';
import { encodeForkProof } from './fork-proof.js';
import { parseNote } from './note.js';
import { proveConsistency, rootOf } from './prove.js';
import type { TileReader } from './tile-reader.js';

/**
 * The transferable proof (`verifyForkProof`) that two notes of one log exclude each other, or undefined where they agree.
 *
 * @param newer tiles of the tree that the larger note is about, checked against nothing here: a log that serves tiles which do not belong to
 *   its note yields a text that `verifyForkProof` refuses. Then all that is known is that it serves no history for that note.
 *
 * Throws `NOTE_INVALID` and whatever the reader throws.
 */
export async function proveFork(first: string, second: string, newer: TileReader): Promise<string | undefined> {
  const [a, b] = [decodeCheckpoint(parseNote(first).text), decodeCheckpoint(parseNote(second).text)];
  if (a.size === b.size) return equalBytes(a.root, b.root) ? undefined : encodeForkProof(first, second);
  const [older, larger] = a.size < b.size ? [a, b] : [b, a];
  // Every tree begins with the empty one: nothing to contradict.
  if (older.size === 0) return undefined;
  const root = await rootOf(newer, older.size);
  if (equalBytes(root, older.root)) return undefined;
  return encodeForkProof(first, second, { root, proof: await proveConsistency(newer, older.size, larger.size) });
}
