import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '..');
const setupFiles = [resolve(root, 'tests/support/no-math-random.ts')];

/** The examples import the package by its name; tests run them over the source. */
const alias = [
  { find: /^cryptonym$/, replacement: resolve(root, 'src/index.ts') },
  { find: /^cryptonym\/(\w+)$/, replacement: resolve(root, 'src/$1.ts') },
];

function project(name: string, include: string[], more: { testTimeout?: number; hookTimeout?: number; globalSetup?: string[]; retry?: number } = {}) {
  return { root, resolve: { alias }, test: { name, root, include, setupFiles, pool: 'forks' as const, testTimeout: 60_000, hookTimeout: 60_000, ...more } };
}

export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', ['tests/unit/**/*.test.ts', 'tests/vectors-public/**/*.test.ts']),
      project('integration', ['tests/integration/**/*.test.ts']),
      project('checks', ['tests/checks/**/*.test.ts']),
      project('package', ['tests/package/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 300_000 }),
      project('slow', ['tests/slow/**/*.test.ts', 'tests/crash/**/*.test.ts', 'tests/interop/**/*.test.ts'], {
        testTimeout: 900_000,
        hookTimeout: 300_000,
      }),
      project('adversary', ['tests/adversary/**/*.test.ts'], {
        testTimeout: 900_000,
        hookTimeout: 300_000,
        // Bounds of three sigma are passed by chance once in 741 comparisons, and there are hundreds. With dice of its own a leak fails twice.
        retry: 1,
        globalSetup: [resolve(root, 'tests/adversary/support/fixture-setup.ts')],
      }),
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reportsDirectory: 'coverage' },
  },
});
