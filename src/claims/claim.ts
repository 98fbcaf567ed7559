import type { Secret } from '../foundation/secret.js';
import type { EntryId, RecordId } from '../vocabulary/ids.js';

/** What a person holds after the phrase was found: the way to both sides of the own registration, and nobody else's. */
export interface Claim {
  /** Sealed side, 32 hex digits. Beside `entryId` it is the link the library keeps apart: show it, store it nowhere. */
  readonly recordId: RecordId;
  /** Public side, 32 hex digits. */
  readonly entryId: EntryId;
  readonly secret: Secret<ClaimSecret>;
}

export interface ClaimSecret {
  /** κ, 32 bytes: signs for record and entry. */
  readonly kappa: Uint8Array;
  /** 32 bytes. */
  readonly replySeed: Uint8Array;
}

/** How a device asks for 296 bytes at a locator: `registry.lookUp`, or a request to a server that calls it. */
export type LookUp = (locator: Uint8Array) => Promise<Uint8Array>;
