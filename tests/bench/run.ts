import { nodeBackend } from '../../src/backends/node.js';
import type { Backend } from '../../src/foundation/backend.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../src/foundation/hybrid-kem-open.js';
import { splitPublicKey } from '../../src/foundation/hybrid-kem.js';
import { nobleBackend } from '../../src/foundation/noble-backend.js';
import { randomScalar } from '../../src/foundation/p256-group.js';
import { systemRandom } from '../../src/foundation/random.js';
import { openCompartment } from '../../src/sealed/open-compartment.js';
import { sealCompartment } from '../../src/sealed/seal-compartment.js';
import { type Comparison, compare, environmentLine, resultLine } from './harness.js';

/** `seal.compartment{backend}`: one sealed identity ÷ one ML-KEM encapsulation and two P-256 multiplications of the same backend. */
function sealCompartmentBench(name: string, backend: Backend): Comparison {
  const privateKey = generateHybridPrivateKey({ backend });
  const publicKey = hybridPublicKey(privateKey, { backend });
  const { mlKem, point } = splitPublicKey(publicKey);
  const holderId = systemRandom.bytes(16);
  const shred = systemRandom.bytes(32);
  const plaintext = new TextEncoder().encode('{"names":["Example"]}');
  return {
    name: `seal.compartment{${name}}`,
    times: 20,
    candidate: {
      name: 'sealCompartment',
      run: (times) => {
        let sealed: Uint8Array | undefined;
        for (let i = 0; i < times; i++)
          sealed = sealCompartment({ holderId, compartment: 'identity', plaintext, shred, recipients: [publicKey] }, { backend });
        if (sealed === undefined) throw new Error('nothing was sealed');
        const opened = openCompartment({ holderId, compartment: 'identity', sealed, shred, privateKey }, { backend });
        if (Buffer.compare(opened, plaintext) !== 0) throw new Error('what was sealed does not open');
      },
    },
    baseline: {
      name: 'raw primitives',
      run: (times) => {
        for (let i = 0; i < times; i++) {
          const scalar = randomScalar(systemRandom);
          const { sharedSecret } = backend.mlKem768Encapsulate(mlKem, systemRandom);
          if (
            sharedSecret.length !== 32 ||
            backend.p256PublicKey(scalar).length !== 65 ||
            backend.p256SharedX(scalar, point).length !== 32
          ) {
            throw new Error('a primitive gave a wrong length');
          }
        }
      },
    },
  };
}

process.stdout.write(`${environmentLine()}\n`);
for (const [name, backend] of [
  ['noble', nobleBackend],
  ['node', nodeBackend],
] as const) {
  process.stdout.write(`${resultLine(await compare(sealCompartmentBench(name, backend)))}\n`);
}
