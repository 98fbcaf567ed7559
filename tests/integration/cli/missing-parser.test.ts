import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { cli } from '../../support/cli-shell.js';

vi.mock('csv-parse', () => {
  throw new Error('Cannot find package');
});

const root = mkdtempSync(join(tmpdir(), 'cli-parser-'));
afterAll(() => rmSync(root, { recursive: true }));

it('an import without the optional parser says what to install', async () => {
  const dir = join(root, 'd');
  await cli(['init', '--dir', dir, '--custody', join(root, 'c')]);
  writeFileSync(join(root, 'f.csv'), 'name,categories\n');
  const { code, out, err } = await cli(['import', join(root, 'f.csv'), '--dir', dir]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe('error DEPENDENCY_MISSING: reading CSV needs one more package: npm install csv-parse\n');
});
