import type { Registry } from '../../../src/index.js';

/** What somebody on the line sees of calls without opening anything: how long each is, and what comes back. */
interface Line {
  readonly sizes: readonly number[];
  readonly answers: readonly unknown[];
  /** Lengths of the answers to look-ups. */
  readonly looked: readonly number[];
}

/** Sends and looks up; of everything the different values only. */
export async function lineOf(
  registry: { apply(bytes: Uint8Array): Promise<unknown>; lookUp: Registry['lookUp'] },
  sent: readonly Uint8Array[],
  locators: readonly Uint8Array[],
): Promise<Line> {
  const answers = new Set<unknown>();
  for (const bytes of sent) answers.add(await registry.apply(bytes));
  const looked = new Set<number>();
  for (const locator of locators) looked.add((await registry.lookUp(locator)).length);
  return { sizes: [...new Set(sent.map(({ length }) => length))], answers: [...answers], looked: [...looked] };
}
