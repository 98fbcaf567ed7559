import { posix } from 'node:path';

/** Folder of the site that holds the export itself, so that one host gives pages and proofs alike. */
export const EXPORT = 'register';

/** Name of the `n`-th page of a kind, as the export names its files: 000, x001/234. */
export function numbered(n: number): string {
  const digits = String(n);
  const threes = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return threes.map((three, i) => (i < threes.length - 1 ? `x${three}` : three)).join('/');
}

/** `000`, then `000-2`, `000-3` … */
export function partPath(folder: string, name: string, part: number): string {
  return `${folder}/${name}${part === 0 ? '' : `-${part + 1}`}.html`;
}

/** The way from one page to another. Pages are linked relatively, so a downloaded site works too. */
export function relative(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to);
}
