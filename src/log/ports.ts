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
  /** The checkpoint note that was signed last; undefined: none. */
  signed(): Promise<SignedCheckpoint | undefined>;
  /**
   * Remembers what was signed, before anybody sees it: a compare-and-swap on the size it goes on from (`after`; 0: the first), so that one
   * checkpoint is never followed by two. Gives what is stored after it, which may be another maker's. If something was signed after that
   * already, `STORE_BUSY` (retryable: read `signed` again).
   */
  putSigned(checkpoint: SignedCheckpoint, after: number): Promise<SignedCheckpoint>;
  check(): Promise<readonly { readonly store: string; readonly problem: string }[]>;
}

export interface SignedCheckpoint {
  /** Leaves of the tree, 1 or more. */
  readonly size: number;
  /** Signed note (docs/spec/log.md). */
  readonly note: string;
}
