/** What the claims store is asked. It knows neither world: a locator leads to a fixed-size row only the phrase can open. */
export interface ClaimStore {
  /** Insert-if-absent, one transaction, rows sorted by locator. */
  insert(rows: readonly ClaimRow[]): Promise<void>;
  get(locator: Uint8Array): Promise<Uint8Array | undefined>;
  count(): Promise<number>;
  check(): Promise<readonly { readonly store: string; readonly problem: string }[]>;
}

export interface ClaimRow {
  /** 32 bytes. */
  readonly locator: Uint8Array;
  /** 296 bytes, for real and dummy rows alike. */
  readonly row: Uint8Array;
}
