import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { payloadBytes, registrationOf } from '../support/people.js';

/** Bytes on the disk after sort and publication, for each statement; no clock is involved. */
export function storageBytesCase(statements: number): BenchCase {
  return {
    name: 'storage.bytes{sqlite}',
    build: async (workshop) => {
      const folder = await workshop.withInbox(statements);
      const empty = filesOf(await workshop.blankCopy());
      const registry = await workshop.open(folder);
      const { published } = await registry.publish({ now: true });
      const { total } = await registry.counts();
      must(published === statements && total === statements, 'statements are missing');
      await workshop.shut(registry);
      const files = new Map([...filesOf(folder)].filter(([name]) => name.endsWith('.db')));
      const kept = [...files].filter(([name]) => !name.endsWith('inbox.db'));
      const grown = kept.map(([name, bytes]) => [name, (bytes - (empty.get(name) ?? 0)) / statements] as const);
      const sum = grown.reduce((all, [, bytes]) => all + bytes, 0);
      const payload = Array.from({ length: statements }, (_, i) => payloadBytes(registrationOf(i))).reduce((a, b) => a + b, 0) / statements;
      const whole = (bytes: number): string => Math.round(bytes).toLocaleString('en');
      return {
        lines: [
          `ratio     ${(sum / payload).toFixed(1)} ÷ payload: UTF-8 JSON of identity, contact and statement, ${whole(payload)} bytes`,
          `bytes     ${whole(sum)} a statement over ${whole(statements)}: ${grown.map(([name, bytes]) => `${name} ${whole(bytes)}`).join(', ')}`,
          `inbox     ${whole(files.get(join('sealed', 'inbox.db')) ?? 0)} bytes, zeroed and used again, not counted`,
        ],
      };
    },
  };
}

function filesOf(folder: string): ReadonlyMap<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((found) => found.isFile());
  return new Map(
    files.map((found) => {
      const path = join(found.parentPath, found.name);
      return [relative(folder, path), statSync(path).size];
    }),
  );
}
