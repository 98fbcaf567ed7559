import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '..');
/** MUTATION_TESTS: glob patterns, split by `;`, for a run over one part. */
const all = 'tests/unit/{foundation,sealed,custody,public}/**/*.test.ts';

/** What a mutation run executes: unit tests only, for the checks would read the mutated sources. The root is Stryker's sandbox copy. */
export default defineConfig({
  root,
  test: {
    include: (process.env['MUTATION_TESTS'] ?? all).split(';'),
    setupFiles: [resolve(root, 'tests/support/no-math-random.ts')],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
