import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, toBase64, wipe } from '../../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson } from '../../foundation/canonical-json.js';
import { EPOCH_KEY_LENGTH, isErased } from '../rows/key-rows.js';
import { assertWhole } from '../sorted-rows.js';
import { clearUnlessWhole, destroyDirectory, writeDirectoryOnce } from './private-directories.js';
import { readPrivateFile, removeFile } from './private-files.js';
import { guarded, storeIntegrity } from './store-errors.js';

/** 96 raw bytes. */
const PRIVATE_FILE = 'private.key';
/** Canonical JSON of epoch, expires and key (base64). */
const PUBLIC_FILE = 'public.json';
const MAX_PUBLIC_FILE = 16 * 1024;

export interface EpochPublicHalf {
  readonly epoch: number;
  readonly expires: number;
  readonly publicKey: Uint8Array;
}

/**
 * Writes both halves of an epoch as one directory, so that of two makers one wins both halves: with a name for each half, one maker's public
 * key could come to lie beside the other's private key, and what devices seal to it would be lost. A directory that lacks a half is
 * replaced; nobody could have sealed to it, or its destruction was under way.
 */
export function writeEpoch(path: string, half: EpochPublicHalf, key: Uint8Array): void {
  // Looked at before anything is written: a key that nobody will use need not touch the disk.
  if (isWholeEpoch(path)) return;
  const { epoch, expires, publicKey } = half;
  const files = { [PRIVATE_FILE]: key, [PUBLIC_FILE]: encodeCanonicalJson({ epoch, expires, key: toBase64(publicKey) }) };
  if (writeDirectoryOnce(path, files) || isWholeEpoch(path)) return;
  clearUnlessWhole(path, isWholeEpoch);
  writeDirectoryOnce(path, files);
}

/** True if there is something to destroy. Opens no file. */
export function hasPrivateHalf(path: string): boolean {
  return guarded(() => (statSync(join(path, PRIVATE_FILE), { throwIfNoEntry: false })?.size ?? 0) > 0);
}

/** The same for both files; the public one goes first when an epoch is destroyed. Opens no file. */
export function hasBothHalves(path: string): boolean {
  return hasPrivateHalf(path) && guarded(() => (statSync(join(path, PUBLIC_FILE), { throwIfNoEntry: false })?.size ?? 0) > 0);
}

export function isWholeEpoch(path: string): boolean {
  const key = readPrivateHalf(path);
  if (key === undefined) return false;
  wipe(key);
  return readPrivateFile(join(path, PUBLIC_FILE)) !== undefined;
}

/** Undefined also for what an interrupted destruction left. Throws `STORE_INTEGRITY` for another length. */
export function readPrivateHalf(path: string): Uint8Array | undefined {
  const key = readPrivateFile(join(path, PRIVATE_FILE));
  if (key === undefined || isErased(key)) return undefined;
  if (key.length !== EPOCH_KEY_LENGTH) throw storeIntegrity('a key file is damaged');
  return key;
}

/**
 * The public half of an epoch that can still be opened; opens the public file only. (Overwritten private keys never lie beside a public one:
 * that is removed before.) Throws `STORE_INTEGRITY` for anything but what `writeEpoch` wrote for this epoch.
 */
export function readPublicHalf(path: string, epoch: number): EpochPublicHalf | undefined {
  if (!hasPrivateHalf(path)) return undefined;
  const bytes = readPrivateFile(join(path, PUBLIC_FILE));
  if (bytes === undefined) return undefined;
  const half = parsePublicHalf(bytes);
  if (half === undefined || half.epoch !== epoch) throw storeIntegrity('a key file is damaged');
  return half;
}

/** The public half first: while the private one is overwritten nobody is told to seal to it. Killed between, it can be called again. */
export function destroyEpoch(path: string): void {
  removeFile(join(path, PUBLIC_FILE));
  destroyDirectory(path);
}

function parsePublicHalf(bytes: Uint8Array): EpochPublicHalf | undefined {
  try {
    const { epoch, expires, key } = decodeCanonicalJson(bytes, MAX_PUBLIC_FILE) as Record<string, unknown>;
    if (typeof epoch !== 'number' || typeof expires !== 'number' || typeof key !== 'string') return undefined;
    assertWhole(expires, 'expires');
    return { epoch, expires, publicKey: fromBase64(key) };
  } catch {
    return undefined;
  }
}
