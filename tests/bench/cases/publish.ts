import { nodeBackend } from '../../../src/backends/node.js';
import { concatBytes } from '../../../src/foundation/bytes.js';
import type { Registry } from '../../../src/index.js';
import { openSqliteStores } from '../../../src/sqlite.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { PlainTable } from '../support/plain-table.js';
import { poolItem } from '../support/statements.js';
import type { Workshop } from '../support/workshop.js';

/** One batch of `statements` that are due. They are put into the pool directly: what the sort costs is the sort's case. */
export function publishCase(statements: number): BenchCase {
  return {
    name: `publish.${statements}{sqlite}`,
    build: async (workshop) => {
      const due = await withPool(workshop, statements);
      const rows = await publishedRows(workshop, due, statements);
      const table = new PlainTable(workshop);
      let folder: string;
      let registry: Registry;
      let published = 0;
      return {
        measure: 'cpu',
        against: 'two raw SHA-256 a leaf + B0 of its leaf and its entry, as many in one transaction',
        unit: 'leaf',
        times: statements,
        baselineTimes: 40 * statements,
        countWrites: true,
        candidate: {
          prepare: async () => {
            folder = workshop.copy(due);
            registry = await workshop.open(folder);
          },
          run: async () => {
            ({ published } = await registry.publish({ now: true }));
          },
          check: async () => {
            must(published === statements && (await registry.counts()).total === statements, 'statements are missing in the batch');
            await workshop.discard(registry, folder);
          },
        },
        baseline: {
          prepare: () => table.open(),
          run: (times) => {
            for (let i = 0; i < times; i++) nodeBackend.sha256(nodeBackend.sha256(rows[0] as Uint8Array));
            for (let done = 0; done < times; done += statements) table.insert(repeated(rows, Math.min(statements, times - done)));
          },
          check: (times) => table.finish(rows.length * times),
        },
      };
    },
  };
}

async function withPool(workshop: Workshop, statements: number): Promise<string> {
  const folder = await workshop.blankCopy();
  const stores = await openSqliteStores(folder);
  await stores.public.addToPool(Array.from({ length: statements }, (_, i) => poolItem(i % 2 === 0 ? ['league', 'party'] : ['league'])));
  await stores.close();
  return folder;
}

/** The bytes of one published statement, read back from a registry that published: its leaf, and its entry with content. */
async function publishedRows(workshop: Workshop, due: string, statements: number): Promise<readonly Uint8Array[]> {
  const folder = workshop.copy(due);
  const registry = await workshop.open(folder);
  await registry.publish({ now: true });
  await workshop.shut(registry);
  const stores = await openSqliteStores(folder);
  let rows: readonly Uint8Array[] = [];
  let seen = 0;
  for await (const { id, leaf, salt, content } of stores.public.entries({})) {
    seen++;
    rows = [leaf, concatBytes(id, new Uint8Array(32), salt ?? new Uint8Array(), content ?? new Uint8Array())];
  }
  await stores.close();
  must(seen === statements, 'entries are missing');
  return rows;
}

function* repeated(rows: readonly Uint8Array[], times: number): Generator<Uint8Array> {
  for (let i = 0; i < times; i++) yield* rows;
}
