/** Cuts ciphertexts by the published layout (docs/spec): what must never occur twice. */
export interface Part {
  readonly kind: string;
  readonly bytes: Buffer;
}

const KEM_CIPHERTEXT = 1088;
const POINT = 65;
export const ENC = KEM_CIPHERTEXT + POINT;

function encParts(enc: Buffer): Part[] {
  return [
    { kind: 'enc', bytes: enc },
    { kind: 'ML-KEM ciphertext', bytes: enc.subarray(0, KEM_CIPHERTEXT) },
    { kind: 'ephemeral point', bytes: enc.subarray(KEM_CIPHERTEXT) },
  ];
}

/** 'cn/cmp/1' ‖ suite ‖ compartment ‖ commit 32 ‖ count ‖ wraps (key id 16 ‖ enc 1153 ‖ ct 48 ‖ tag 97) ‖ nonce 24 ‖ body. */
export function compartmentParts(bytes: Buffer): Part[] {
  const parts: Part[] = [{ kind: 'commitment', bytes: bytes.subarray(10, 42) }];
  const count = bytes[42] as number;
  let at = 43;
  for (let i = 0; i < count; i++) {
    at += 16;
    parts.push(...encParts(bytes.subarray(at, at + ENC)));
    at += ENC;
    parts.push({ kind: 'wrapped data key', bytes: bytes.subarray(at, at + 48) });
    at += 48;
    parts.push({ kind: 'second point of the proof', bytes: bytes.subarray(at, at + 33) });
    parts.push({ kind: 'challenge of the proof', bytes: bytes.subarray(at + 33, at + 65) });
    parts.push({ kind: 'response of the proof', bytes: bytes.subarray(at + 65, at + 97) });
    at += 97;
  }
  parts.push({ kind: 'nonce', bytes: bytes.subarray(at, at + 24) });
  parts.push({ kind: 'start of ciphertext', bytes: bytes.subarray(at + 24, at + 56) });
  return parts;
}

/** 'cn/sub/1' ‖ epoch u32 ‖ expires u32 ‖ enc 1153 ‖ ciphertext. */
export function submissionParts(bytes: Buffer): Part[] {
  return [...encParts(bytes.subarray(16, 16 + ENC)), { kind: 'start of ciphertext', bytes: bytes.subarray(16 + ENC, 16 + ENC + 32) }];
}

/** The kind of every value that equals an earlier one, of whatever kind. */
export function repeats(parts: readonly Part[]): string[] {
  const seen = new Set<string>();
  return parts
    .filter(({ bytes }) => {
      const key = bytes.toString('latin1');
      if (seen.has(key)) return true;
      seen.add(key);
      return false;
    })
    .map(({ kind }) => kind);
}
