import type { Backend } from '../../../src/foundation/backend.js';
import { equalBytes, utf8 } from '../../../src/foundation/bytes.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { openCompartment } from '../../../src/sealed/open-compartment.js';
import { sealCompartment } from '../../../src/sealed/seal-compartment.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { encapsulateRaw, tagRaw } from '../support/primitives.js';

export function sealCompartmentCase(backend: Backend): BenchCase {
  return {
    name: `seal.compartment{${backend.name}}`,
    build: async () => {
      const privateKey = generateHybridPrivateKey({ backend });
      const publicKey = hybridPublicKey(privateKey, { backend });
      const holderId = systemRandom.bytes(16);
      const shred = systemRandom.bytes(32);
      const plaintext = utf8('{"names":["Example"]}');
      let sealed = new Uint8Array();
      return {
        measure: 'cpu',
        against:
          'its raw primitives: 1 ML-KEM encapsulation, 2 P-256 multiplications, and the 3 of its tag (e·Ḡ and w·Ḡ are noble’s on every backend)',
        unit: 'compartment',
        times: 40,
        target: { most: 1 / 0.8, says: 'rate of at least 0.8 of the primitives' },
        candidate: {
          run: (times) => {
            for (let i = 0; i < times; i++)
              sealed = new Uint8Array(
                sealCompartment({ holderId, compartment: 'identity', plaintext, shred, recipients: [publicKey] }, { backend }),
              );
          },
          check: () => {
            const opened = openCompartment({ holderId, compartment: 'identity', sealed, shred, privateKey }, { backend });
            must(equalBytes(opened, plaintext), 'what was sealed does not open');
          },
        },
        baseline: {
          run: (times) => {
            for (let i = 0; i < times; i++) {
              encapsulateRaw(publicKey, backend);
              tagRaw(backend);
            }
          },
        },
      };
    },
  };
}
