import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

/** Every published entry; package.json's `exports` and `bin` name their outputs. */
const entry: Record<string, string> = {
  index: 'src/index.ts',
  intake: 'src/intake.ts',
  person: 'src/person.ts',
  verify: 'src/verify.ts',
  witness: 'src/witness.ts',
  custodian: 'src/custodian.ts',
  sqlite: 'src/sqlite.ts',
  testing: 'src/testing.ts',
  cli: 'src/edges/cli/main.ts',
  'seal-worker': 'src/edges/sealing/seal-worker.ts',
  'open-worker': 'src/edges/opening/open-worker.ts',
};

export default defineConfig({
  entry: Object.fromEntries(Object.entries(entry).filter(([, file]) => existsSync(file))),
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  clean: true,
  metafile: true,
  removeNodeProtocol: false,
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});
