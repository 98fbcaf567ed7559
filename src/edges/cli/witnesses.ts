import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RegistryError, type Witnesses } from '../../index.js';
import { encodeVerifierKey, parsePolicy } from '../../witness.js';
import { fetchWitness } from './witness-connection.js';

/**
 * Everything a publication needs to know, from the one file that readers use too: a tlog-policy whose witness lines carry addresses
 * (`witness NAME KEY https://witness.example`). A witness without an address counts and is not asked: its cosignature has to come otherwise.
 * What is handed on as the policy, and published in `log.json`, has neither comments nor addresses: operators write telephone numbers there.
 * Throws `LOG_POLICY_INVALID`, or `USAGE` for an address that is none.
 */
export function witnessesOfPolicy(policy: string, deadlineSeconds?: number): Witnesses {
  const connections = parsePolicy(policy).witnesses.flatMap(({ key, url }) =>
    url === undefined ? [] : [fetchWitness(url, encodeVerifierKey(key))],
  );
  return { policy: withoutAddresses(policy), connections, ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }) };
}

/** Of a policy that was read already. */
function withoutAddresses(policy: string): string {
  const words = policy.split('\n').map((line) => line.split(/[\t ]+/).filter((word) => word !== ''));
  const kept = words.filter(([keyword]) => keyword !== undefined && !keyword.startsWith('#'));
  const withAddress: Readonly<Record<string, number>> = { log: 2, witness: 3 };
  return kept.map((line) => `${line.slice(0, withAddress[line[0] ?? '']).join(' ')}\n`).join('');
}

/** Where a registry's folder has that file; it is the operator who puts it there. */
const FILE = ['keys', 'log', 'witnesses'] as const;

/** The witnesses of the registry in `dir`; undefined: its folder names none. Throws as above, and `STORE_FAILED`. */
export function registryWitnesses(dir: string): Witnesses | undefined {
  let policy: string;
  try {
    policy = readFileSync(join(dir, ...FILE), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new RegistryError('STORE_FAILED', 'the file of the witnesses cannot be read');
  }
  return witnessesOfPolicy(policy);
}
