import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOM_RULES, type RoomRule } from './import-rules.js';
import { pageAt } from './pages.js';
import { ROOT } from './sources.js';

const ROOMS = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** The room of a pattern of the import rules; files directly in `src/` are the entries, `src/**` is everything. */
function roomOf(pattern: string): string {
  if (pattern === 'src/**') return 'everything';
  return /^src\/(\w+)\//.exec(pattern)?.[1] ?? 'entries';
}

/** Rooms by name, each with the others that its rules let it import, types included. */
function importsByRule(rules: readonly RoomRule[]): Readonly<Record<string, readonly string[]>> {
  const rooms: Record<string, readonly string[]> = {};
  for (const room of ROOMS) {
    const own = rules.filter(({ files }) => files.some((pattern) => roomOf(pattern) === room));
    const others = own.flatMap(({ imports, types = [] }) => [...imports, ...types]).map(roomOf);
    rooms[room] = [...new Set(others)].filter((other) => other !== room).sort();
  }
  return rooms;
}

/** The same from the table of docs/architecture.md: the names of rooms in its last column. */
function importsByPage(page: string): Readonly<Record<string, readonly string[]>> {
  const words = new Set([...ROOMS, 'entries', 'everything']);
  const rows = [...page.matchAll(/^\| `(\w+)\/` \|.*\|([^|]*)\|$/gm)].map(([, room = '', may = '']): [string, readonly string[]] => [
    room,
    [...new Set(may.match(/\w+/g)?.filter((word) => words.has(word)))].sort(),
  ]);
  return Object.fromEntries(rows);
}

describe('the rooms on the pages', () => {
  it('docs/architecture.md says of every room what the import rules let it import', () => {
    expect(ROOMS.length).toBeGreaterThanOrEqual(12);
    const page = pageAt('docs/architecture.md');
    expect(importsByPage(page)).toEqual(importsByRule(ROOM_RULES));
    // Control: a word less.
    expect(importsByPage(page.replace('| foundation, vocabulary, log |', '| foundation, vocabulary |'))).not.toEqual(importsByPage(page));
  });

  it('README.md draws every room', () => {
    const drawn = [...pageAt('README.md').matchAll(/^ {2}(\w+)\/ {2,}\S/gm)].map(([, room = '']) => room);
    expect(drawn.sort()).toEqual(ROOMS);
  });

  it('docs/architecture.md names every folder of the stores', () => {
    const row = /^\| `stores\/` \|.*$/m.exec(pageAt('docs/architecture.md'))?.[0];
    const folders = readdirSync(join(ROOT, 'src/stores'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of folders) expect(row).toContain(`\`${name}/\``);
  });
});
