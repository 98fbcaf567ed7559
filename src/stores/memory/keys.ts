import { assertBytes, wipe } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { SettingsStore } from '../../registry/stores.js';
import type { KekInfo, KeyStore, StoredEpochPublicKey, StoreProblem } from '../../sealed/ports.js';
import type { OpenState } from '../open-state.js';
import { assertEpochKeys, assertKek } from '../rows/key-rows.js';
import { assertWhole } from '../sorted-rows.js';
import { copied } from './byte-map.js';

interface EpochKeys extends StoredEpochPublicKey {
  readonly key: Uint8Array;
}

export class MemoryKeyStore implements KeyStore {
  readonly #state: OpenState;
  readonly #epochs = new Map<number, EpochKeys>();
  readonly #keks = new Map<number, Uint8Array>();

  constructor(state: OpenState) {
    this.#state = state;
  }

  async epochs(): Promise<readonly number[]> {
    this.#state.assertOpen();
    return ascending(this.#epochs.keys());
  }

  async hasEpochKey(epoch: number): Promise<boolean> {
    this.#state.assertOpen();
    assertWhole(epoch, 'epoch');
    return this.#epochs.has(epoch);
  }

  async epochKey(epoch: number): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    const keys = this.#epochs.get(epoch);
    return keys === undefined ? undefined : Uint8Array.from(keys.key);
  }

  async putEpochKey(epoch: number, key: Uint8Array, publicKey: Uint8Array, expires: number): Promise<void> {
    this.#state.assertOpen();
    assertEpochKeys(epoch, key, publicKey, expires);
    if (!this.#epochs.has(epoch)) this.#epochs.set(epoch, copied({ epoch, key, publicKey, expires }));
  }

  async epochPublicKeys(from: number): Promise<readonly StoredEpochPublicKey[]> {
    this.#state.assertOpen();
    assertWhole(from, 'from');
    const kept = [...this.#epochs.values()].filter(({ epoch }) => epoch >= from).sort((a, b) => a.epoch - b.epoch);
    return kept.map(({ epoch, expires, publicKey }) => copied({ epoch, expires, publicKey }));
  }

  async destroyEpochKey(epoch: number): Promise<void> {
    this.#state.assertOpen();
    const keys = this.#epochs.get(epoch);
    if (keys !== undefined) wipe(keys.key);
    this.#epochs.delete(epoch);
  }

  async keks(): Promise<readonly KekInfo[]> {
    this.#state.assertOpen();
    return ascending(this.#keks.keys()).map((generation) => ({ generation }));
  }

  async kek(generation: number): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    const key = this.#keks.get(generation);
    return key === undefined ? undefined : Uint8Array.from(key);
  }

  async putKek(generation: number, key: Uint8Array): Promise<void> {
    this.#state.assertOpen();
    assertKek(generation, key);
    if (!this.#keks.has(generation)) this.#keks.set(generation, Uint8Array.from(key));
  }

  async destroyKek(generation: number): Promise<void> {
    this.#state.assertOpen();
    const key = this.#keks.get(generation);
    if (key !== undefined) wipe(key);
    this.#keks.delete(generation);
  }

  async check(): Promise<readonly StoreProblem[]> {
    this.#state.assertOpen();
    return [];
  }
}

export class MemorySettingsStore implements SettingsStore {
  readonly #state: OpenState;
  #bytes: Uint8Array | undefined;

  constructor(state: OpenState) {
    this.#state = state;
  }

  async get(): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    return this.#bytes === undefined ? undefined : Uint8Array.from(this.#bytes);
  }

  async put(bytes: Uint8Array): Promise<void> {
    this.#state.assertOpen();
    assertBytes(bytes, 'bytes');
    if (this.#bytes !== undefined) throw new RegistryError('REGISTRY_EXISTS', 'there is a registry here already');
    this.#bytes = Uint8Array.from(bytes);
  }
}

function ascending(numbers: Iterable<number>): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}
