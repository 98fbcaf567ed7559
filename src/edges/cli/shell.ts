import { type Injected, openRegistry, type Registry } from '../../index.js';
import type { Output } from './output.js';
import { registryWitnesses } from './witnesses.js';

/** What surrounds a command; tests bring their own. */
export interface Shell {
  readonly output: Output;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Handed to `openRegistry`: clock, randomness. */
  readonly injected: Injected;
  /** Until the returned function is called, the first Ctrl-C calls `listener` instead of ending the process; a second one ends it. */
  onInterrupt(listener: () => void): () => void;
}

/** Milliseconds since 1970, for what a command judges by itself: the registry has its own clock. */
export function nowOf({ injected }: Shell): number {
  return injected.clock?.now() ?? performance.timeOrigin + performance.now();
}

/** Opens the registry in `dir`, with the witnesses that its folder names, does the work and closes it, whatever happens. */
export async function withRegistry<T>(dir: string, shell: Shell, work: (registry: Registry) => Promise<T>): Promise<T> {
  const witnesses = registryWitnesses(dir);
  const registry = await openRegistry({ dir }, { ...(witnesses === undefined ? {} : { witnesses }), ...shell.injected });
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
}
