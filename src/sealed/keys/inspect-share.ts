import { toHex } from '../../foundation/bytes.js';
import { Secret } from '../../foundation/secret.js';
import { parseShare } from './share-armour.js';
import type { SharePurpose } from './share-envelope.js';
import { verifyShare } from './verify-share.js';

/** What a share says about itself, without anything secret. */
export interface ShareInfo {
  readonly purpose: SharePurpose;
  readonly custodian: number;
  readonly quorum: number;
  readonly custodians: number;
  /** Equal for all shares that can be combined; 32 hex digits. */
  readonly setId: string;
  /** 32 hex digits; compare it with the id of the published key. */
  readonly keyId: string;
}

/**
 * The drill: "do you still hold a good share?" Verifies one armoured share alone and reconstructs nothing.
 * When all n custodians report the same set id and different numbers, any quorum of them can open.
 * Throws `SHARE_INVALID` or `SHARE_BAD`.
 */
export function inspectShare(share: string | Secret<string>): ShareInfo {
  const envelope = verifyShare(parseShare(share instanceof Secret ? share.reveal() : share));
  const { purpose, custodian, quorum, custodians, setId, keyId } = envelope;
  return { purpose, custodian, quorum, custodians, setId: toHex(setId), keyId: toHex(keyId) };
}
