import { randomBytes } from 'node:crypto';

/** What anybody can send without a key or a name: the right length, the right header (public), noise inside. */
export function garbageLike(submission: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([submission.subarray(0, 16), randomBytes(submission.length - 16)]));
}
