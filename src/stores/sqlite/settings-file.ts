import { assertBytes } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { SettingsStore } from '../../registry/stores.js';
import { readPrivateFile, writeOnce } from './private-files.js';

/** `keys/registry.json`. Written last by `init`: a directory that has it is a whole registry. */
export class SettingsFile implements SettingsStore {
  readonly #path: string;
  readonly #assertOpen: () => void;

  constructor(path: string, assertOpen: () => void) {
    this.#path = path;
    this.#assertOpen = assertOpen;
  }

  async get(): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    return readPrivateFile(this.#path);
  }

  async put(bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    assertBytes(bytes, 'bytes');
    if (!writeOnce(this.#path, bytes)) throw new RegistryError('REGISTRY_EXISTS', 'there is a registry here already');
  }
}
