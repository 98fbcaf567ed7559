import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fixedClock } from '../../../src/testing.js';
import { cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'ahead-'));
afterAll(() => rmSync(root, { recursive: true }));

it('publish warns of a day that is more than a day ahead, and of no other', async () => {
  const options = { clock: fixedClock(Date.UTC(2026, 10, 21, 9)) };
  const dir = join(root, 'd');
  await cli(['init', '--dir', dir, '--custody', join(root, 'c'), '--policy', 'tiny'], options);
  expect(await cli(['publish', '--dir', dir, '--at', '2026-11-22'], options)).toMatchObject({ code: 0, err: '' });
  const { code, err } = await cli(['publish', '--dir', dir, '--at', '2062-11-21'], options);
  expect([code, err]).toEqual([0, expect.stringMatching(/^WARNING: .*cannot be undone/)]);
});
