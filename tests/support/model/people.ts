import { deriveClaimKey } from '../../../src/claims/claim-key.js';
import { openClaim } from '../../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../../src/claims/open-phrase.js';
import type { Custody } from '../../../src/custodian.js';
import type { Random } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { publicKeysOf } from './world.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { deriveKappaKeys } from '../../../src/submit/kappa-keys.js';
import { idToHex } from '../../../src/vocabulary/ids.js';

/** Somebody whose registration was sealed once; a device may wrap it again and again. */
export interface ModelPerson {
  readonly name: string;
  readonly alias: string;
  /** The padded inside. */
  readonly inner: Uint8Array;
  readonly kappa: Uint8Array;
  readonly replySeed: Uint8Array;
  readonly recordId: string;
  readonly entryId: string;
  readonly evidence: 'stated' | 'contact';
}

const ALIASES = ['jin fu', 'wan shun', 'ping an', 'he le'];

/** The same people for the same custody and `random`. */
export async function makePeople(count: number, custody: Custody, random: Random): Promise<readonly ModelPerson[]> {
  const { keys, clock } = await publicKeysOf(custody);
  return Array.from({ length: count }, (_, i) => {
    const name = `Person Number${i}`;
    const alias = ALIASES[i % ALIASES.length] as string;
    const evidence = i % 3 === 0 ? 'contact' : 'stated';
    const made = makeSubmission(
      { identity: { names: [name] }, statement: { alias, categories: [i % 4 === 0 ? 'league' : 'party'], evidence }, claim: 'words' },
      keys,
      { clock, backend: nodeBackend, random },
    );
    const inner = made.inner.reveal();
    const { claimRow } = decodeInner(inner);
    const { kappa, replySeed } = openClaim(claimRow, deriveClaimKey(entropyFromPhrase(made.claim?.reveal() ?? '')));
    const { recordId } = deriveKappaKeys(kappa, { backend: nodeBackend });
    return { name, alias, inner, kappa, replySeed, recordId: idToHex(recordId), entryId: made.entryId, evidence };
  });
}
