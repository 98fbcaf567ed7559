import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { buildSite, readStyle, type SiteOptions } from '../../examples/public-site/build.js';
import type { Written } from '../../examples/public-site/site-files.js';

const ROOT = resolve(import.meta.dirname, '../..');
export const SITE = join(ROOT, 'examples/public-site');

/** The checking page's script as `npm run site` bundles it. */
export async function bundleVerifier(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(SITE, 'verifier-script.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    tsconfig: join(ROOT, 'tsconfig.json'),
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/** Builds a site with the example's own style sheet. */
export async function buildExample(options: Omit<SiteOptions, 'style'>): Promise<Written> {
  return buildSite({ ...options, style: await readStyle(SITE) });
}

export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `${name}-`));
}

export function readText(...path: readonly string[]): string {
  return readFileSync(join(...path), 'utf8');
}
