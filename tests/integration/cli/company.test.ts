import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixedClock } from '../../../src/testing.js';
import { cli } from '../../support/cli-shell.js';

/** Under `standard` a call is seen nowhere for a day: the commands say why, so that nobody thinks it is lost or tries again. */
const root = mkdtempSync(join(tmpdir(), 'cli-company-'));
const dir = join(root, 'registry');
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
const RULE = '3 submissions wait for company: sorted when 64 are there, or when they are a day old.\n';

const run = async (...argv: readonly string[]): Promise<string> => {
  const { code, out, err } = await cli([...argv, '--dir', dir], { clock });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};

beforeAll(async () => {
  await run('init', '--custody', join(root, 'custody'), '--policy', 'standard');
  const call = ['王建国', '李秀英', '张伟'].map((name) => ({ identity: { names: [name] }, statement: { categories: ['party'] } }));
  await cli(['register', '--dir', dir], { clock, stdin: JSON.stringify(call) });
});
afterAll(() => rmSync(root, { recursive: true }));

it('sort and publish tell the rule while submissions wait', async () => {
  expect(await run('sort')).toBe(`Not sorted yet. ${RULE}`);
  expect(await run('publish', '--now')).toBe(`Nothing to publish.\n${RULE}`);
  expect(JSON.parse(await run('publish', '--now', '--json'))).toMatchObject({ batch: null, published: 0, waiting: 3 });
  expect(await run('publish')).toMatch(new RegExp(`^Batch 1: published 0 statements\\.\n.*\n${RULE}$`));
});

it('and are silent about it when nothing waits', async () => {
  clock.advanceDays(1);
  expect(await run('sort')).toBe('Sorted 3 submissions; 0 still wait.\n');
  expect(await run('publish', '--now')).not.toContain('wait for company');
  expect(JSON.parse(await run('publish', '--now', '--json'))).toMatchObject({ waiting: 0, held: 3 });
});
