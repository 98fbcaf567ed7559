import { equalBytes, fromUtf8, utf8 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { type Checkpoint, decodeCheckpoint } from '../log/checkpoint.js';
import { parseNote } from '../log/note.js';
import { rootOf } from '../log/prove.js';
import type { ExportTarget } from '../public/export/export-target.js';
import { EXPORT_FILES } from '../public/export/layout.js';
import type { PublicState } from '../public/ports.js';
import type { RegistryContext } from './context.js';
import { partialPaths, writeBatchProofs, writeBundles, writeContents, writeSummary, writeTiles } from './export-files.js';
import { logSigner } from './log-key.js';
import { tilesOfStore } from './log-tree.js';
import { settledLog } from './settle-log.js';

export interface ExportReport {
  /** Leaves in the exported log; 0: nothing is published yet, and nothing was written. */
  readonly size: number;
  /** Files written; for an export that is up to date only the few small ones. */
  readonly written: number;
  readonly removed: number;
}

export interface ExportOptions {
  /** Leaves dealt with, and how many there are to deal with. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Writes the whole public side as static files (docs/spec/export.md): to an empty target everything, to one that holds an earlier export only
 * what has changed since, which the log itself says. First the files that never change, then those that do (contents, counts, log.json), then
 * the checkpoint. Until the second step readers have the earlier export, whole; from there to the checkpoint they may find contents and counts
 * that are newer than it, and must read again. May be interrupted and repeated; a switch without that moment takes a folder of one's own.
 *
 * Throws `LOG_INCONSISTENT` for a target that holds another log, or a later state of this one; `STORE_BUSY` (retryable) if something was
 * published meanwhile; `WITNESSES_TOO_FEW` (retryable) while the last batch lacks its witnesses.
 */
export async function exportRegister(context: RegistryContext, target: ExportTarget, options: ExportOptions = {}): Promise<ExportReport> {
  const head = await settledLog(context);
  if (head === undefined) return { size: 0, written: 0, removed: 0 };
  const { size, note } = head;
  const before = await exportedBefore(context, target, size);
  let written = 0;
  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    await target.write(path, bytes);
    written++;
  };
  const { touched, tallies } = await writeBundles(context, write, { before, size, ...options });
  await writeTiles(context, write, { before, size });
  await writeBatchProofs(context, write, tallies);
  await target.flush();
  // What follows replaces what readers of the earlier export still need: not before it is certain that the new one gets its checkpoint.
  const state = await stateAt(context, size);
  await writeContents(context, write, touched, size);
  await stateAt(context, size);
  await writeSummary(context, write, head, state);
  await target.flush();
  await write(EXPORT_FILES.checkpoint, utf8(note));
  await target.flush();
  const superseded = before === size ? [] : partialPaths(before).filter((path) => !partialPaths(size).includes(path));
  for (const path of superseded) await target.remove(path);
  return { size, written, removed: superseded.length };
}

/** Throws `STORE_BUSY` if the log is no longer that long. */
async function stateAt({ stores }: RegistryContext, size: number): Promise<PublicState> {
  const state = await stores.public.state();
  if (state.logSize !== size) throw new RegistryError('STORE_BUSY', 'something was published meanwhile; export again', { retryable: true });
  return state;
}

/** Leaves of the export that is there already; 0 if none is. */
async function exportedBefore(context: RegistryContext, target: ExportTarget, size: number): Promise<number> {
  const note = await target.read(EXPORT_FILES.checkpoint);
  if (note === undefined) return 0;
  const before = readCheckpoint(note);
  const { name } = await logSigner(context);
  const { public: store } = context.stores;
  if (
    before?.origin !== name ||
    before.size > size ||
    !equalBytes(await rootOf(tilesOfStore(store), before.size, context.backend.sha256), before.root)
  )
    throw new RegistryError('LOG_INCONSISTENT', 'the target holds another log, or a later state of this one');
  return before.size;
}

function readCheckpoint(note: Uint8Array): Checkpoint | undefined {
  try {
    return decodeCheckpoint(parseNote(fromUtf8(note)).text);
  } catch {
    return undefined;
  }
}
