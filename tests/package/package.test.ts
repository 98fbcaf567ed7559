import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../checks/sources.js';

const run = promisify(execFile);

interface LockedPackage {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly peer?: boolean;
}

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
const manifest = readJson('package.json') as Manifest;

describe('the package as others install it', () => {
  const work = mkdtempSync(join(tmpdir(), 'cryptonym-pack-'));
  let tarball = '';

  /** Packs into a folder of its own and gives the file. */
  async function pack(name: string): Promise<string> {
    const folder = join(work, name);
    mkdirSync(folder);
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
    const [file] = readdirSync(folder);
    if (file === undefined) throw new Error('npm pack made no file');
    return join(folder, file);
  }

  beforeAll(async () => {
    tarball = await pack('first');
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('is the same bytes when packed twice', async () => {
    const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(digest(await pack('second'))).toBe(digest(tarball));
  });

  it('holds what package.json names, and nothing of tests, sources or reports', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    const named = [
      ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
      ...Object.values(manifest.bin),
    ];
    for (const file of named) expect(files).toContain(`package/${file.replace(/^\.\//, '')}`);
    for (const file of ['package/LICENSE', 'package/README.md', 'package/dist/seal-worker.js', 'package/dist/open-worker.js'])
      expect(files).toContain(file);
    expect(files.filter((file) => /^package\/(?:src|tests|node_modules|\.ci|\.config)\/|metafile|\.map$|\.db$/.test(file))).toEqual([]);
  });

  it('passes publint', async () => {
    await run(join(ROOT, 'node_modules/.bin/publint'), ['run', tarball, '--strict'], { cwd: ROOT });
  });

  it('resolves with types for every ESM importer', async () => {
    await run(join(ROOT, 'node_modules/.bin/attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'], { cwd: ROOT });
  });
});

describe('the supply chain', () => {
  const lock = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };
  const packages = Object.entries(lock.packages);

  it('locks every package without a download address', () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined && /^[a-z+]+:\/\//.test(resolved)).map(([name]) => name)).toEqual(
      [],
    );
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  it('needs no install script: neither its own nor of a hard dependency', () => {
    expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?install$|^prepare$|^prepublish$/.test(name))).toEqual([]);
    const hard = packages.filter(([name, entry]) => name !== '' && entry.dev !== true && entry.peer !== true && entry.optional !== true);
    expect(hard.length).toBeGreaterThanOrEqual(Object.keys(manifest.dependencies).length);
    expect(hard.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([name]) => name)).toEqual([]);
  });

  it('has the hard dependencies that were decided on, and no other', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual([
      '@noble/ciphers',
      '@noble/curves',
      '@noble/ed25519', // decision 014: half of what ./verify may weigh would else be curves it does not use
      '@noble/hashes',
      '@noble/post-quantum',
      '@scure/bip39',
      'shamir-secret-sharing',
      'zod',
    ]);
    for (const range of Object.values(manifest.dependencies)) expect(range).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('has built what it publishes', () => {
    for (const file of Object.values(manifest.bin)) expect(existsSync(join(ROOT, file)), file).toBe(true);
  });
});
