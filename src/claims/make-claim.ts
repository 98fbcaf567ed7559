import { ByteWriter } from '../foundation/byte-writer.js';
import { utf8, wipe } from '../foundation/bytes.js';
import type { Random } from '../foundation/random.js';
import { Secret } from '../foundation/secret.js';
import { LABELS } from '../foundation/labels.js';
import { deriveClaimKey } from './claim-key.js';
import { CLAIM_ROW_LENGTH, LOCATOR_LENGTH, makeRow, ROW_NONCE_LENGTH } from './make-row.js';
import type { ClaimRow } from './ports.js';
import { PHRASE_ENTROPY_LENGTH, type PhraseLanguage, phraseFromEntropy } from './phrase.js';

/** `none`: a dummy row. `words`: 12 English words. An object: another language, or a PIN besides. */
export type ClaimRequest = 'none' | 'words' | { readonly pin?: string; readonly language?: PhraseLanguage };

export interface MadeClaim {
  readonly row: ClaimRow;
  /** Shown to the person once; stored nowhere. */
  readonly phrase: Secret<string> | undefined;
}

const MAGIC = utf8('cn/clm/1');

/**
 * The claim row of a registration: κ under a key that only the phrase gives, or random bytes of the same length.
 * A seized claims store shows how many registrations there are; real and dummy rows cannot be told apart. Throws `PIN_INVALID`.
 */
export function makeClaim(kappa: Uint8Array, request: ClaimRequest, random: Random): MadeClaim {
  if (request === 'none') return { row: { locator: random.bytes(LOCATOR_LENGTH), row: random.bytes(CLAIM_ROW_LENGTH) }, phrase: undefined };
  const { pin, language = 'en' } = request === 'words' ? {} : request;
  const entropy = random.bytes(PHRASE_ENTROPY_LENGTH);
  const { locator, rowKey } = deriveClaimKey(entropy, pin);
  const nonce = random.bytes(ROW_NONCE_LENGTH);
  const replySeed = random.bytes(32);
  const content = new ByteWriter().fixed(MAGIC, MAGIC.length).fixed(kappa, 32).fixed(replySeed, 32).finish();
  const row = makeRow(content, { key: rowKey, label: LABELS.claimRow, locator }, nonce);
  const phrase = new Secret(phraseFromEntropy(entropy, language));
  wipe(entropy, rowKey, content);
  return { row: { locator, row }, phrase };
}
