/**
 * Where a static export is written: a folder, a bucket. Paths are relative, with `/`, made of letters, digits, `.`, `-` and `/` (docs/spec/export.md).
 * Everything in it is public. Whoever controls the target can hold files back or exchange them, and every verifier notices.
 */
export interface ExportTarget {
  /** Undefined: not there. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all; replaces what is there. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** No error if it is not there. */
  remove(path: string): Promise<void>;
  /** Makes everything written so far last; the checkpoint is written only after it. */
  flush(): Promise<void>;
}
