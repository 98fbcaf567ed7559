import { equalBytes, fromBase64, toBase64, toHex } from '../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { HYBRID_PUBLIC_KEY_LENGTH } from '../foundation/hybrid-kem.js';
import type { CustodyPublicKeys } from '../sealed/keys/public-keys.js';
import { assertPolicy, type Policy } from '../vocabulary/policy.js';

/** What a registry fixes when it is created: its rules, and the public keys whose private halves the custodians hold. Nothing secret. */
export interface RegistrySettings {
  readonly policy: Policy;
  readonly custody: CustodyPublicKeys;
}

const MAX_BYTES = 64 * 1024;

/** `dir/keys/registry.json`: canonical JSON `{custody: {link, quarantine, vault}, policy, v: 1}`, keys in base64. */
export function encodeSettings(settings: RegistrySettings): Uint8Array {
  const { custody, policy } = settings;
  assertPolicy(policy);
  if (new Set([custody.vault, custody.link, custody.quarantine].map(toHex)).size !== 3) {
    throw new RegistryError('KEYS_INVALID', 'vault, link and quarantine need keys of their own');
  }
  return encodeCanonicalJson({
    v: 1,
    policy: policy as unknown as JsonValue,
    custody: { vault: encodeKey(custody.vault), link: encodeKey(custody.link), quarantine: encodeKey(custody.quarantine) },
  });
}

/** Strict inverse of `encodeSettings`. Throws `POLICY_INVALID` for the policy, `KEYS_INVALID` for everything else. */
export function decodeSettings(bytes: Uint8Array): RegistrySettings {
  const invalid = new RegistryError('KEYS_INVALID', 'malformed registry settings');
  try {
    const value = decodeCanonicalJson(bytes, MAX_BYTES) as unknown as {
      v: number;
      policy: Policy;
      custody: { vault: string; link: string; quarantine: string };
    };
    assertPolicy(value.policy);
    if (value.v !== 1) throw invalid;
    const { vault, link, quarantine } = value.custody;
    const settings = {
      policy: value.policy,
      custody: { vault: decodeKey(vault), link: decodeKey(link), quarantine: decodeKey(quarantine) },
    };
    if (!equalBytes(encodeSettings(settings), bytes)) throw invalid;
    return settings;
  } catch (error) {
    throw error instanceof RegistryError && error.code === 'POLICY_INVALID' ? error : invalid;
  }
}

function encodeKey(key: Uint8Array): string {
  if (key.length !== HYBRID_PUBLIC_KEY_LENGTH) throw new RegistryError('KEYS_INVALID', 'a custody key has the wrong length');
  return toBase64(key);
}

function decodeKey(text: string): Uint8Array {
  const key = fromBase64(text);
  if (key.length !== HYBRID_PUBLIC_KEY_LENGTH) throw new RegistryError('KEYS_INVALID', 'a custody key has the wrong length');
  return key;
}
