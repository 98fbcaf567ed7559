import { closeSync, fchmodSync, fsyncSync, openSync, unlinkSync, writeFileSync } from 'node:fs';

/**
 * A new file that only its owner can read, on disk when it returns. What has the name already, a link too, is left alone and the call throws
 * Node's `EEXIST`. Of a file that could not be written whole nothing stays under its name. Throws Node's errors: they quote the path.
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  let isWhole = false;
  try {
    fchmodSync(file, 0o600);
    writeFileSync(file, content);
    fsyncSync(file);
    isWhole = true;
  } finally {
    closeSync(file);
    if (!isWhole) unlinkSync(path);
  }
}

/** Puts the names in a folder on disk. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
