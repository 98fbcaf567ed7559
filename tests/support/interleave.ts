import type { Stores } from '../../src/registry/stores.js';
import { STORE_NAMES } from './crash-faults.js';

/** A program over stores, as one process of several would run it. */
export type Program = (stores: Stores) => Promise<unknown>;

/** Which of the programs takes its next step, or dies. Called again until none is left. */
export type Choose = (alive: readonly number[]) => { readonly run: number } | { readonly kill: number };

export type Ended = { readonly end: 'killed' } | { readonly end: 'done' } | { readonly end: 'failed'; readonly error: unknown };

/**
 * Runs programs over the same stores, one store call at a time: each call waits until `choose` names its program. Stores are atomic by call, so
 * whatever processes can do to each other they can do in some such order. A killed program never goes on.
 *
 * All that programs await must come from the stores or be settled already: between two steps everything that can run runs.
 */
export async function interleave(stores: Stores, programs: readonly Program[], choose: Choose): Promise<readonly Ended[]> {
  const gates = programs.map((): (() => void)[] => []);
  const ended: (Ended | undefined)[] = programs.map(() => undefined);
  for (const [i, program] of programs.entries()) {
    const turn = () => new Promise<void>((go) => gates[i]?.push(go));
    program(oneByOne(stores, turn)).then(
      () => (ended[i] = { end: 'done' }),
      (error: unknown) => (ended[i] = { end: 'failed', error }),
    );
  }
  for (;;) {
    await new Promise((settled) => setImmediate(settled));
    const alive = programs.map((_, i) => i).filter((i) => ended[i] === undefined);
    if (alive.length === 0) return ended as Ended[];
    const choice = choose(alive);
    if ('kill' in choice) {
      ended[choice.kill] = { end: 'killed' };
      continue;
    }
    const go = gates[choice.run]?.shift();
    if (go === undefined) throw new Error('a program waits for something else than a store');
    go();
  }
}

/** Stores whose every call waits for its turn. */
function oneByOne(stores: Stores, turn: () => Promise<void>): Stores {
  const wrapped = (store: object): object =>
    new Proxy(store, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          const call = async (): Promise<unknown> => {
            await turn();
            return Reflect.apply(member, target, args);
          };
          return GIVES_MANY.has(String(method)) ? many(call) : call();
        };
      },
    });
  const parts = Object.fromEntries(STORE_NAMES.map((name) => [name, wrapped(stores[name])])) as unknown as Stores;
  return { ...parts, tidy: () => turn().then(() => stores.tidy()), close: () => stores.close() };
}

/** Methods that give an AsyncIterable. The whole is read in one step. */
const GIVES_MANY: ReadonlySet<string> = new Set(['quarantined', 'ids', 'batches', 'entries', 'leaves', 'pool']);

async function* many(call: () => Promise<unknown>): AsyncIterable<unknown> {
  const all: unknown[] = [];
  for await (const one of (await call()) as AsyncIterable<unknown>) all.push(one);
  yield* all;
}

/** Endless choices from bytes: mostly the same program goes on, sometimes another, now and then one dies. `kills`: at most so many. */
export function chooser(bytes: Uint8Array, kills: number): Choose {
  let at = 0;
  const draw = (below: number): number => (((bytes[at++ % bytes.length] as number) << 8) | (bytes[at++ % bytes.length] as number)) % below;
  const switchOnceIn = [2, 6, 20][draw(3)] as number;
  let left = kills === 0 ? 0 : draw(kills + 1);
  let current = 0;
  return (alive) => {
    if (!alive.includes(current) || draw(switchOnceIn) === 0) current = alive[draw(alive.length)] as number;
    if (left > 0 && draw(40) === 0) {
      left--;
      return { kill: current };
    }
    return { run: current };
  };
}

/** So many steps of each in this order; `dies` then, or goes on when all have had theirs, each to its end. */
export function scripted(turns: readonly { readonly program: number; readonly steps: number; readonly dies?: boolean }[]): Choose {
  const left = turns.flatMap(({ program, steps, dies = false }) => [
    ...Array.from({ length: steps }, () => ({ run: program })),
    ...(dies ? [{ kill: program }] : []),
  ]);
  return (alive) => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      if (alive.includes('run' in next ? next.run : next.kill)) return next;
    return { run: alive[0] as number };
  };
}
