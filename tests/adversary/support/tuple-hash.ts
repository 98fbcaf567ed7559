import { createHash } from 'node:crypto';

/** The tuple (x1 … xn) of docs/spec/encoding.md: each item after its length. */
export function encodedTuple(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as Uint8Array);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** T(x1 … xn) of docs/spec/encoding.md: what anybody can compute who has read the specification. */
export function tupleHash(...parts: readonly (string | Uint8Array)[]): Buffer {
  return createHash('sha256')
    .update(encodedTuple(...parts))
    .digest();
}
