import { afterAll } from 'vitest';

/**
 * `Math.random` in our code or in a cryptographic dependency is a broken key nobody notices. During tests it throws for callers whose stack
 * passes through our sources, our build or a runtime dependency; the test tools themselves may go on using it.
 */
const GUARDED = /\/(src|dist)\/|node_modules\/(@noble|@scure|shamir-secret-sharing|zod|better-sqlite3|csv-parse)\//;
const TOOLS = /node_modules\/(vitest|@vitest|vite|fast-check|chai|tinypool|playwright-core)\/|\/tests\//;

const original = Math.random;

/** True when the nearest caller that is neither Node itself nor a test tool is code that must never use weak randomness. */
function callerIsGuarded(stack: string): boolean {
  for (const frame of stack.split('\n').slice(2)) {
    if (TOOLS.test(frame)) return false;
    if (GUARDED.test(frame)) return true;
  }
  return false;
}

Math.random = function random(): number {
  if (callerIsGuarded(new Error().stack ?? '')) throw new Error('Math.random was called by code that must use a secure source');
  return original();
};

afterAll(() => {
  Math.random = original;
});
