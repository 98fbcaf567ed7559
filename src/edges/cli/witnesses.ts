import type { Witnesses } from '../../index.js';
import { encodeVerifierKey, parsePolicy } from '../../witness.js';
import { fetchWitness } from './witness-connection.js';

/**
 * Everything a publication needs to know, from the one file that readers use too: a tlog-policy whose witness lines carry addresses
 * (`witness NAME KEY https://witness.example`). A witness without an address counts and is not asked: its cosignature has to come otherwise.
 * Throws `LOG_POLICY_INVALID`, or `USAGE` for an address that is none.
 */
export function witnessesOfPolicy(policy: string, deadlineSeconds?: number): Witnesses {
  const connections = parsePolicy(policy).witnesses.flatMap(({ key, url }) =>
    url === undefined ? [] : [fetchWitness(url, encodeVerifierKey(key))],
  );
  return { policy, connections, ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }) };
}
