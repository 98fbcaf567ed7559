import { RegistryError } from '../../foundation/errors.js';
import type { LogKeyStore, SignedCheckpoint } from '../../log/ports.js';
import type { OpenState } from '../open-state.js';
import { assertSigned } from '../rows/log-rows.js';

export class MemoryLogKeyStore implements LogKeyStore {
  readonly #state: OpenState;
  readonly #signed = new Map<number, string>();
  #key: string | undefined;

  constructor(state: OpenState) {
    this.#state = state;
  }

  async key(): Promise<string | undefined> {
    this.#state.assertOpen();
    return this.#key;
  }

  async putKey(key: string): Promise<void> {
    this.#state.assertOpen();
    this.#key ??= key;
  }

  async signed(): Promise<SignedCheckpoint | undefined> {
    this.#state.assertOpen();
    const size = Math.max(...this.#signed.keys());
    const note = this.#signed.get(size);
    return note === undefined ? undefined : { size, note };
  }

  async putSigned(checkpoint: SignedCheckpoint): Promise<SignedCheckpoint> {
    this.#state.assertOpen();
    assertSigned(checkpoint);
    const { size, note } = checkpoint;
    if (size < Math.max(...this.#signed.keys()))
      throw new RegistryError('STORE_BUSY', 'a greater checkpoint was signed meanwhile', { retryable: true });
    if (!this.#signed.has(size)) this.#signed.set(size, note);
    return { size, note: this.#signed.get(size) as string };
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    this.#state.assertOpen();
    return [];
  }
}
