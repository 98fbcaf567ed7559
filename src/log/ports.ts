/**
 * The log's signing key and the last checkpoint it signed, kept beside each other and apart from the tree: a register that is restored from
 * an old backup then finds that its log has gone further, and signs nothing, instead of forking its own history.
 *
 * A seized key lets its holder sign another history. It opens nothing and names nobody; witnesses and whoever keeps an older checkpoint see the fork.
 */
export interface LogKeyStore {
  /** The signing key as text (docs/spec/log.md, signer key); undefined: none was made. */
  key(): Promise<string | undefined>;
  /** Insert-if-absent: of two makers the first wins, so use only what is read back. */
  putKey(key: string): Promise<void>;
  /** The checkpoint note with the greatest size ever signed; undefined: none. */
  signed(): Promise<SignedCheckpoint | undefined>;
  /**
   * Remembers what was signed, before anybody sees it: insert-if-absent by size, so that no two roots of one size are ever signed. Gives what
   * is stored for that size, which may be another maker's. Smaller ones may be forgotten, so a size below the greatest is refused: `STORE_BUSY`
   * (retryable).
   */
  putSigned(checkpoint: SignedCheckpoint): Promise<SignedCheckpoint>;
  check(): Promise<readonly { readonly store: string; readonly problem: string }[]>;
}

export interface SignedCheckpoint {
  /** Leaves of the tree, 1 or more. */
  readonly size: number;
  /** Signed note (docs/spec/log.md). */
  readonly note: string;
}
