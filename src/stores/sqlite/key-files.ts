import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertBytes, fromBase64, toBase64 } from '../../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson } from '../../foundation/canonical-json.js';
import type { KekInfo, KeyStore, StoredEpochPublicKey, StoreProblem } from '../../sealed/ports.js';
import { assertWhole } from '../sorted-rows.js';
import { isOpenToOthers } from './file-checks.js';
import { destroyFile, isTemporary, readPrivateFile, writeOnce } from './private-files.js';
import { guarded, storeIntegrity } from './store-errors.js';

const KEK_LENGTH = 32;
/** An epoch file holds two keys of at most a few KiB. */
const MAX_EPOCH_FILE = 16 * 1024;
const EPOCH_FILE = '.json';
const KEK_FILE = '.key';

interface EpochFile extends StoredEpochPublicKey {
  readonly key: Uint8Array;
}

/**
 * Keys as files, one each, because they die one by one: `epochs/<day>.json` holds both halves of an epoch key, `kek/<day>.key` 32 raw
 * bytes. A KEK or epoch private key must never be in a backup: it would bring the erased back (docs/operations).
 */
export class KeyFiles implements KeyStore {
  readonly #epochs: string;
  readonly #keks: string;
  readonly #assertOpen: () => void;

  /** Both directories exist. `assertOpen` throws `REGISTRY_CLOSED`. */
  constructor(epochDirectory: string, kekDirectory: string, assertOpen: () => void) {
    this.#epochs = epochDirectory;
    this.#keks = kekDirectory;
    this.#assertOpen = assertOpen;
  }

  async epochs(): Promise<readonly number[]> {
    return this.#numbers(this.#epochs, EPOCH_FILE);
  }

  async epochKey(epoch: number): Promise<Uint8Array | undefined> {
    return this.#readEpoch(epoch)?.key;
  }

  async putEpochKey(epoch: number, key: Uint8Array, publicKey: Uint8Array, expires: number): Promise<void> {
    this.#assertOpen();
    assertWhole(expires, 'expires');
    assertBytes(key, 'key');
    assertBytes(publicKey, 'publicKey');
    const bytes = encodeCanonicalJson({ epoch, expires, key: toBase64(key), publicKey: toBase64(publicKey) });
    writeOnce(this.#path(this.#epochs, epoch, EPOCH_FILE), bytes);
  }

  async epochPublicKeys(): Promise<readonly StoredEpochPublicKey[]> {
    const found = (await this.epochs()).map((epoch) => this.#readEpoch(epoch));
    return found.filter((file) => file !== undefined).map(({ epoch, expires, publicKey }) => ({ epoch, expires, publicKey }));
  }

  async destroyEpochKey(epoch: number): Promise<void> {
    this.#destroy(this.#epochs, epoch, EPOCH_FILE);
  }

  async keks(): Promise<readonly KekInfo[]> {
    return this.#numbers(this.#keks, KEK_FILE).map((generation) => ({ generation }));
  }

  async kek(generation: number): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    const key = readPrivateFile(this.#path(this.#keks, generation, KEK_FILE));
    if (key !== undefined && key.length !== KEK_LENGTH) throw storeIntegrity('a key file is damaged');
    return key;
  }

  async putKek(generation: number, key: Uint8Array): Promise<void> {
    this.#assertOpen();
    assertBytes(key, 'key', KEK_LENGTH);
    writeOnce(this.#path(this.#keks, generation, KEK_FILE), key);
  }

  async destroyKek(generation: number): Promise<void> {
    this.#destroy(this.#keks, generation, KEK_FILE);
  }

  async check(): Promise<readonly StoreProblem[]> {
    this.#assertOpen();
    const problems = new Set<string>();
    for (const directory of [this.#epochs, this.#keks]) {
      const names = guarded(() => readdirSync(directory));
      if ([directory, ...names.map((name) => join(directory, name))].some(isOpenToOthers))
        problems.add('others may read a key file or enter its directory');
      if (names.some(isTemporary)) problems.add('an unfinished key file was left by a crash; destroying that key removes it');
    }
    for (const epoch of await this.epochs()) if (isDamaged(() => this.#readEpoch(epoch))) problems.add('an epoch key file is damaged');
    return [...problems].map((problem) => ({ store: 'keys', problem }));
  }

  #readEpoch(epoch: number): EpochFile | undefined {
    this.#assertOpen();
    const bytes = readPrivateFile(this.#path(this.#epochs, epoch, EPOCH_FILE));
    if (bytes === undefined) return undefined;
    const file = parseEpochFile(bytes);
    if (file === undefined || file.epoch !== epoch) throw storeIntegrity('a key file is damaged');
    return file;
  }

  /** With whatever a crashed `put` of the same key has left beside it. */
  #destroy(directory: string, number: number, extension: string): void {
    this.#assertOpen();
    const path = this.#path(directory, number, extension);
    const left = guarded(() => readdirSync(directory)).filter((name) => name.startsWith(`${number}${extension}.`) && isTemporary(name));
    for (const name of left) destroyFile(join(directory, name));
    destroyFile(path);
  }

  #numbers(directory: string, extension: string): readonly number[] {
    this.#assertOpen();
    const names = guarded(() => readdirSync(directory)).filter(
      (name) => name.endsWith(extension) && /^(0|[1-9]\d{0,8})\.[a-z]+$/.test(name),
    );
    return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  }

  #path(directory: string, number: number, extension: string): string {
    assertWhole(number, 'key number');
    return join(directory, `${number}${extension}`);
  }
}

function isDamaged(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch {
    return true;
  }
}

function parseEpochFile(bytes: Uint8Array): EpochFile | undefined {
  try {
    const { epoch, expires, key, publicKey } = decodeCanonicalJson(bytes, MAX_EPOCH_FILE) as Record<string, unknown>;
    if (typeof epoch !== 'number' || typeof expires !== 'number' || typeof key !== 'string' || typeof publicKey !== 'string')
      return undefined;
    return { epoch, expires, key: fromBase64(key), publicKey: fromBase64(publicKey) };
  } catch {
    return undefined;
  }
}
