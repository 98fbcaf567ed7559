/**
 * Which room may reach which, as data. Patterns: `*` within one folder, `**` any depth, `{a,b}` either. The first rule whose `files` match a
 * source is its rule; a source without a rule is a violation. Type-only imports count like any other.
 */
export interface RoomRule {
  readonly room: string;
  readonly files: readonly string[];
  /** Sources these files may import by any means. */
  readonly imports: readonly string[];
  /** Sources they may import for types only. */
  readonly types?: readonly string[];
  /** Sources they may load with `import()` only; what lies behind is not counted as reached. */
  readonly lazy?: readonly string[];
  /** Sources that may be reached at all, through any chain. Left out: whatever the direct rules allow. */
  readonly reaches?: readonly string[];
  /** Sources that no chain may reach. Stronger than every list above. */
  readonly never?: readonly string[];
  /** npm packages these files may import directly. */
  readonly packages: readonly string[];
  /** May these files import `node:*`? */
  readonly builtins?: true;
  /** No chain (lazy ones aside) may reach a Node built-in or a database driver. */
  readonly portable?: true;
}

const FOUNDATION = ['src/foundation/**'];
const WORDS = ['src/vocabulary/**', ...FOUNDATION];
const SEALED = ['src/sealed/**'];
const PUBLIC = ['src/public/**'];
const CLAIMS = ['src/claims/**'];
const INSIDE = ['src/registry/**', 'src/stores/**', 'src/backends/**', 'src/edges/**'];

/** Whatever opens a sealed thing, or makes, splits or combines a private key that does. */
const OPENING = [
  'src/**/open-*.ts',
  'src/**/*-open.ts',
  'src/**/split-*.ts',
  'src/**/*private-key*.ts',
  'src/sealed/keys/{create-custody,scalar-sharing}.ts',
];
/** Opening with the custodians' keys. A registry holds epoch keys and opens submissions, but never these. */
const VAULT_OPENING = [
  'src/sealed/open-*.ts',
  'src/sealed/keys/open-*.ts',
  'src/sealed/keys/{split-key,create-custody,scalar-sharing}.ts',
  'src/custodian.ts',
];

/** The files of a store by the world they keep; `open-stores` and `create-stores` only put the three side by side. */
const SEALED_STORES = ['src/stores/*/{sealed,inbox,vault,shred}*.ts'];
const PUBLIC_STORES = ['src/stores/*/public*.ts'];
const CLAIMS_STORES = ['src/stores/*/claims*.ts'];
const KEY_STORES = ['src/stores/*/{keys,key-files,settings-file}.ts'];
const LOG_KEY_STORES = ['src/stores/*/log-{key,key-files,rows}.ts'];

export const ROOM_RULES: readonly RoomRule[] = [
  { room: 'foundation', files: FOUNDATION, imports: FOUNDATION, packages: ['@noble/**'], portable: true },
  { room: 'vocabulary', files: ['src/vocabulary/**'], imports: WORDS, packages: [], portable: true },
  { room: 'log', files: ['src/log/**'], imports: ['src/log/**', ...FOUNDATION], packages: [], portable: true },
  { room: 'backends', files: ['src/backends/**'], imports: ['src/backends/**', ...FOUNDATION], packages: ['@noble/**'], builtins: true },
  {
    room: 'sealed',
    files: SEALED,
    imports: [...SEALED, ...WORDS],
    never: [...PUBLIC, ...CLAIMS],
    packages: ['zod', 'shamir-secret-sharing'],
    portable: true,
  },
  {
    room: 'public',
    files: PUBLIC,
    imports: [...PUBLIC, 'src/log/**', ...WORDS],
    never: [...SEALED, ...CLAIMS],
    packages: ['zod'],
    portable: true,
  },
  {
    room: 'claims',
    files: CLAIMS,
    // κ belongs to neither world, like the claims; its derivation knows ids and hashes only.
    imports: [...CLAIMS, 'src/submit/kappa-keys.ts', ...WORDS],
    never: [...SEALED, ...PUBLIC],
    packages: ['@scure/bip39', '@scure/bip39/**', '@noble/hashes/scrypt.js'],
    portable: true,
  },
  {
    room: 'submit',
    files: ['src/submit/**'],
    imports: [
      'src/submit/**',
      ...SEALED,
      'src/public/{alias*,statement*,text,suggest-aliases,leak-check,change}.ts',
      'src/claims/{make-*,claim-key,claim,reply-keys}.ts',
      ...WORDS,
    ],
    reaches: [
      'src/submit/**',
      ...SEALED,
      'src/public/{alias*,statement*,text,shape,suggest-aliases,leak-check,content,change}.ts',
      'src/claims/{make-*,phrase,claim-key,claim,reply-keys,ports}.ts',
      ...WORDS,
    ],
    never: [...OPENING, ...INSIDE],
    packages: ['zod'],
    portable: true,
  },
  {
    room: 'registry',
    files: ['src/registry/**'],
    imports: ['src/registry/**', ...SEALED, ...PUBLIC, ...CLAIMS, 'src/submit/**', 'src/log/**', ...WORDS],
    never: [...VAULT_OPENING, 'src/stores/**', 'src/backends/**', 'src/edges/**'],
    packages: ['zod'],
    portable: true,
  },
  {
    room: 'stores: sealed',
    files: SEALED_STORES,
    imports: ['src/stores/**', ...WORDS],
    types: ['src/sealed/ports.ts'],
    never: [...PUBLIC, ...CLAIMS, ...PUBLIC_STORES, ...CLAIMS_STORES],
    packages: [],
    builtins: true,
  },
  {
    room: 'stores: public',
    files: PUBLIC_STORES,
    // The names of the counters stand in one place, and a store's self-check sums the entries by them.
    imports: ['src/stores/**', 'src/public/counts/counters.ts', ...WORDS],
    reaches: ['src/stores/**', 'src/log/**', ...PUBLIC, ...WORDS],
    types: ['src/public/{ports,log-ports,export/export-target}.ts', 'src/log/{ports,append}.ts'],
    never: [...SEALED, ...CLAIMS, ...SEALED_STORES, ...CLAIMS_STORES, ...KEY_STORES],
    packages: [],
    builtins: true,
  },
  {
    room: 'stores: claims',
    files: CLAIMS_STORES,
    imports: ['src/stores/**', ...WORDS],
    types: ['src/claims/ports.ts'],
    never: [...SEALED, ...PUBLIC, ...SEALED_STORES, ...PUBLIC_STORES, ...KEY_STORES],
    packages: [],
    builtins: true,
  },
  {
    room: 'stores: key of the log',
    files: LOG_KEY_STORES,
    imports: ['src/stores/**', ...WORDS],
    types: ['src/log/ports.ts'],
    never: [...SEALED, ...PUBLIC, ...CLAIMS, ...SEALED_STORES, ...PUBLIC_STORES, ...CLAIMS_STORES, ...KEY_STORES],
    packages: [],
    builtins: true,
  },
  {
    room: 'stores: keys and the three side by side',
    files: [...KEY_STORES, 'src/stores/*/{open,create}-stores.ts'],
    imports: ['src/stores/**', ...WORDS],
    types: ['src/sealed/ports.ts', 'src/registry/stores.ts'],
    // The shape of a whole set of stores names everything a registry keeps; as types only.
    reaches: ['src/**'],
    packages: [],
    builtins: true,
  },
  {
    room: 'stores: shared',
    files: ['src/stores/**'],
    imports: ['src/stores/**', ...WORDS],
    never: [...SEALED, ...PUBLIC, ...CLAIMS, 'src/registry/**', ...SEALED_STORES, ...PUBLIC_STORES, ...CLAIMS_STORES, ...KEY_STORES],
    packages: ['better-sqlite3'],
    builtins: true,
  },
  {
    room: 'edges: threads',
    files: ['src/edges/threads/**'],
    imports: [],
    packages: [],
    builtins: true,
  },
  {
    room: 'edges: sealing workers',
    files: ['src/edges/sealing/**'],
    imports: ['src/edges/sealing/**', 'src/edges/threads/**', 'src/intake.ts', 'src/backends/**'],
    reaches: [
      'src/edges/sealing/**',
      'src/edges/threads/**',
      'src/intake.ts',
      'src/backends/**',
      'src/submit/**',
      ...SEALED,
      ...PUBLIC,
      ...CLAIMS,
      ...WORDS,
    ],
    never: ['src/sealed/open-*.ts', 'src/sealed/keys/open-*.ts', 'src/registry/**', 'src/stores/**'],
    packages: [],
    builtins: true,
  },
  {
    room: 'edges: opening workers',
    files: ['src/edges/opening/**'],
    // The sort's own opening, with epoch keys: no entry exports it, because nobody but the sort has those keys.
    imports: ['src/edges/opening/**', 'src/edges/threads/**', 'src/registry/{open-many,settings}.ts', 'src/backends/**', ...FOUNDATION],
    reaches: [
      'src/edges/{opening,threads}/**',
      'src/registry/{open-many,open-submission,settings}.ts',
      'src/backends/**',
      'src/submit/*-format.ts',
      ...SEALED,
      ...PUBLIC,
      ...CLAIMS,
      ...WORDS,
    ],
    never: [...VAULT_OPENING, 'src/stores/**'],
    packages: [],
    builtins: true,
  },
  {
    room: 'edges',
    files: ['src/edges/**'],
    imports: ['src/edges/**', 'src/*.ts'],
    reaches: ['src/**'],
    packages: ['csv-parse', 'csv-parse/**'],
    builtins: true,
  },
  {
    room: 'entry .',
    files: ['src/index.ts'],
    imports: ['src/registry/**', 'src/submit/**', 'src/log/**', ...SEALED, ...PUBLIC, ...CLAIMS, ...WORDS],
    lazy: ['src/sqlite.ts'],
    never: [...VAULT_OPENING, 'src/stores/**', 'src/backends/**', 'src/edges/**'],
    packages: [],
    portable: true,
  },
  {
    room: 'entry ./intake',
    files: ['src/intake.ts'],
    imports: ['src/submit/**', ...SEALED, ...PUBLIC, 'src/claims/make-*.ts', ...WORDS],
    types: CLAIMS,
    reaches: ['src/submit/**', ...SEALED, ...PUBLIC, ...CLAIMS, ...WORDS],
    never: [...OPENING, ...INSIDE],
    packages: [],
    portable: true,
  },
  {
    room: 'entry ./person',
    files: ['src/person.ts'],
    imports: ['src/submit/**', 'src/claims/**', 'src/sealed/keys/public-keys.ts', ...WORDS],
    reaches: ['src/submit/**', ...SEALED, ...PUBLIC, ...CLAIMS, ...WORDS],
    never: [...VAULT_OPENING, ...INSIDE],
    packages: [],
    portable: true,
  },
  {
    room: 'entry ./verify',
    files: ['src/verify.ts'],
    imports: [...PUBLIC, 'src/log/**', ...WORDS],
    never: [...SEALED, ...CLAIMS, 'src/submit/**', ...INSIDE],
    packages: [],
    portable: true,
  },
  {
    room: 'entry ./witness',
    files: ['src/witness.ts'],
    imports: ['src/log/**', ...FOUNDATION],
    never: [...SEALED, ...PUBLIC, ...CLAIMS, 'src/submit/**', ...INSIDE],
    packages: [],
    portable: true,
  },
  {
    room: 'entry ./custodian',
    files: ['src/custodian.ts'],
    imports: [...SEALED, 'src/log/**', ...WORDS],
    never: [...PUBLIC, ...CLAIMS, 'src/submit/**', ...INSIDE],
    packages: [],
    portable: true,
  },
  {
    room: 'entry ./sqlite',
    files: ['src/sqlite.ts'],
    imports: ['src/stores/{sqlite,files}/**', 'src/backends/**', 'src/edges/{sealing,opening}/**'],
    reaches: ['src/**'],
    never: VAULT_OPENING,
    packages: [],
  },
  {
    room: 'entry ./testing',
    files: ['src/testing.ts', 'src/testing/**'],
    imports: ['src/**'],
    never: ['src/edges/cli/**'],
    packages: ['@noble/**'],
    builtins: true,
  },
];

/** Packages that count as a database driver. */
export const DRIVERS = ['better-sqlite3', 'pg', 'kysely'];

const compiled = new Map<string, RegExp>();

export function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    let regex = compiled.get(pattern);
    if (regex === undefined) {
      regex = globToRegex(pattern);
      compiled.set(pattern, regex);
    }
    return regex.test(path);
  });
}

function globToRegex(glob: string): RegExp {
  const parts = glob.split(/(\*\*\/|\*\*|\*|\{[^}]*\})/);
  const source = parts.map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part.startsWith('{'))
      return `(?:${part
        .slice(1, -1)
        .split(',')
        .map((each) => quote(each).replaceAll('\\*', '[^/]*'))
        .join('|')})`;
    return quote(part);
  });
  return new RegExp(`^${source.join('')}$`);
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
