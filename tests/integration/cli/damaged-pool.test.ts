import { chmodSync, copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Health } from '../../../src/index.js';
import { cli } from '../../support/cli-shell.js';
import { openRaw } from '../../support/raw-sqlite.js';

const root = mkdtempSync(join(tmpdir(), 'damaged-pool-'));
const whole = join(root, 'whole');
const dir = join(root, 'registry');
const file = join(dir, 'public/public.db');
const backup = join(root, 'backup-of-public.db');
const STATEMENT = { alias: 'jin fu', categories: ['party'], text: 'I leave.' };

beforeAll(async () => {
  await cli(['init', '--dir', whole, '--custody', join(root, 'custody'), '--policy', 'tiny']);
  const people = ['王建国', '李秀英', '张伟'].map((name) => ({ identity: { names: [name] }, statement: STATEMENT }));
  await cli(['register', '--dir', whole], { stdin: JSON.stringify(people) });
  await cli(['sort', '--dir', whole]);
});
beforeEach(() => {
  rmSync(dir, { recursive: true, force: true });
  cpSync(whole, dir, { recursive: true });
  // Node 22 copies folders without their modes, and health looks at those of keys.
  for (const folder of ['', ...foldersOf(dir)]) chmodSync(join(dir, folder), 0o700);
  copyFileSync(file, backup);
});
afterAll(() => rmSync(root, { recursive: true }));

function foldersOf(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((found) => found.isDirectory())
    .map((found) => relative(path, join(found.parentPath, found.name)));
}

function change(...statements: readonly string[]): void {
  const raw = openRaw(file);
  for (const sql of statements) raw.exec(sql);
  raw.pragma('wal_checkpoint(TRUNCATE)');
  raw.close();
}

function waitingIds(): readonly string[] {
  const raw = openRaw(file);
  const ids = raw.prepare('SELECT lower(hex(id)) AS id FROM pool').all() as { id: string }[];
  raw.close();
  return ids.map(({ id }) => id);
}

async function health(): Promise<Health & { code: number; printed: string }> {
  const { code, out } = await cli(['health', '--dir', dir, '--json']);
  return { ...(JSON.parse(out) as Health), code, printed: out };
}

const FIRST = 'WHERE id = (SELECT min(id) FROM pool)';

it.each([
  ['a statement', 'statement = zeroblob(300)'],
  ['one letter of a statement', "statement = CAST(replace(CAST(statement AS TEXT), 'leave', 'stay.') AS BLOB)"],
  ['a salt', 'salt = zeroblob(32)'],
  ['a salt cut short', 'salt = zeroblob(31)'],
  ['a digest', 'digest = zeroblob(32)'],
])('%s: publish says what is wrong, health counts it, nobody says which', async (_, damage) => {
  expect(await health()).toMatchObject({ code: 0, problems: [] });
  change(`UPDATE pool SET ${damage} ${FIRST}`);
  const checked = await health();
  expect(checked).toMatchObject({
    code: 3,
    problems: [{ store: 'public', problem: expect.stringMatching(/^1 damaged in the pool/) as string }],
  });
  const published = await cli(['publish', '--dir', dir, '--now']);
  expect(published).toMatchObject({ code: 3, out: '' });
  expect(published.err).toMatch(/^error STORE_INTEGRITY: a waiting statement is damaged .*health counts them/);
  const ids = waitingIds();
  expect(ids).toHaveLength(3);
  for (const id of ids) expect(checked.printed + published.err).not.toContain(id);
});

it('all of them', async () => {
  change('UPDATE pool SET digest = salt');
  expect((await health()).problems).toEqual([{ store: 'public', problem: expect.stringMatching(/^3 damaged/) as string }]);
});

it('the steps of docs/operations.md repair it from a backup', async () => {
  change(`UPDATE pool SET salt = zeroblob(32), due_day = 0 ${FIRST}`);
  const [steps] = /(?<=ATTACH 'backup-of-public\.db' AS b;\n)UPDATE pool[^;]+;/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
  change(`ATTACH '${backup}' AS b`, steps as string);
  expect(await health()).toMatchObject({ code: 0, problems: [] });
  expect((await cli(['publish', '--dir', dir, '--now'])).out).toContain('published 3 statements');
});

it('and what the backup does not have can wait for itself', async () => {
  change(`UPDATE pool SET salt = zeroblob(32) ${FIRST}`);
  const raw = openRaw(backup);
  raw.exec(`DELETE FROM pool ${FIRST}`);
  raw.close();
  const [aside] = /UPDATE pool SET due_day = due_day \+ 36500 [^`]+/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
  change(`ATTACH '${backup}' AS b`, aside as string);
  expect((await cli(['publish', '--dir', dir])).out).toContain('published 2 statements');
  expect((await health()).pool.waiting).toBe(1);
});
