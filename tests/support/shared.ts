import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const sharedRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)), '../shared');

/** Absolute path of a file of the shared reference folder beside the checkout, or undefined where it is not there. */
export function sharedPath(relative: string): string | undefined {
  const path = resolve(sharedRoot, relative);
  return existsSync(path) ? path : undefined;
}

/** Parsed JSON of such a file; call it only behind `describe.skipIf(!sharedPath(…))`. */
export function readSharedJson<T>(relative: string): T {
  return JSON.parse(readFileSync(resolve(sharedRoot, relative), 'utf8')) as T;
}
