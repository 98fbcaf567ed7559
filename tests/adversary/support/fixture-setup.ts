import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder in which the first file that needs the seized directory builds it for all. */
    readonly fixtureRoot: string;
  }
}

let root: string;

export function setup({ provide }: TestProject): void {
  root = mkdtempSync(join(tmpdir(), 'seized-'));
  provide('fixtureRoot', root);
}

export function teardown(): void {
  rmSync(root, { recursive: true, force: true });
}
