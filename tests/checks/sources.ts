import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** A check that read fewer sources than this has looked at the wrong place and must fail. */
export const SOURCE_FLOOR = 40;

/** Every TypeScript file below a folder of the project, by path with forward slashes. */
export function sourcesBelow(folder: string): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const file of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !file.name.endsWith('.ts')) continue;
    const path = join(file.parentPath, file.name);
    sources.set(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8'));
  }
  return new Map([...sources].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
