import { nodeBackend } from '../../../src/backends/node.js';
import { openRecord } from '../../../src/custodian.js';
import { concatBytes } from '../../../src/foundation/bytes.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { makePolicy, type Registry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { decodeInner, type InnerSubmission } from '../../../src/submit/inner-format.js';
import { inlineOpener, type Opener } from '../../../src/registry/opener.js';
import { workerOpener } from '../../../src/sqlite.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { registrationOf } from '../support/people.js';
import { decapsulateRaw } from '../support/primitives.js';
import { PlainTable } from '../support/plain-table.js';
import type { Workshop } from '../support/workshop.js';

const WARM_RECORDS = 3000;
/** Least in one measurement, of both sides: a machine that slept before a short burst of work is slower in it than in a long one. */
const LEAST_RECORDS = 500;

/** `threads`: as the library sorts, with its threads running, by wall time; else the CPU time of everything on one thread. */
export function sortCase(records: number, threads: boolean): BenchCase {
  return {
    name: threads ? `sort.${records}{sqlite}` : `sort.${records}.cpu{sqlite}`,
    build: async (workshop) => {
      const waiting = await workshop.withInbox(records);
      const rows = storedRows(await sampleInner(workshop));
      const table = new PlainTable(workshop);
      const decapsulate = decapsulateRaw();
      const opener = threads ? await runningThreads(workshop) : inlineOpener({ backend: nodeBackend });
      const batches = Math.ceil(LEAST_RECORDS / records);
      let registries: { readonly folder: string; readonly registry: Registry }[] = [];
      let sorted = 0;
      const candidate = {
        prepare: async () => {
          registries = [];
          sorted = 0;
          for (let i = 0; i < batches; i++) {
            const folder = workshop.copy(waiting);
            registries.push({ folder, registry: await workshop.open(folder, { opener }) });
          }
        },
        run: async () => {
          for (const { registry } of registries) sorted += (await registry.sort()).sorted;
        },
        check: async () => {
          must(sorted === batches * records, 'records are missing after the sort');
          for (const { folder, registry } of registries) {
            const { ok, records: stored, inbox } = await registry.health();
            must(ok && stored === records && inbox.waiting === 0, 'records are missing after the sort');
            await assertOneOpens(registry, workshop);
            await workshop.discard(registry, folder);
          }
        },
      };
      // The compiler of each thread has seen as much as in a service that stays up.
      for (let seen = 0; seen < (threads ? WARM_RECORDS : 0); seen += batches * records) {
        await candidate.prepare();
        await candidate.run();
        await candidate.check();
      }
      return {
        measure: threads ? 'wall' : 'cpu',
        against:
          'one raw decapsulation a record (ML-KEM with the expanded key of 2,400 bytes, P-256; node backend) + B0 of its four rows, as many in one transaction',
        ...(threads ? { target: { most: 1 / 0.8, says: 'rate of at least 0.8 of decapsulation and plain inserts' } } : {}),
        unit: 'record',
        times: batches * records,
        countWrites: threads,
        candidate,
        baseline: {
          prepare: () => table.open(),
          run: (times) => {
            for (let i = 0; i < times; i++) decapsulate();
            for (let done = 0; done < times; done += records) table.insert(repeated(rows, Math.min(records, times - done)));
          },
          check: (times) => table.finish(rows.length * times),
        },
      };
    },
  };
}

/** Threads that are running already, as in a service that stays up; ended with the benchmark. */
export async function runningThreads(workshop: Workshop): Promise<Opener> {
  const threads = workerOpener();
  workshop.onClose(() => threads.close());
  const { keys } = await workshop.custody();
  // So many that the threads are started, none of which there is a key for.
  const jobs = Array.from({ length: 512 }, () => ({ epoch: 0, submission: new Uint8Array(1) }));
  await threads.open(jobs, new Map(), { custody: keys, policy: makePolicy('tiny', ['party']) });
  return { ...threads, close: async () => undefined };
}

async function sampleInner(workshop: Workshop): Promise<InnerSubmission> {
  const folder = await workshop.blankCopy();
  const registry = await workshop.open(folder);
  const { inner } = makeSubmission(registrationOf(0), await registry.publicKeys(), { clock: workshop.clock, backend: nodeBackend });
  await workshop.discard(registry, folder);
  return decodeInner(inner.reveal());
}

/** The bytes one record leaves in vault, shred store, pool and claims; digests and the shred's nonce and tag are stood in for by random ones. */
function storedRows(inner: InnerSubmission): readonly Uint8Array[] {
  const { recordId, identity, contact, link, salt, statement, locator, claimRow } = inner;
  const random = (length: number): Uint8Array => systemRandom.bytes(length);
  return [
    concatBytes(recordId, random(32), identity, contact, link),
    concatBytes(recordId, random(72)),
    concatBytes(random(16), random(32), salt, statement),
    concatBytes(locator, claimRow),
  ];
}

function* repeated(rows: readonly Uint8Array[], times: number): Generator<Uint8Array> {
  for (let i = 0; i < times; i++) yield* rows;
}

export async function assertOneOpens(registry: Registry, workshop: Workshop): Promise<void> {
  const { shares } = await workshop.custody();
  for await (const id of registry.sealed.ids()) {
    const sealed = await registry.sealed.get(id);
    if (sealed === undefined) throw new Error('the benchmark did wrong work: a record is gone');
    const { contact } = await openRecord(sealed, shares.vault.slice(0, 3), ['contact']);
    must(contact?.phones?.length === 1, 'a sorted record does not open');
    return;
  }
}
