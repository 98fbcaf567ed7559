import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createCustody } from '../../custodian.js';
import { makePolicy, openRegistry, type Policy, RegistryError } from '../../index.js';
import { openSqliteStores } from '../../sqlite.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { makeCustodyFolder, shareFileName, writeShares } from './custody-folder.js';
import type { Output } from './output.js';
import { assertApart, isInsideRegistry, realPlace } from './place.js';
import { printJson } from './print.js';

const MOST_CUSTODIANS = 16;
const DEFAULT_CATEGORIES = 'party,league,pioneers';

export const init: Command = {
  name: 'init',
  summary: 'make a registry, and the custodians’ shares apart from it',
  usage: [
    'init --dir D --custody C [--quorum 3] [--custodians 5] [--policy tiny|standard] [--categories party,league,pioneers] [--origin NAME]',
  ],
  details: [
    '--dir        a new folder: sealed records, public entries, public keys',
    '--custody    another new folder, best on a medium of its own: one file for each custodian and key',
    '--quorum     how many custodians open a record together',
    '--policy     standard hides each call among at least 20; tiny publishes at once (for trials)',
    '--origin     name of the public log: the address where it will be published, without https://; it cannot be changed later',
  ],
  options: { dir: 'text', custody: 'text', quorum: 'text', custodians: 'text', policy: 'text', categories: 'text', origin: 'text' },
  run: async (args, { output, injected }) => {
    const dir = realPlace(args.need('dir'));
    const custody = realPlace(args.need('custody'));
    const custodians = args.whole('custodians', 2, MOST_CUSTODIANS) ?? 5;
    const quorum = args.whole('quorum', 2, custodians) ?? Math.min(3, custodians);
    const policy = policyOf(args);
    const origin = args.text('origin');
    if (origin !== undefined && !isLogName(origin))
      throw usageError('--origin is a name without spaces and without +, e.g. register.example.org');
    assertApart(dir, custody);
    assertNew(dir);
    if (isInsideRegistry(dir) || isInsideRegistry(custody))
      throw new RegistryError('REGISTRY_EXISTS', 'these folders would lie inside another registry; take one outside');

    // The stores first: a missing driver or a read-only disk shows before any key exists.
    await (await openSqliteStores(dir, { create: true })).close();
    makeCustodyFolder(custody);
    assertApart(dir, custody);
    const { keys, shares } = await createCustody({ quorum, custodians });
    writeShares(custody, shares);
    const registry = await openRegistry({ dir, keys, policy, ...(origin === undefined ? {} : { origin }) }, injected);
    const logKey = await registry.log.verifierKey();
    await registry.close();

    const made = { logKey, policy: policy.preset, categories: policy.categories.map(({ id }) => id), quorum, custodians };
    if (args.flag('json')) printJson(output, made);
    else printNextSteps(made, custody, output);
    return EXIT.ok;
  },
};

function policyOf(args: Arguments): Policy {
  const preset = args.oneOf('policy', ['tiny', 'standard']) ?? 'standard';
  const categories = (args.text('categories') ?? DEFAULT_CATEGORIES).split(',').map((id) => id.trim());
  try {
    return makePolicy(preset, categories);
  } catch {
    throw usageError('--categories takes 1 to 64 different ids of a-z, 0-9 and -, joined by commas');
  }
}

/** What an `init` that was interrupted before its end leaves; it may be run again over it. */
const OWN_FOLDERS = ['sealed', 'shred', 'public', 'claims', 'keys'];

function assertNew(dir: string): void {
  if (existsSync(join(dir, 'keys', 'registry.json'))) throw new RegistryError('REGISTRY_EXISTS', 'there is a registry here already');
  let names: string[] = [];
  try {
    if (existsSync(dir)) names = readdirSync(dir);
  } catch {
    throw usageError('--dir is not a folder');
  }
  if (names.some((name) => !OWN_FOLDERS.includes(name)))
    throw new RegistryError('REGISTRY_EXISTS', 'the folder holds something else; take a new one');
}

/** As signed notes want their key names (docs/spec/log.md). */
function isLogName(name: string): boolean {
  return /^[^\s\p{Cc}+]{1,255}$/u.test(name);
}

interface Made {
  readonly logKey: string;
  readonly policy: string;
  readonly categories: readonly string[];
  readonly quorum: number;
  readonly custodians: number;
}

function printNextSteps({ logKey, policy, categories, quorum, custodians }: Made, custody: string, output: Output): void {
  const file = (purpose: 'vault' | 'link' | 'quarantine', custodian: number): string => shareFileName(purpose, custodian, custodians);
  output.out(`The registry is ready (policy ${policy}; categories ${categories.join(', ')}).

Any ${quorum} of ${custodians} custodians together can open records. Fewer cannot, and nobody else can.
Their files lie in ${custody}

What to do now
  1. Give each file ${file('vault', 1)} to ${file('vault', custodians)} to a different person.
  2. Do the same with link/${file('link', 1)} … (they tie a person to an alias) and with
     quarantine/${file('quarantine', 1)} …; best to other people than those of step 1.
  3. Remove all of them from this machine, and keep them out of its backups. If too many
     shares are lost, the sealed names are lost for good.
  4. Every day: cryptonym maintain, then cryptonym publish, each with --dir.
  5. Print the log's public key where nobody can exchange it (a newspaper, a partner's site):
     ${logKey}
     Its private half is keys/log/key in the registry's folder; keep one copy of that file elsewhere.
`);
  if (policy === 'tiny')
    output.out('\nThe policy tiny hides nobody among others: whoever sees a call and the next batch can match them.\n');
}
