import { nodeBackend } from '../../../src/backends/node.js';
import { openRecord, type SealedRecord } from '../../../src/custodian.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import {
  baseGenerator,
  decodePoint,
  decodeScalar,
  multiplyBase,
  publicDifference,
  randomScalar,
  secondGenerator,
} from '../../../src/foundation/p256-group.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { idToHex } from '../../../src/vocabulary/ids.js';
import { makeSubmission } from '../../../src/intake.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { type Comparison, must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { registrationOf } from '../support/people.js';
import type { Workshop } from '../support/workshop.js';

const QUORUM = 3;

/**
 * The identities of `records` people at level L1, one after the other: three share files are read and verified, the key is put together, one
 * compartment opened, the key wiped, for each of them.
 */
export function openQuorumCase(records: number, times: number): BenchCase {
  return { name: `open.quorum.${records}{noble}`, build: (workshop) => build(workshop, records, times) };
}

async function build(workshop: Workshop, records: number, times: number): Promise<Omit<Comparison, 'name'>> {
  const { keys, shares } = await workshop.custody();
  const folder = await workshop.blankCopy();
  const registry = await workshop.open(folder);
  const publicKeys = await registry.publicKeys();
  await workshop.discard(registry, folder);
  const sealed = Array.from({ length: records }, (_, i) => {
    const made = makeSubmission(registrationOf(i), publicKeys, { clock: workshop.clock, backend: nodeBackend });
    const inner = decodeInner(made.inner.reveal());
    return { ...inner, recordId: idToHex(inner.recordId) };
  });
  const primitives = rawOpening(keys.vault.slice(-65));
  let names: (string | undefined)[] = [];
  return {
    measure: 'cpu',
    against: 'its raw primitives: 1 decapsulation, the tag’s 2 double multiplications, 1 base multiplication for each of 3 shares',
    unit: 'record',
    times,
    candidate: {
      run: async (count) => {
        names = [];
        for (let i = 0; i < count; i++) {
          const { identity } = await openRecord(sealed[i % records] as SealedRecord, shares.vault.slice(0, QUORUM), ['identity']);
          names.push(identity?.names[0]);
        }
      },
      check: () =>
        must(
          names.every((name, i) => name === registrationOf(i % records).identity.names[0]),
          'a record does not open to its name',
        ),
    },
    baseline: {
      run: (count) => {
        for (let i = 0; i < count; i++) primitives();
      },
    },
  };
}

function rawOpening(point: Uint8Array): () => void {
  const seed = systemRandom.bytes(64);
  const { ciphertext } = nobleBackend.mlKem768Encapsulate(nobleBackend.mlKem768PublicKey(seed), systemRandom);
  const decoded = decodePoint(point);
  return () => {
    const scalars = [randomScalar(systemRandom), randomScalar(systemRandom)].map(decodeScalar);
    const [r = 1n, c = 1n] = scalars;
    must(nobleBackend.mlKem768Decapsulate(ciphertext, seed).length === 32, 'ML-KEM gave a wrong length');
    must(nobleBackend.p256SharedX(randomScalar(systemRandom), point).length === 32, 'P-256 gave a wrong length');
    const points = [publicDifference(r, baseGenerator, c, decoded), publicDifference(r, secondGenerator(), c, decoded)];
    for (let share = 0; share < QUORUM; share++) points.push(multiplyBase(r));
    must(!points.some((one) => one.is0()), 'a multiplication gave the identity');
  };
}
