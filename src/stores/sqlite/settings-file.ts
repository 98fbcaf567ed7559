import { assertBytes } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { SettingsStore } from '../../registry/stores.js';
import type { OpenState } from '../open-state.js';
import { readPrivateFile, writeOnce } from './private-files.js';

/** `keys/registry.json`. Written last by `init`: a directory that has it is a whole registry. */
export class SettingsFile implements SettingsStore {
  readonly #path: string;
  readonly #state: OpenState;

  constructor(path: string, state: OpenState) {
    this.#path = path;
    this.#state = state;
  }

  async get(): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    return readPrivateFile(this.#path);
  }

  async put(bytes: Uint8Array): Promise<void> {
    this.#state.assertOpen();
    assertBytes(bytes, 'bytes');
    if (!writeOnce(this.#path, bytes)) throw new RegistryError('REGISTRY_EXISTS', 'there is a registry here already');
  }
}
