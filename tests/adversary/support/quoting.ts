import { inspect } from 'node:util';
import { RegistryError } from '../../../src/index.js';
import { CANARIES, canariesIn, hostileValues, type HostileValue } from './hostile.js';

/** Builds that give away what they are called with, to be attacked like the library. */

/** Where an error holds a text, by accident or habit. */
const WAYS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['message', (text) => new RegistryError('OPEN_FAILED', `cannot open ${text}`)],
  ['details', (text) => Object.assign(new RegistryError('OPEN_FAILED', 'no'), { details: { field: text } })],
  ['cause', (text) => new Error('no', { cause: new Error(text) })],
  ['issues', (text) => Object.assign(new TypeError('no'), { issues: [{ path: ['identity'], keys: [text] }] })],
  ['hidden property', (text) => Object.defineProperty(new Error('no'), 'input', { value: text, enumerable: false })],
  ['bytes', (text) => Object.assign(new Error('no'), { input: new TextEncoder().encode(text) })],
  ['buffer', (text) => new Error(Buffer.from(text).toString('hex'))],
  ['escaped', (text) => new Error(text.replace(/[^ -~]/gu, (c) => `\\u${c.charCodeAt(0).toString(16)}`))],
  ['no error', (text) => text],
];

export const QUOTING_WAYS = WAYS.length;

/** Shapes in which a canary shows when it is quoted: not what throws, not what is too deep to be printed; and not the slow megabyte. */
export function visibleValues(): readonly HostileValue[] {
  return hostileValues().filter(([shape, value]) => shape !== 'a megabyte' && CANARIES.some((canary) => shownOf(value).includes(canary)));
}

export class Quoting {
  /** Calls that were given a canary. */
  shown = 0;
  #calls = 0;

  /** Quotes its input in an error, each time elsewhere. */
  of<T extends object>(api: T): T {
    return instead(api, async (...input) => {
      const text = await this.#textOf(input);
      throw WAYS[this.#calls++ % WAYS.length]?.[1](text);
    });
  }

  /** Quotes its input in what it lists. */
  listing<T extends object>(api: T): T {
    return instead(api, async (...input) => {
      const text = await this.#textOf(input);
      return (async function* rejected() {
        yield { accepted: 0, rejected: [{ row: 1, reason: text }] };
      })();
    });
  }

  async #textOf(input: readonly unknown[]): Promise<string> {
    const quoted = (await Promise.all(input.map(lookedAt))).map(shownOf).filter((text) => canariesIn(text).length > 0);
    if (quoted.length > 0) this.shown++;
    return quoted.join();
  }
}

/** Fails with an error that quotes nothing. */
export function failing<T extends object>(api: T, fail: () => unknown): T {
  return instead(api, async () => {
    throw fail();
  });
}

/** The same interface, with the same function for all of it. */
function instead<T extends object>(api: T, call: (...input: unknown[]) => Promise<unknown>): T {
  return new Proxy(api, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'object' && member !== null ? instead(member, call) : call;
    },
  });
}

/** What a careless build has in hand: an import's rows, a caller's answers, the text that bytes are. */
async function lookedAt(input: unknown): Promise<unknown> {
  if (input instanceof Uint8Array) return Buffer.from(input).toString();
  if (typeof input === 'function' && input.length === 0 && !('prototype' in input)) return (input as () => unknown)();
  if (typeof input !== 'object' || input === null || !(Symbol.asyncIterator in input)) return input;
  const rows: unknown[] = [];
  for await (const row of input as AsyncIterable<unknown>) rows.push(row);
  return rows;
}

function shownOf(value: unknown): string {
  return inspect(value, { depth: 10, showHidden: true, maxStringLength: null });
}
