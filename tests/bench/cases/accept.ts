import { today } from '../../../src/foundation/clock.js';
import { HYBRID_ENC_LENGTH } from '../../../src/foundation/hybrid-kem.js';
import { systemRandom } from '../../../src/foundation/random.js';
import type { Registry } from '../../../src/index.js';
import { EPOCH_VALID_DAYS } from '../../../src/registry/epochs.js';
import { encodeOuter, INNER_LENGTH } from '../../../src/submit/outer-format.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { PlainTable } from '../support/plain-table.js';
import type { Workshop } from '../support/workshop.js';

const AEAD_TAG_LENGTH = 16;
/** Stored before the clock starts, on both sides: the first pages of a new file and of its log cost more than all later ones. */
const ALREADY_THERE = 400;

/** `batch`: submissions in one call and one transaction; 1 is the call of a single device. `times`: submissions in one measurement. */
export function acceptCase(batch: number, times: number): BenchCase {
  return {
    name: `accept.${batch}{sqlite}`,
    build: async (workshop) => {
      const before = sealedLookalikes(ALREADY_THERE, workshop);
      const submissions = sealedLookalikes(times, workshop);
      const table = new PlainTable(workshop);
      let folder: string;
      let registry: Registry;
      return {
        measure: 'wall',
        against: `B0: one plain INSERT of the same 24 KiB each, ${batch} a transaction, same pragmas`,
        unit: 'record',
        times,
        ...(batch < 100 ? {} : { target: { most: 1 / 0.9, says: 'rate of at least 0.9 of B0 at 100 or more' } }),
        countWrites: true,
        candidate: {
          prepare: async () => {
            folder = await workshop.blankCopy();
            registry = await workshop.open(folder);
            await registry.acceptMany(before);
          },
          run: async () => {
            for (const part of inBatches(submissions, times, batch))
              await (batch === 1 ? registry.accept(part[0] as Uint8Array) : registry.acceptMany(part));
          },
          check: async () => {
            must((await registry.health()).inbox.waiting === ALREADY_THERE + times, 'accepted submissions are missing');
            await workshop.discard(registry, folder);
          },
        },
        baseline: {
          prepare: async () => {
            await table.open();
            table.insert(before);
          },
          run: (rows) => {
            for (const part of inBatches(submissions, rows, batch)) table.insert(part);
          },
          check: (rows) => table.finish(ALREADY_THERE + rows),
        },
      };
    },
  };
}

/** Right outside, random inside. Intake cannot tell the difference, which is the point of its design, and sealing thousands takes minutes. */
function sealedLookalikes(count: number, { clock }: Workshop): readonly Uint8Array[] {
  const epoch = today(clock);
  return Array.from({ length: count }, () =>
    encodeOuter({
      epoch,
      expires: epoch + EPOCH_VALID_DAYS,
      enc: systemRandom.bytes(HYBRID_ENC_LENGTH),
      ciphertext: systemRandom.bytes(INNER_LENGTH + AEAD_TAG_LENGTH),
    }),
  );
}

/**
 * `count` submissions, from the beginning again where there are fewer. A tenth more of them makes the batches larger, not their number, where
 * another batch would be more than a tenth more work.
 */
function* inBatches(submissions: readonly Uint8Array[], count: number, batch: number): Generator<readonly Uint8Array[]> {
  const size = Math.ceil(count / Math.max(1, Math.floor(count / batch)));
  for (let done = 0; done < count; done += size)
    yield Array.from({ length: Math.min(size, count - done) }, (_, i) => submissions[(done + i) % submissions.length] as Uint8Array);
}
