import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/foundation/bytes.js';
import { readState, stateText } from '../../src/edges/cli/monitor-state.js';

let path: string | undefined;

/** The monitor reads a file, so the bytes are put into one: the reader is met as it is, with what it makes of bytes that are no text. */
function fileOf(bytes: Uint8Array): string {
  if (path === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'monitor-state-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    path = join(folder, 'register.state');
  }
  writeFileSync(path, bytes);
  return path;
}

async function written(bytes: Uint8Array): Promise<Uint8Array> {
  const state = await readState(fileOf(bytes));
  if (state === undefined) throw new Error('a file that is there was not found');
  return utf8(stateText(state));
}

/** Any JSON with both fields is taken, so not a strict inverse but a canonicaliser: doing it twice must change nothing. */
export async function stateAgain(bytes: Uint8Array): Promise<Uint8Array> {
  const once = await written(bytes);
  return Buffer.from(await written(once)).equals(once) ? bytes : once;
}
