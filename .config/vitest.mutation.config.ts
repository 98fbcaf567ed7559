import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What a mutation run executes: unit tests only, for the checks would read the mutated sources. The root is Stryker's sandbox copy. */
export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  test: { include: ['tests/unit/{foundation,sealed,custody,public}/**/*.test.ts'], pool: 'forks', testTimeout: 60_000 },
});
