import { utf8 } from '../../src/foundation/bytes.js';
import type { HybridPrivateKey } from '../../src/foundation/hybrid-kem.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../src/foundation/hybrid-kem-open.js';
import type { CompartmentName } from '../../src/sealed/compartment.js';
import { sealRecord } from '../../src/sealed/seal-record.js';
import type { SealedRecord } from '../../src/sealed/record.js';
import { toHex } from '../../src/foundation/bytes.js';
import { normaliseContact } from '../../src/sealed/contact.js';
import { normaliseIdentity } from '../../src/sealed/identity.js';
import type { CryptoOptions } from '../../src/foundation/backend.js';
import { seededRandom } from './crypto-fixtures.js';

export interface KeyPair {
  readonly privateKey: HybridPrivateKey;
  readonly publicKey: Uint8Array;
}

export function keyPair(seed: string): KeyPair {
  const privateKey = generateHybridPrivateKey({ random: seededRandom(seed) });
  return { privateKey, publicKey: hybridPublicKey(privateKey) };
}

export function id(seed: string): Uint8Array {
  return seededRandom(`id ${seed}`).bytes(16);
}

export function shredOf(seed: string): Uint8Array {
  return seededRandom(`shred ${seed}`).bytes(32);
}

export const PLAINTEXTS: Readonly<Record<CompartmentName, Uint8Array>> = {
  identity: utf8('{"names":["王小明"]}'),
  contact: utf8('{"phones":["+86 130 0000 0000"]}'),
  link: utf8('cn/lnk/1 or whatever fits'),
};

export const IDENTITY = normaliseIdentity({ names: ['王小明', 'Wang Xiaoming', 'وانغ'], birthDate: '1970-02-28', declared: 'self' });
export const CONTACT = normaliseContact({ phones: ['+86 130 0000 0000'], address: '1 North Street\nTown', mayContact: false });

/** A whole record of one person, with link parts that differ by seed. */
export function recordOf(
  seed: string,
  keys: { readonly vault: Uint8Array; readonly link: Uint8Array },
  options: CryptoOptions = {},
): SealedRecord {
  const recordId = id(seed);
  const shred = shredOf(seed);
  const link = { entryId: id(`${seed} entry`), groupId: id(`${seed} group`), registrarMark: id(`${seed} mark`) };
  const input = { recordId, identity: IDENTITY, contact: CONTACT, link, shred, vaultKey: keys.vault, linkKey: keys.link };
  return { recordId: toHex(recordId), shred, ...sealRecord(input, options) };
}

/** The rejection's code, its class, or `returned`; and the custodian it names. */
export async function rejectionOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'returned';
  } catch (error) {
    if (!(error instanceof Error)) return 'not an error';
    const { code, details } = error as Error & { code?: string; details?: { custodian?: number } };
    if (code === undefined) return error.constructor.name;
    return details?.custodian === undefined ? code : `${code} ${details.custodian}`;
  }
}

/** Pearson's statistic of byte samples against uniform; 255 degrees of freedom, so a fair source exceeds 330.5 once in a thousand. */
export function chiSquare(samples: Uint8Array): number {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const sample of samples) counts[sample] = (counts[sample] as number) + 1;
  const expected = samples.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
