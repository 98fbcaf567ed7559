import { equalBytes } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { lineReader } from './lines.js';
import { type KeyType, type NoteVerifier, readVerifierKey } from './verifier-key.js';

export interface PolicyLog {
  readonly key: NoteVerifier;
  readonly url?: string;
}

export interface PolicyWitness extends PolicyLog {
  /** Its name in this policy, which need not be that of its key. */
  readonly name: string;
}

/** At least `threshold` of `members` (witnesses or groups) must have cosigned. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** A C2SP tlog-policy. `quorum` is a witness, a group or `none`. */
export interface LogPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: readonly PolicyGroup[];
  readonly quorum: string;
}

const MAX_POLICY_BYTES = 64 * 1024;
const read = /* @__PURE__ */ lineReader('LOG_POLICY_INVALID', 'log policy');

/**
 * Reads a policy (C2SP tlog-policy, "Policy file syntax and structure"). Only space, tab and newline separate; what is not ASCII is
 * compared as it stands. Throws `LOG_POLICY_INVALID`.
 */
export function parsePolicy(text: string): LogPolicy {
  // The allowed octets: tab, newline, 0x20 to 0x7e, and everything from 0x80 on.
  if (/[^\t\n -~\u0080-\u{10ffff}]/u.test(read.text(text, MAX_POLICY_BYTES))) throw read.invalid();
  const logs: PolicyLog[] = [];
  const witnesses: PolicyWitness[] = [];
  const groups: PolicyGroup[] = [];
  /** Witnesses and groups, in one namespace, and whether a group has it as a member already. */
  const names = new Map<string, boolean>();
  let quorum: string | undefined;

  const define = (name: string | undefined): string => {
    if (name === undefined || name === 'none' || names.has(name)) throw read.invalid();
    names.set(name, false);
    return name;
  };
  const keywords: Readonly<Record<string, (words: readonly string[]) => void>> = {
    log([key, url, ...more]) {
      if (more.length > 0) throw read.invalid();
      logs.push(withUrl(newKey(key, 1, logs), url));
    },
    witness([name, key, url, ...more]) {
      if (more.length > 0) throw read.invalid();
      witnesses.push({ name: define(name), ...withUrl(newKey(key, 4, witnesses), url) });
    },
    group([name, rule, ...members]) {
      for (const member of members) {
        // "Each defined name can be listed as a group member at most once": nobody counts twice.
        if (names.get(member) !== false) throw read.invalid();
        names.set(member, true);
      }
      const threshold = rule === 'any' ? 1 : rule === 'all' ? members.length : read.decimal(rule);
      if (threshold < 1 || threshold > members.length) throw read.invalid();
      groups.push({ name: define(name), threshold, members });
    },
    quorum([name = '', ...more]) {
      if (quorum !== undefined || more.length > 0 || (name !== 'none' && !names.has(name))) throw read.invalid();
      quorum = name;
    },
  };
  for (const line of text.split('\n')) {
    const [keyword = '#', ...words] = line.split(/[\t ]+/).filter((word) => word !== '');
    if (keyword.startsWith('#')) continue;
    if (!Object.hasOwn(keywords, keyword)) throw read.invalid();
    keywords[keyword]?.(words);
  }
  if (quorum === undefined) throw read.invalid();
  return { logs, witnesses, groups, quorum };
}

function withUrl(key: NoteVerifier, url: string | undefined): PolicyLog {
  return url === undefined ? { key } : { key, url };
}

/** Two keys are duplicates if they wrap the same public key, whatever their names. */
function newKey(vkey: string | undefined, type: KeyType, others: readonly PolicyLog[]): NoteVerifier {
  const key = readVerifierKey(vkey ?? '', read);
  if (key.type !== type || others.some((other) => equalBytes(other.key.publicKey, key.publicKey))) throw read.invalid();
  return key;
}

/** Returns if those who cosigned (key objects of the policy's own witnesses) are a quorum. Throws `WITNESSES_TOO_FEW`. */
export function requireQuorum(policy: LogPolicy, cosigned: ReadonlySet<NoteVerifier>): void {
  const witnessed = new Set(['none']);
  for (const { name, key } of policy.witnesses) if (cosigned.has(key)) witnessed.add(name);
  // Members of a group are defined before it.
  for (const { name, threshold, members } of policy.groups)
    if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name);
  if (!witnessed.has(policy.quorum)) throw new RegistryError('WITNESSES_TOO_FEW', 'too few witnesses cosigned');
}
