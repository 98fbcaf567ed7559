import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { RegistryError } from '../../index.js';
import type { ExportReader } from '../../verify.js';
import { usageError } from './arguments.js';

const KIB = 1024;
/** The longest that each file of an export may be, by the beginning of its path; the first that fits counts. */
const LIMITS: readonly (readonly [path: string, bytes: number])[] = [
  // 256 records of 65,535 bytes each.
  ['tile/entries/', 17 * KIB * KIB],
  // 256 hashes.
  ['tile/', 8 * KIB],
  ['contents/', 1126 * KIB],
  ['batch/', 160 * KIB],
  ['checkpoint', 64 * KIB],
];
const OTHERS = 128 * KIB;
const TIMEOUT_MILLISECONDS = 30_000;
/** What paths of an export are made of (docs/spec/export.md): whatever a log says, no other file is asked for. */
const PATH = /^[a-z0-9]+(?:[./-][a-z0-9]+)*$/;

/** Node's own SHA-256: several times faster than the portable one. */
export function nativeSha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', data, 'buffer'));
}

/** What the operand of `verify` and `monitor` is. Throws `USAGE` for what is not there. */
export async function sourceOf(place: string): Promise<{ readonly file: string } | { readonly reader: ExportReader }> {
  if (/^https?:\/\//i.test(place)) return { reader: webReader(place) };
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) throw usageError('what is to be checked is not there');
  return found.isDirectory() ? { reader: folderReader(await realpath(place)) } : { file: place };
}

/** An export in a folder; `root` is its real path. A link that leads out of it is refused. */
function folderReader(root: string): ExportReader {
  return {
    async read(path) {
      assertPath(path);
      try {
        const real = await realpath(join(root, path));
        if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) throw unreadable('a file of the export lies outside of it');
        return await readCapped(await open(real, constants.O_RDONLY | constants.O_NONBLOCK), limitOf(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error instanceof RegistryError ? error : unreadable('a file of the export cannot be read');
      }
    },
  };
}

/** What is no regular file may have no end, or block for ever. */
async function readCapped(file: FileHandle, limit: number): Promise<Uint8Array> {
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unreadable('a file of the export is no regular file');
    if (found.size > limit) throw tooLong(limit);
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** An export on a web server. It may answer slowly, endlessly or wrongly: time and length are limited, and nothing it says is believed. */
function webReader(base: string): ExportReader {
  const root = base.endsWith('/') ? base : `${base}/`;
  return {
    async read(path) {
      assertPath(path);
      try {
        // A redirection would have this machine ask wherever the server likes; what reads here need not be known to it either.
        const answer = await fetch(new URL(path, root), {
          redirect: 'manual',
          headers: { 'user-agent': '' },
          signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
        });
        if (answer.status === 200) return await bodyOf(answer, limitOf(path));
        await answer.body?.cancel();
        if (answer.status === 404 || answer.status === 410) return undefined;
      } catch (error) {
        // What the platform throws names addresses.
        if (error instanceof RegistryError) throw error;
      }
      throw unreadable('the server gave no answer');
    },
  };
}

async function bodyOf(answer: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > limit) throw tooLong(limit);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function assertPath(path: string): void {
  if (!PATH.test(path)) throw new RangeError('not a path of an export');
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function limitOf(path: string): number {
  return LIMITS.find(([start]) => path.startsWith(start))?.[1] ?? OTHERS;
}

function tooLong(limit: number): RegistryError {
  return new RegistryError('EXPORT_INVALID', 'a file of the export is too long', { limit });
}

export function unreadable(problem: string): RegistryError {
  return new RegistryError('STORE_FAILED', problem, { retryable: true });
}
