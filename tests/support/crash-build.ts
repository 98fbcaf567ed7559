import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface CrashBuild {
  /** `node CHILD OPERATION DIR MILLISECONDS EXTRA` */
  readonly child: string;
  readonly cli: string;
  remove(): void;
}

/** Bundles the sources as they are now, so that no test can kill yesterday's build. */
export function buildCrashPrograms(): CrashBuild {
  const out = join(ROOT, 'node_modules', '.cache', `crash-${process.pid}`);
  mkdirSync(out, { recursive: true });
  const flags = ['--no-config', '--format', 'esm', '--platform', 'node', '--target', 'node20', '--no-clean', '--silent', '--out-dir', out];
  const tsup = join(ROOT, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const entries = ['--entry.child', 'tests/support/crash-child.ts', '--entry.cli', 'src/edges/cli/main.ts'];
  execFileSync(process.execPath, [tsup, ...entries, ...flags], { cwd: ROOT, stdio: 'pipe' });
  return {
    child: join(out, 'child.js'),
    cli: join(out, 'cli.js'),
    remove: () => rmSync(out, { recursive: true, force: true }),
  };
}
