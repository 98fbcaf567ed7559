import { RegistryError } from '../../foundation/errors.js';
import type { LogKeyStore, SignedCheckpoint } from '../../log/ports.js';
import type { OpenState } from '../open-state.js';
import { assertSigned } from '../rows/log-rows.js';

export class MemoryLogKeyStore implements LogKeyStore {
  readonly #state: OpenState;
  /** By the size it goes on from. */
  readonly #signed = new Map<number, SignedCheckpoint>();
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
    return this.#signed.get(Math.max(...this.#signed.keys()));
  }

  async putSigned(checkpoint: SignedCheckpoint, after: number): Promise<SignedCheckpoint> {
    this.#state.assertOpen();
    assertSigned(checkpoint, after);
    if (after < Math.max(...this.#signed.keys()))
      throw new RegistryError('STORE_BUSY', 'a later checkpoint was signed meanwhile', { retryable: true });
    const stored = this.#signed.get(after) ?? { size: checkpoint.size, note: checkpoint.note };
    this.#signed.set(after, stored);
    return stored;
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    this.#state.assertOpen();
    return [];
  }
}
