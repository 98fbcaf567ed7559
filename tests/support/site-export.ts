import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeVerifierKey } from '../../src/log/note.js';
import { makeSigner, verifierOf } from '../../src/log/signer-key.js';
import { draftOf, type ExportChoices, exportOf, type PlannedBatch, SIGNER } from './export-world.js';

export interface SiteExportOptions {
  readonly categories?: ExportChoices['categories'];
  /** Name of another log, with a key of its own. */
  readonly origin?: string;
}

/** Writes the export of an invented register as files, and gives the log's key; batches are what `sampleRegister` plans. */
export async function writeSiteExport(
  dir: string,
  plan: readonly PlannedBatch[],
  options: SiteExportOptions = {},
): Promise<{ readonly key: string }> {
  const { categories, origin } = options;
  const signer = origin === undefined ? SIGNER : makeSigner(origin, new Uint8Array(32).fill(7));
  const files = await exportOf(draftOf(plan), { signer, ...(categories === undefined ? {} : { categories }) });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return { key: encodeVerifierKey(verifierOf(signer)) };
}
