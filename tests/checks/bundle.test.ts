import { readFileSync, statSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Metafile, walkBundle } from './bundle-walk.js';
import { DRIVERS, matches } from './import-rules.js';
import { ROOT } from './sources.js';

const OPENING = ['src/**/open-*.ts', 'src/**/*-open.ts', 'src/**/split-*.ts'];
const SERVER = ['src/registry/**', 'src/stores/**', 'src/backends/**', 'src/edges/**'];

/** Per built entry: sources that must not be inside. Externals must be portable; `lazy` chunks are looked into where the row says so. */
const ENTRIES: readonly { readonly output: string; readonly never: readonly string[]; readonly lazy: boolean }[] = [
  { output: 'dist/intake.js', never: [...OPENING, ...SERVER], lazy: true },
  {
    output: 'dist/person.js',
    never: ['src/sealed/{open,seal}-*.ts', 'src/sealed/keys/{open,split}-*.ts', ...SERVER],
    lazy: true,
  },
  {
    output: 'dist/index.js',
    never: ['src/sealed/open-*.ts', 'src/sealed/keys/{open,split}-*.ts', 'src/stores/**', 'src/backends/**', 'src/edges/**'],
    lazy: false,
  },
  { output: 'dist/witness.js', never: ['src/sealed/**', 'src/public/**', 'src/claims/**', 'src/submit/**', ...SERVER], lazy: true },
  // Whoever checks the register has no code of the sealed world, and no schema library, in the page.
  { output: 'dist/verify.js', never: ['src/sealed/**', 'src/claims/**', 'src/submit/**', ...SERVER], lazy: true },
  { output: 'dist/custodian.js', never: ['src/public/**', 'src/claims/**', 'src/submit/**', ...SERVER], lazy: true },
];

const isServerOnly = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name) || DRIVERS.includes(name);

describe('what lies in the built entries', () => {
  const metafile = JSON.parse(readFileSync(join(ROOT, 'dist/metafile-esm.json'), 'utf8')) as Metafile;

  it.each(ENTRIES)('$output', ({ output, never, lazy }) => {
    const bundle = walkBundle(metafile, output, lazy);
    process.stdout.write(`${output}: ${bundle.sources.length} sources, ${(bundle.bytes / 1024).toFixed(1)} KiB without packages\n`);
    expect(bundle.sources.length).toBeGreaterThan(5);
    expect(bundle.sources.filter((source) => !source.startsWith('src/'))).toEqual([]);
    expect(bundle.sources.filter((source) => matches(source, never))).toEqual([]);
    expect(bundle.externals.filter(isServerOnly)).toEqual([]);
  });

  it('dist/verify.js asks for no packages but hashes and one curve', () => {
    const { externals } = walkBundle(metafile, 'dist/verify.js', true);
    expect([...new Set(externals)].sort()).toEqual(['@noble/ed25519', '@noble/hashes/sha2.js', '@noble/hashes/utils.js']);
  });

  it('every package the build asks for is declared, so nothing is inlined or missing', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'peerDependencies',
      Record<string, string>
    >;
    const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    const outputs = Object.entries(metafile.outputs);
    const asked = outputs.flatMap(([, { imports }]) =>
      imports.filter((found) => found.external === true && !found.path.startsWith('node:')),
    );
    const undeclared = asked.filter(({ path }) => !declared.some((name) => path === name || path.startsWith(`${name}/`)));
    expect(undeclared.map(({ path }) => path)).toEqual([]);
    expect(outputs.flatMap(([, { inputs }]) => Object.keys(inputs)).filter((source) => source.includes('node_modules'))).toEqual([]);
  });

  it('positive control: the walk sees the driver behind dist/sqlite.js and the opening code behind dist/custodian.js', () => {
    expect(walkBundle(metafile, 'dist/sqlite.js', true).externals.filter(isServerOnly)).toContain('node:fs');
    expect(walkBundle(metafile, 'dist/custodian.js', true).sources.filter((source) => matches(source, OPENING))).not.toEqual([]);
    expect(walkBundle(metafile, 'dist/index.js', true).externals.filter(isServerOnly)).not.toEqual([]);
  });
});

interface Esbuild {
  build(options: object): Promise<{ readonly metafile: Metafile; readonly outputFiles: readonly { readonly contents: Uint8Array }[] }>;
}

/** tsup's own esbuild, so that the check bundles as the build does. */
function tsupEsbuild(): Esbuild {
  const require = createRequire(createRequire(import.meta.url).resolve('tsup/package.json'));
  return require('esbuild') as Esbuild;
}

async function browserBundle(contents: string): Promise<number> {
  const result = await tsupEsbuild().build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  return result.outputFiles.reduce((sum, { contents: bytes }) => sum + bytes.length, 0);
}

describe('a browser can load', () => {
  it.each(['intake', 'person', 'verify', 'witness', 'custodian'])('src/%s.ts with everything it needs', async (entry) => {
    const bytes = await browserBundle(`export * from './src/${entry}.ts';`);
    process.stdout.write(`${entry} for a browser: ${(bytes / 1024).toFixed(1)} KiB minified\n`);
    expect(bytes).toBeGreaterThan(20_000);
  });

  it('positive control: not what needs Node', async () => {
    expect(statSync(join(ROOT, 'src/backends/node.ts')).isFile()).toBe(true);
    await expect(browserBundle("export * from './src/backends/node.ts';")).rejects.toThrow(/node:crypto/);
  });
});
