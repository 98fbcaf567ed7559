import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './sources.js';

/** A file of the project as text, by its path from the root. */
export function pageAt(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
