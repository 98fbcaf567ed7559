import { rmSync } from 'node:fs';
import { sourceOf, nativeSha256 } from '../../../src/edges/cli/export-source.js';
import type { ExportTarget } from '../../../src/public/export/export-target.js';
import { exportFolder, openSqliteStores } from '../../../src/sqlite.js';
import { replay } from '../../../src/verify.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { poolItem } from '../support/statements.js';
import type { Workshop } from '../support/workshop.js';

const BATCH = 100_000;
const AGAIN = 1000;
const EXPORT_SECONDS = 120;
const REPLAY_SECONDS = 30;

/**
 * A whole export of `statements`, the export after one more batch, and the replay of it all from the disk, each once and by the clock: what is
 * asked of them is seconds, not a ratio. The statements are put into the pool directly.
 */
export function wholeExportCase(statements: number): BenchCase {
  return {
    name: `export.${statements}{sqlite}`,
    build: async (workshop) => {
      const folder = await workshop.blankCopy();
      for (let done = 0; done < statements; done += BATCH) await addBatch(workshop, folder, Math.min(BATCH, statements - done));
      const site = workshop.path();
      let written = 0;
      const onDisk = exportFolder(site);
      const target: ExportTarget = {
        ...onDisk,
        write: (path, bytes) => {
          written++;
          return onDisk.write(path, bytes);
        },
      };
      const exported = async (): Promise<string> => {
        written = 0;
        const registry = await workshop.open(folder);
        const took = await timed(() => registry.log.export(target));
        await workshop.shut(registry);
        return `${took}, ${whole(written)} files written`;
      };
      const first = await exported();
      await addBatch(workshop, folder, AGAIN);
      const again = await exported();
      const registry = await workshop.open(folder);
      const trust = { key: await registry.log.verifierKey() };
      await workshop.discard(registry, folder);
      const source = await sourceOf(site);
      if (!('reader' in source)) throw new Error('the export is no folder');
      let contents = 0;
      const replayed = await timed(async () => {
        ({ contents } = await replay(source.reader, trust, { sha256: nativeSha256 }));
      });
      must(contents === statements + AGAIN, 'a replay is wrong');
      rmSync(site, { recursive: true });
      return {
        lines: [
          `export    ${first}; limit ${EXPORT_SECONDS} s`,
          `again     ${again}, after one more batch of ${whole(AGAIN)}`,
          `replay    ${replayed}, on one thread; limit ${REPLAY_SECONDS} s`,
          `memory    at most ${whole(process.resourceUsage().maxRSS / 1024)} MiB, the whole bench included`,
        ],
      };
    },
  };
}

async function addBatch(workshop: Workshop, folder: string, statements: number): Promise<void> {
  const stores = await openSqliteStores(folder);
  await stores.public.addToPool(Array.from({ length: statements }, (_, i) => poolItem(i % 2 === 0 ? ['league', 'party'] : ['league'])));
  await stores.close();
  const registry = await workshop.open(folder);
  must((await registry.publish({ now: true })).published === statements, 'statements are missing in a batch');
  await workshop.shut(registry);
}

/** By the clock, and the CPU time beside it, which other programs move less. */
async function timed(work: () => Promise<unknown>): Promise<string> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return `${seconds.toFixed(1)} s by the clock, ${((user + system) / 1e6).toFixed(1)} s CPU`;
}

function whole(n: number): string {
  return Math.round(n).toLocaleString('en');
}
