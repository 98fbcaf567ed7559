import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { RegistryError } from '../../index.js';
import { usageError } from './arguments.js';
import type { ImportSummary } from './import-summary.js';
import { areApart, isSameFile, realPlace } from './place.js';

/** Far more than a report of a million refused rows. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Tried before the first row is stored, so that a mistyped path costs nothing. Only its owner can read it. A new file, or an earlier report:
 * a slip must not write over a key, a share or a store. Throws `USAGE`; what it gives, `STORE_FAILED`.
 */
export async function openReport(
  path: string,
  { dir, csv }: { readonly dir: string; readonly csv: string },
): Promise<(summary: ImportSummary) => Promise<void>> {
  if (isSameFile(path, csv)) throw usageError('--report names the file to import');
  if (!areApart(realPlace(dir), realPlace(path))) throw usageError('--report must lie outside the registry');
  if (!(await isFreeOrReport(path))) throw usageError('the file given with --report holds something else than a report; take a new one');
  try {
    const file = await open(path, 'a', 0o600);
    await file.chmod(0o600);
    await file.close();
  } catch {
    throw usageError('the file given with --report cannot be written');
  }
  return async (summary) => {
    try {
      await writeFile(path, `${JSON.stringify(summary, undefined, 2)}\n`);
    } catch {
      throw new RegistryError('STORE_FAILED', 'the report could not be written; the import itself is done');
    }
  };
}

async function isFreeOrReport(path: string): Promise<boolean> {
  try {
    const { size } = await stat(path);
    if (size === 0) return true;
    if (size > MOST_BYTES) return false;
    const { source, rejected } = JSON.parse(await readFile(path, 'utf8')) as Partial<ImportSummary>;
    return typeof source === 'string' && Array.isArray(rejected);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
