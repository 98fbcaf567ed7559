import { equalBytes } from '../../foundation/bytes.js';
import { isShareOf } from './scalar-sharing.js';
import { badShare, type ShareEnvelope, seedShareHash, shareSetId } from './share-envelope.js';

/**
 * Returns the envelope when it is a good share of the set it names; needs no other share, so every custodian can do it alone.
 *
 * Checked: the set id is that of the public values; the scalar share lies on the committed polynomial; the seed share has the hash that the
 * set lists. Throws `SHARE_BAD` with `details.custodian`.
 */
export function verifyShare(envelope: ShareEnvelope): ShareEnvelope {
  const { purpose, keyId, custodian, seedShare } = envelope;
  const listed = envelope.seedHashes[custodian - 1];
  const good =
    equalBytes(envelope.setId, shareSetId(envelope)) &&
    listed !== undefined &&
    equalBytes(listed, seedShareHash(purpose, keyId, custodian, seedShare)) &&
    isShareOf(envelope.commitments, custodian, envelope.scalarShare);
  if (!good) throw badShare(custodian);
  return envelope;
}
