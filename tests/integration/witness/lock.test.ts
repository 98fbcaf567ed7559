import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lockFolder } from '../../../examples/witness/lock.js';

const root = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(root, { recursive: true }));

it('is held against everybody, one with our own number too, and released by its holder only', async () => {
  const release = await lockFolder(root);
  await expect(lockFolder(root)).rejects.toThrow('another process is this witness');
  await release();
  expect(readdirSync(root)).toEqual([]);
  // As another container leaves it: this number, not this process.
  writeFileSync(join(root, 'lock'), `${process.pid} another`);
  await expect(lockFolder(root)).rejects.toThrow('another process is this witness');
  await release();
  expect(readdirSync(root)).toEqual(['lock']);
  // Of nobody who lives: taken over.
  writeFileSync(join(root, 'lock'), '4194305 dead');
  await (await lockFolder(root))();
  expect(readdirSync(root)).toEqual([]);
});
