import type { Identity } from '../sealed/identity.js';
import type { Contact } from '../sealed/contact.js';
import type { Evidence, Origin } from '../vocabulary/words.js';
import type { ClaimRequest } from '../claims/make-claim.js';

/** The whole act of one person, as the device that hears it has it. It exists in memory only, until it is sealed. */
export interface Registration {
  /** Who the person is. Sealed; never published, except the first name where the person asks for it. */
  readonly identity: Identity;
  /** How to reach the person and what to do if they are caught. Sealed; never published. */
  readonly contact?: Contact;
  readonly statement: StatementInput;
  /** How the call came in, e.g. `phone`, `web`, `in-person`. Not stored. */
  readonly channel?: string;
  /**
   * A phrase with which the person comes back. Default: `words` where the channel is given and is not `phone`; else `none`,
   * because whoever taps the line would hear it.
   */
  readonly claim?: ClaimRequest;
  /** For `registerMany`: rows with the same value came in one call. The value itself is stored nowhere. */
  readonly group?: string;
}

/** What a call says once for everybody. Names are each member's own, sealed ones and shown ones. */
export interface SharedFields extends Pick<Registration, 'contact' | 'channel' | 'claim'> {
  readonly statement?: Omit<Partial<StatementInput>, 'alias' | 'useName'>;
}

/** A registration that may leave out what is shared. What it has wins, in `contact` and `statement` field by field. */
export type GroupMember = Omit<Registration, 'statement'> & { readonly statement?: Partial<StatementInput> };

/** What the person wants published. */
export interface StatementInput {
  /** The public alias. If neither it nor `useName` is given, one is suggested. */
  readonly alias?: string;
  /** Publish the first of `identity.names`. Needs evidence `contact` or `verified`; otherwise the alias is shown. */
  readonly useName?: boolean;
  /** Ids of 1–8 configured categories, each once. */
  readonly categories: readonly string[];
  /** At most 2 KiB of UTF-8. */
  readonly text?: string;
  /** Default `stated`. */
  readonly evidence?: Evidence;
  /** Default `live`. */
  readonly origin?: Origin;
  /** `YYYY-MM`; default: this month. */
  readonly period?: string;
}
