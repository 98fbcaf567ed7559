import { createHash } from 'node:crypto';

/** T(x1 … xn) of docs/spec/encoding.md: what anybody can compute who has read the specification. */
export function tupleHash(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part as Uint8Array);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest();
}
