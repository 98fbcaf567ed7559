import { equalBytes } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { type Checkpoint, type LogTrust, type OpenedCheckpoint, openCheckpoint } from '../../log/checkpoint.js';
import { encodeForkProof, type OtherPast } from '../../log/fork-proof.js';
import { proveConsistency, rootOf } from '../../log/prove.js';
import { verifyConsistency } from '../../log/verify-consistency.js';
import { type ExportReader, exportInvalid, readTextFile, tilesOfExport } from '../export/export-reader.js';
import { EXPORT_FILES } from '../export/layout.js';
import type { VerifyOptions } from './verify-proof.js';

export interface VerifyNewerOptions extends VerifyOptions {
  /** Gets the transferable proof of a fork (`verifyForkProof`) before `LOG_INCONSISTENT` is thrown. */
  readonly onFork?: (proof: string) => void;
}

/**
 * One step of a monitor: opens the export's checkpoint and verifies that its log continues the one remembered. Remember what it returns.
 *
 * Throws `LOG_INCONSISTENT` for a fork (`onFork` gets the proof) and for a smaller log than before, which may be an old copy and proves
 * nothing by itself; `EXPORT_INVALID` if the tiles are not those of the checkpoint; `NOTE_INVALID`, `WITNESSES_TOO_FEW`.
 * Two readers who compare what they remember, or one who asks from two places, find a log that shows each another history.
 */
export async function verifyNewer(
  reader: ExportReader,
  trust: LogTrust,
  before: OpenedCheckpoint | string,
  options: VerifyNewerOptions = {},
): Promise<OpenedCheckpoint> {
  const { sha256, ed25519Verify, onFork } = options;
  // Its witnesses were asked for when it was remembered.
  const first = typeof before === 'string' ? openCheckpoint(before, { key: trust.key }, ed25519Verify) : before;
  const second = openCheckpoint(await readTextFile(reader, EXPORT_FILES.checkpoint), trust, ed25519Verify);
  if (second.size < first.size) throw new RegistryError('LOG_INCONSISTENT', 'the log is smaller than it was');
  // Every log continues the empty one.
  if (first.size === 0) return second;

  const past = first.size === second.size ? undefined : await pastOf(reader, first, second, sha256);
  if (equalBytes((past ?? second).root, first.root)) return second;
  onFork?.(encodeForkProof(first.note, second.note, past));
  throw new RegistryError('LOG_INCONSISTENT', 'the log has another history than it had: its key signed both');
}

/** The root that the second log has at the size of the first, proven. */
async function pastOf(reader: ExportReader, first: Checkpoint, second: Checkpoint, sha256: VerifyOptions['sha256']): Promise<OtherPast> {
  const tiles = tilesOfExport(reader, second.size);
  const root = await rootOf(tiles, first.size, sha256);
  const proof = await proveConsistency(tiles, first.size, second.size, sha256);
  try {
    verifyConsistency({ from: first.size, to: second.size, fromRoot: root, toRoot: second.root, proof }, sha256);
  } catch {
    throw exportInvalid('the tiles are not those of the checkpoint');
  }
  return { root, proof };
}
