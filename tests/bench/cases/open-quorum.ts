import { nodeBackend } from '../../../src/backends/node.js';
import { openRecord } from '../../../src/custodian.js';
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
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { registrationOf } from '../support/people.js';

const QUORUM = 3;

/** One record's identity at level L1: three share files are read and verified, the key is put together, one compartment opened, the key wiped. */
export const openQuorumCase: BenchCase = {
  name: 'open.quorum.1{noble}',
  build: async (workshop) => {
    const { keys, shares } = await workshop.custody();
    const folder = await workshop.blankCopy();
    const registry = await workshop.open(folder);
    const registration = registrationOf(0);
    const made = makeSubmission(registration, await registry.publicKeys(), { clock: workshop.clock, backend: nodeBackend });
    await workshop.discard(registry, folder);
    const inner = decodeInner(made.inner.reveal());
    const record = { ...inner, recordId: idToHex(inner.recordId) };
    const primitives = rawOpening(keys.vault.slice(-65));
    let name: string | undefined;
    return {
      measure: 'cpu',
      against: 'its raw primitives: 1 decapsulation, the tag’s 2 double multiplications, 1 base multiplication for each of 3 shares',
      unit: 'record',
      times: 5,
      candidate: {
        run: async (times) => {
          for (let i = 0; i < times; i++) {
            const { identity } = await openRecord(record, shares.vault.slice(0, QUORUM), ['identity']);
            name = identity?.names[0];
          }
        },
        check: () => must(name === registration.identity.names[0], 'the record does not open to its name'),
      },
      baseline: {
        run: (times) => {
          for (let i = 0; i < times; i++) primitives();
        },
      },
    };
  },
};

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
