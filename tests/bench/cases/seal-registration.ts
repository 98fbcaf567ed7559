import { openRecordWithKey } from '../../../src/custodian.js';
import type { Backend } from '../../../src/foundation/backend.js';
import { today } from '../../../src/foundation/clock.js';
import { rememberKeys } from '../../../src/foundation/remembered-keys.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { makeSubmission, type PublicKeys } from '../../../src/intake.js';
import { openOuter } from '../../../src/registry/open-submission.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { idToHex } from '../../../src/vocabulary/ids.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { CATEGORIES, registrationOf } from '../support/people.js';
import { encapsulateRaw, tagRaw } from '../support/primitives.js';

/** The whole work of a device for one person: checks, three compartments, dummy slots, outer layer. */
export function sealRegistrationCase(backend: Backend): BenchCase {
  return {
    name: `seal.registration{${backend.name}}`,
    build: async ({ clock }) => {
      const [vault, link, quarantine, epoch] = [0, 1, 2, 3].map(() => generateHybridPrivateKey({ backend }));
      if (vault === undefined || link === undefined || quarantine === undefined || epoch === undefined) throw new Error('no keys');
      const day = today(clock);
      const keys: PublicKeys = {
        vault: hybridPublicKey(vault, { backend }),
        link: hybridPublicKey(link, { backend }),
        quarantine: hybridPublicKey(quarantine, { backend }),
        epochs: [{ epoch: day, expires: day + 7, publicKey: hybridPublicKey(epoch, { backend }) }],
        categories: CATEGORIES.map((id) => ({ id })),
      };
      const registration = registrationOf(0);
      // As a registry and `sealMany` do.
      const remembering = rememberKeys(backend);
      let bytes = new Uint8Array();
      return {
        measure: 'cpu',
        against: 'its raw primitives: 4 hybrid encapsulations, 3 tags’ 3 multiplications each, 2 Ed25519 keys',
        unit: 'registration',
        times: 20,
        target: { most: 1 / 0.8, says: 'rate of at least 0.8 of the primitives' },
        candidate: {
          run: (times) => {
            for (let i = 0; i < times; i++)
              bytes = new Uint8Array(makeSubmission(registration, keys, { backend: remembering, clock }).bytes);
          },
          check: () => {
            const inner = decodeInner(openOuter(bytes, epoch, { backend }));
            const record = { ...inner, recordId: idToHex(inner.recordId) };
            const { identity } = openRecordWithKey(record, { vault, link }, ['identity', 'contact', 'link'], { backend });
            must(identity?.names[0] === registration.identity.names[0], 'the record does not open to its name');
          },
        },
        baseline: {
          run: (times) => {
            for (let i = 0; i < times; i++) {
              for (let enc = 0; enc < 4; enc++) encapsulateRaw(keys.vault, backend);
              for (let tag = 0; tag < 3; tag++) tagRaw(backend);
              for (let key = 0; key < 2; key++)
                must(backend.ed25519PublicKey(systemRandom.bytes(32)).length === 32, 'a key has a wrong length');
            }
          },
        },
      };
    },
  };
}
