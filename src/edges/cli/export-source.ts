import { hash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { RegistryError } from '../../index.js';
import type { ExportReader } from '../../verify.js';
import { usageError } from './arguments.js';

/** The longest file of an export is a bundle of 256 records of 65,535 bytes each. */
const MAX_FILE_BYTES = 17 * 1024 * 1024;
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
        return await readCapped(await open(real));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error instanceof RegistryError ? error : unreadable('a file of the export cannot be read');
      }
    },
  };
}

async function readCapped(file: FileHandle): Promise<Uint8Array> {
  try {
    if ((await file.stat()).size > MAX_FILE_BYTES) throw tooLong();
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
        const answer = await fetch(new URL(path, root), { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
        if (answer.status === 200) return await bodyOf(answer);
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

async function bodyOf(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > MAX_FILE_BYTES) throw tooLong();
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

function tooLong(): RegistryError {
  return new RegistryError('EXPORT_INVALID', 'a file of the export is too long', { limit: MAX_FILE_BYTES });
}

export function unreadable(problem: string): RegistryError {
  return new RegistryError('STORE_FAILED', problem, { retryable: true });
}
