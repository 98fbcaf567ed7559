/** What the claims store is asked. It knows neither world: a locator leads to a fixed-size row only the phrase can open. */
export interface ClaimStore {
  /** Insert-if-absent, one transaction, rows sorted by locator. */
  insert(rows: readonly ClaimRow[]): Promise<void>;
  get(locator: Uint8Array): Promise<Uint8Array | undefined>;
  /**
   * The row at `locator` or, where there is none, another one: the same work for both, so that time says nothing. Undefined only in an
   * empty store. The caller compares the locators, without a branch.
   */
  nearest(locator: Uint8Array): Promise<ClaimRow | undefined>;
  /** 32 random bytes made with the store; what unknown locators are answered with follows from them, so that an answer stays the same. */
  dummySecret(): Promise<Uint8Array>;
  count(): Promise<number>;
  check(): Promise<readonly { readonly store: string; readonly problem: string }[]>;
}

/** A registration's claim, a dummy, or a reply to a request: all look alike. */
export interface ClaimRow {
  /** 32 bytes; for a reply its mailbox. */
  readonly locator: Uint8Array;
  /** 296 bytes, for real and dummy rows alike. */
  readonly row: Uint8Array;
}
