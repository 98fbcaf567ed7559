import { RegistryError } from '../foundation/errors.js';

/** Whether a set of stores, or one file of it, may still be used. */
export class OpenState {
  #open = true;

  get isOpen(): boolean {
    return this.#open;
  }

  close(): void {
    this.#open = false;
  }

  /** Throws `REGISTRY_CLOSED` after `close`. */
  readonly assertOpen = (): void => {
    if (!this.#open) throw new RegistryError('REGISTRY_CLOSED', 'the registry is closed');
  };
}
