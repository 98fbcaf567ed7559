import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import type { Custody } from '../../../custodian.js';
import { shareFileName } from '../custody-folder.js';

/** The folder itself, or the first of `folder-2`, `folder-3` … that is not there yet: the demo deletes nothing and mixes with nothing. */
export function freeFolder(folder: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? folder : `${folder}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/** How the demo's keys are split. */
export const DEMO_CUSTODY = { quorum: 3, custodians: 5 };

/** Shares as `cryptonym init` lays them out: the vault's on top, the others in a folder by their purpose. */
export function readShares(folder: string, purpose: keyof Custody['shares'], custodians: readonly number[]): string[] {
  const home = purpose === 'vault' ? folder : join(folder, purpose);
  return custodians.map((number) => readFileSync(join(home, shareFileName(purpose, number, DEMO_CUSTODY.custodians)), 'utf8'));
}

/** Every file under a folder, in order. */
export function filesUnder(folder: string): string[] {
  const found = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return found.flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** Files with their sizes; where a folder holds many of a kind, their number and sum. */
export function tree(folder: string): string[] {
  const groups = new Map<string, string[]>();
  for (const file of filesUnder(folder)) {
    // One folder a day counts as one kind.
    const home = relative(folder, join(file, '..')).replace(/[/\\]\d+$/, '');
    groups.set(home, [...(groups.get(home) ?? []), file]);
  }
  return [...groups].flatMap(([home, files]) => {
    const prefix = home === '' ? '' : `${home.split(sep).join('/')}/`;
    if (files.length < 3) return files.map((file) => line(prefix + basename(file), statSync(file).size));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    return [line(`${prefix} (${files.length} files)`, bytes)];
  });
}

function line(name: string, bytes: number): string {
  return `${name.padEnd(34)} ${size(bytes).padStart(10)}`;
}

function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}

/** Which of the texts occur in the bytes of any file under a folder. */
export function occurrences(folder: string, texts: readonly string[]): string[] {
  const missing = new Set(texts);
  for (const file of filesUnder(folder)) {
    const content = readFileSync(file);
    for (const text of missing) if (content.includes(text)) missing.delete(text);
  }
  return texts.filter((text) => !missing.has(text));
}
