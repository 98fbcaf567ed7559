import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { usageError } from './arguments.js';

/** What a monitor remembers between two looks: with it, no log can take back what it has once shown. Nothing in it is secret. */
export interface MonitorState {
  /** Verifier key of the log. */
  readonly key: string;
  /** The last checkpoint note. */
  readonly checkpoint: string;
}

/** Undefined: this is the first look. Throws `USAGE` for a file that is something else: to begin anew in silence would hide a fork. */
export async function readState(path: string): Promise<MonitorState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw usageError('the file given with --state cannot be read');
  }
  try {
    const { key, checkpoint } = JSON.parse(text) as MonitorState;
    if (typeof key === 'string' && typeof checkpoint === 'string') return { key, checkpoint };
  } catch {
    // Not ours.
  }
  throw usageError('the file given with --state holds something else than the state of a monitor');
}

/** Whole or not at all, and on disk when it returns: a crash leaves the old state. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    throw usageError('the file given with --state cannot be written');
  }
}

/** Beside the state, under a name that ends in `.fork`. What was found before stays: each proof may be of another lie. */
export async function writeEvidence(path: string, proof: string): Promise<void> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${path}.fork` : `${path}.${n}.fork`;
    let there: string;
    try {
      there = await readFile(name, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return writeDurably(name, proof);
      continue;
    }
    if (there === proof) return;
  }
}

export function stateText({ key, checkpoint }: MonitorState): string {
  return `${JSON.stringify({ key, checkpoint }, undefined, 2)}\n`;
}
