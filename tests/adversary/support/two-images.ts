import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SeizedRow, seize } from './seized.js';

/** What two images of one directory tell that one does not: what is new, and what is another. */

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function idsIn(image: string, file: string, table: string): ReadonlySet<string> {
  return new Set(seize(image, file, table).map(({ id }) => hex(id)));
}

export function newRows(old: ReadonlySet<string>, after: string, file: string, table: string): SeizedRow[] {
  return seize(after, file, table).filter(({ id }) => !old.has(hex(id)));
}

/** 1 if one record and one entry appeared, for then they are one person; else 0. */
export function linked(before: string, after: string): number {
  const records = newRows(idsIn(before, 'sealed/vault.db', 'records'), after, 'sealed/vault.db', 'records');
  const entries = newRows(idsIn(before, 'public/public.db', 'pool'), after, 'public/public.db', 'pool');
  return records.length === 1 && entries.length === 1 ? 1 : 0;
}

/** Which of these files are not the same to the byte, the log of writes beside them included. */
export function differing(before: string, after: string, files: readonly string[]): string[] {
  const bytes = (image: string, file: string) =>
    Buffer.concat(
      [file, `${file}-wal`].map((name) => join(image, name)).map((path) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0))),
    );
  return files.filter((file) => !bytes(before, file).equals(bytes(after, file)));
}
