import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts, Registry } from '../../../index.js';
import { exportFolder } from '../../../sqlite.js';
import { replay } from '../../../verify.js';
import { nativeSha256 } from '../export-source.js';
import type { Narrator } from './narrator.js';

/** What somebody finds who has the public files and the log's key, and nothing else. */
export interface Outside {
  readonly agrees: boolean;
  readonly key: string;
}

/** Exports the public side and replays it as a stranger would; both counts must be the same. */
export async function checkFromOutside(registry: Registry, folder: string, counts: Counts, narrator: Narrator): Promise<Outside> {
  narrator.section('8. Anybody can check');
  const { size } = await registry.log.export(exportFolder(folder));
  const key = await registry.log.verifierKey();
  narrator.line(
    `The public side was exported as static files: a log of ${size.toLocaleString('en')} leaves, signed. Whoever has the log’s key counts again:`,
  );
  try {
    const reader = { read: async (path: string) => readIfThere(join(folder, path)) };
    const { sentence, counts: again } = await replay(reader, { key }, { sha256: nativeSha256 });
    narrator.line(sentence);
    const pairs = Object.entries(counts.byCategory);
    return { agrees: again.total === counts.total && pairs.every(([id, count]) => again.byCategory[id] === count), key };
  } catch {
    return { agrees: false, key };
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return undefined;
  }
}
