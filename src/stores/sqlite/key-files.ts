import { join } from 'node:path';
import type { KekInfo, KeyStore, StoredEpochPublicKey, StoreProblem } from '../../sealed/ports.js';
import type { OpenState } from '../open-state.js';
import { assertEpochKeys, assertKek, isErased, KEK_LENGTH } from '../rows/key-rows.js';
import { assertWhole } from '../sorted-rows.js';
import {
  destroyEpoch,
  type EpochPublicHalf,
  hasBothHalves,
  hasPrivateHalf,
  isWholeEpoch,
  readPrivateHalf,
  readPublicHalf,
  writeEpoch,
} from './epoch-files.js';
import { isOpenToOthers } from './file-checks.js';
import { destroyDirectory, namesIn } from './private-directories.js';
import { destroyOneName, staleNames } from './leftover-keys.js';
import { clearIfUseless, destroyFile, isTemporary, readPrivateFile, writeOnce } from './private-files.js';
import { storeIntegrity } from './store-errors.js';

const EPOCH_NAME = /^(0|[1-9]\d{0,8})$/;
const KEK_NAME = /^(0|[1-9]\d{0,8})\.key$/;

/**
 * Keys as files, because they die one by one: `epochs/<day>/` holds the two halves of an epoch key, `kek/<day>.key` 32 raw bytes.
 * A KEK or epoch private key must never be in a backup: it would bring the erased back (docs/operations).
 */
export class KeyFiles implements KeyStore {
  readonly #epochs: string;
  readonly #keks: string;
  readonly #state: OpenState;
  readonly #publicHalves = new Map<number, EpochPublicHalf>();

  /** Both directories exist. */
  constructor(epochDirectory: string, kekDirectory: string, state: OpenState) {
    this.#epochs = epochDirectory;
    this.#keks = kekDirectory;
    this.#state = state;
  }

  /** Also one whose destruction was interrupted before its private half was gone: it is to be destroyed again. */
  async epochs(): Promise<readonly number[]> {
    this.#state.assertOpen();
    return this.#epochNumbers().filter((epoch) => hasPrivateHalf(this.#epochPath(epoch)));
  }

  async hasEpochKey(epoch: number): Promise<boolean> {
    this.#state.assertOpen();
    return hasPrivateHalf(this.#epochPath(epoch));
  }

  async epochKey(epoch: number): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    return readPrivateHalf(this.#epochPath(epoch));
  }

  async putEpochKey(epoch: number, key: Uint8Array, publicKey: Uint8Array, expires: number): Promise<void> {
    this.#state.assertOpen();
    assertEpochKeys(epoch, key, publicKey, expires);
    writeEpoch(this.#epochPath(epoch), { epoch, expires, publicKey }, key);
  }

  async epochPublicKeys(from: number): Promise<readonly StoredEpochPublicKey[]> {
    this.#state.assertOpen();
    assertWhole(from, 'from');
    const wanted = this.#epochNumbers().filter((epoch) => epoch >= from);
    const halves = wanted.map((epoch) => this.#publicHalf(epoch)).filter((half) => half !== undefined);
    // Copies: a caller may wipe what it was given.
    return halves.map((half) => ({ ...half, publicKey: Uint8Array.from(half.publicKey) }));
  }

  async destroyEpochKey(epoch: number): Promise<void> {
    this.#state.assertOpen();
    const path = this.#epochPath(epoch);
    for (const name of leftovers(this.#epochs, epoch)) destroyDirectory(join(this.#epochs, name));
    destroyEpoch(path);
  }

  async keks(): Promise<readonly KekInfo[]> {
    this.#state.assertOpen();
    const generations = numbersIn(this.#keks, KEK_NAME).filter((generation) => this.#readKek(generation) !== undefined);
    return generations.map((generation) => ({ generation }));
  }

  async kek(generation: number): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    const key = this.#readKek(generation);
    if (key !== undefined && key.length !== KEK_LENGTH) throw storeIntegrity('a key file is damaged');
    return key;
  }

  async putKek(generation: number, key: Uint8Array): Promise<void> {
    this.#state.assertOpen();
    assertKek(generation, key);
    const path = this.#kekPath(generation);
    if (writeOnce(path, key) || this.#readKek(generation) !== undefined) return;
    clearIfUseless(path, isErased);
    writeOnce(path, key);
  }

  async destroyKek(generation: number): Promise<void> {
    this.#state.assertOpen();
    const path = this.#kekPath(generation);
    for (const name of leftovers(this.#keks, generation)) destroyOneName(join(this.#keks, name));
    destroyFile(path);
  }

  async check(): Promise<readonly StoreProblem[]> {
    this.#state.assertOpen();
    const problems = new Set<string>();
    for (const [directory, pattern] of [
      [this.#epochs, EPOCH_NAME],
      [this.#keks, KEK_NAME],
    ] as const) {
      const names = namesIn(directory);
      const paths = names.map((name) => join(directory, name));
      const inside = paths.flatMap((path) => namesIn(path).map((name) => join(path, name)));
      if ([directory, ...paths, ...inside].some(isOpenToOthers)) problems.add('others may read a key file or enter its directory');
      // A young one may be in the making; `clearLeftovers` removes it in its time.
      if (staleNames(directory).length > 0) problems.add('an unfinished key file was left by a crash; destroying that key removes it');
      if (names.some((name) => !pattern.test(name) && !isTemporary(name))) problems.add('something that is no key lies in a key directory');
    }
    for (const epoch of this.#epochNumbers()) for (const problem of epochProblems(this.#epochPath(epoch), epoch)) problems.add(problem);
    return [...problems].map((problem) => ({ store: 'keys', problem }));
  }

  /** Read and parsed once: a half never changes for as long as both its files are there, and every registration asks for all of them. */
  #publicHalf(epoch: number): EpochPublicHalf | undefined {
    const path = this.#epochPath(epoch);
    const known = this.#publicHalves.get(epoch);
    if (known !== undefined && hasBothHalves(path)) return known;
    this.#publicHalves.delete(epoch);
    const half = readPublicHalf(path, epoch);
    if (half !== undefined) this.#publicHalves.set(epoch, half);
    return half;
  }

  #readKek(generation: number): Uint8Array | undefined {
    const key = readPrivateFile(this.#kekPath(generation));
    return key === undefined || isErased(key) ? undefined : key;
  }

  #epochNumbers(): readonly number[] {
    return numbersIn(this.#epochs, EPOCH_NAME);
  }

  #epochPath(epoch: number): string {
    assertWhole(epoch, 'epoch');
    return join(this.#epochs, `${epoch}`);
  }

  #kekPath(generation: number): string {
    assertWhole(generation, 'generation');
    return join(this.#keks, `${generation}.key`);
  }
}

function numbersIn(directory: string, pattern: RegExp): readonly number[] {
  const names = namesIn(directory).filter((name) => pattern.test(name));
  return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
}

/** What crashes have left of the same key and of earlier ones, which nobody would ask to destroy. */
function leftovers(directory: string, number: number): readonly string[] {
  return namesIn(directory).filter((name) => isTemporary(name) && Number.parseInt(name, 10) <= number);
}

function epochProblems(path: string, epoch: number): readonly string[] {
  try {
    readPublicHalf(path, epoch);
    // Nothing is left of it but its directory: no key, no problem.
    return isWholeEpoch(path) || !hasPrivateHalf(path) ? [] : ['half an epoch key is left; destroying it removes it'];
  } catch {
    return ['an epoch key file is damaged'];
  }
}
