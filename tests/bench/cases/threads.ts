import { nodeBackend } from '../../../src/backends/node.js';
import type { Injected, Registry } from '../../../src/index.js';
import { inlineOpener } from '../../../src/registry/opener.js';
import { inlineSealer, type Sealer } from '../../../src/registry/sealer.js';
import { workerSealer } from '../../../src/sqlite.js';
import { type Candidate, must, type Target } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { registrationOf } from '../support/people.js';
import type { Workshop } from '../support/workshop.js';
import { assertOneOpens, runningThreads } from './sort.js';

const BOTH_CORES: Target = { most: 0.8, says: 'clearly less than one thread takes, on two cores' };

/** The whole sort, stores and all, with the threads the library uses by itself: they are running, as in a service that stays up. */
export function sortThreadsCase(records: number): BenchCase {
  return {
    name: `sort.${records}.threads{sqlite}`,
    build: async (workshop) => {
      const waiting = await workshop.withInbox(records);
      return {
        measure: 'wall',
        against: 'the same sort on one thread',
        unit: 'record',
        times: records,
        target: BOTH_CORES,
        candidate: sorter(workshop, waiting, records, { opener: await runningThreads(workshop) }),
        baseline: sorter(workshop, waiting, records, { opener: inlineOpener({ backend: nodeBackend }) }),
      };
    },
  };
}

/** A sort takes what waits, so `times` is always what waits; the +10 % control sorts a tenth more. */
function sorter(workshop: Workshop, waiting: string, records: number, injected: Injected): Candidate {
  let folder: string;
  let registry: Registry;
  let sorted = 0;
  return {
    prepare: async (times) => {
      folder = times > records ? await workshop.withInbox(times) : workshop.copy(waiting);
      registry = await workshop.open(folder, injected);
    },
    run: async () => {
      ({ sorted } = await registry.sort());
    },
    check: async (times) => {
      must(sorted === Math.max(times, records), 'records are missing after the sort');
      await assertOneOpens(registry, workshop);
      await workshop.discard(registry, folder);
    },
  };
}

/** Bulk sealing, as an import does it. */
export function sealThreadsCase(registrations: number): BenchCase {
  return {
    name: `seal.${registrations}.threads{node}`,
    build: async (workshop) => {
      const folder = await workshop.blankCopy();
      const registry = await workshop.open(folder);
      const publicKeys = await registry.publicKeys();
      await workshop.discard(registry, folder);
      const threads = workerSealer();
      workshop.onClose(() => threads.close());
      const sealing = (sealer: Sealer): Candidate => {
        let sealed = 0;
        return {
          run: async (times) => {
            const jobs = Array.from({ length: times }, (_, i) => ({ registration: registrationOf(i), groupId: undefined }));
            const outcomes = await sealer.seal(jobs, publicKeys, workshop.clock.now());
            sealed = outcomes.filter((outcome) => 'bytes' in outcome && outcome.bytes.length === 24_576).length;
          },
          check: (times) => must(sealed === times, 'a registration was not sealed'),
        };
      };
      return {
        measure: 'wall',
        against: 'the same registrations on one thread',
        unit: 'registration',
        times: registrations,
        target: BOTH_CORES,
        candidate: sealing(threads),
        baseline: sealing(inlineSealer({ backend: nodeBackend })),
      };
    },
  };
}
