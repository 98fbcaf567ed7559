import type { Comparison, Target } from '../harness.js';
import type { Workshop } from './workshop.js';

/** For what must cost the same at every size. */
export const FLAT: Target = { most: 1.15, says: 'flat: the same at every size' };

/** A figure that needs no clock, such as bytes on the disk. */
export interface Figure {
  readonly lines: readonly string[];
}

export interface BenchCase {
  /** As in `--only`: `family.size{variant}`. */
  readonly name: string;
  build(workshop: Workshop): Promise<Omit<Comparison, 'name'> | Figure>;
}

/** True if `only` is the case's whole name, its name without the variant, or its family. */
export function isChosen(name: string, only: string | undefined): boolean {
  return only === undefined || name === only || name.startsWith(`${only}{`) || name.startsWith(`${only}.`);
}
