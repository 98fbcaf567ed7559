import { toHex } from '../foundation/bytes.js';
import { type ErrorCode, RegistryError } from '../foundation/errors.js';

/** Assertions without a test runner, so that the suites run anywhere. */
export function assertThat(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new Error(`expected: ${expectation}`);
}

/** Compares numbers, strings and undefined by value, bytes by content, and plain lists, maps and objects of them member by member. */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [shown(actual), shown(expected)];
  if (found !== wanted) throw new Error(`expected: ${what}: ${wanted}, found ${found}`);
}

/** The promise rejects with this code; anything else fails. */
export async function assertRejects(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RegistryError && error.code === code) return;
    throw new Error(`expected: rejection with ${code}, found ${error instanceof RegistryError ? error.code : 'another error'}`);
  }
  throw new Error(`expected: rejection with ${code}, found none`);
}

/** The promise rejects as for a caller's bug: with a TypeError or RangeError. */
export async function assertRefused(promise: Promise<unknown>, what: string): Promise<void> {
  const reason: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assertThat(reason instanceof TypeError || reason instanceof RangeError, `TypeError or RangeError for ${what}`);
}

/** All items of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${toHex(value)}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map) return shown(Object.fromEntries(value));
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${name}: ${shown(member)}`).join(', ')}}`;
}
