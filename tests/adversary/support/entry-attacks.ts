import { join } from 'node:path';
import type * as Custodian from '../../../src/custodian.js';
import type * as Library from '../../../src/index.js';
import type * as Intake from '../../../src/intake.js';
import { registrationOf } from './build.js';
import type { ErrorWatch } from './error-watch.js';
import { CANARIES, type HostileValue, quiet } from './hostile.js';
import { once } from './registration-attacks.js';

/** Canaries given to every other public entry. */
type Values = () => readonly HostileValue[];

export async function attackRegistry(watch: ErrorWatch, registry: Library.Registry, values: Values) {
  const unlisted = () => once(registrationOf(1, { categories: [] }));
  for (const [shape, value] of values()) {
    const bad = value as never;
    const calls: Record<string, () => unknown> = {
      'register id': () => registry.register(registrationOf(1), { id: bad }),
      'register options': () => registry.register(registrationOf(1, { categories: [] }), bad),
      registerGroup: () => registry.registerGroup(bad),
      'registerGroup options': () => registry.registerGroup([], bad),
      registerMany: () => registry.registerMany(bad),
      'registerMany source': () => registry.registerMany(unlisted(), { source: bad }),
      'registerMany batchSize': () => registry.registerMany(unlisted(), { batchSize: bad }),
      accept: () => registry.accept(bad),
      acceptMany: () => registry.acceptMany(bad),
      'acceptMany member': () => registry.acceptMany([bad]),
      'publish at': () => registry.publish({ at: bad }),
      'publish options': () => registry.publish(bad),
      'entries from': () => registry.entries({ from: bad }),
      'entries limit': () => registry.entries({ limit: bad }),
      'entries options': () => registry.entries(bad),
      'sealed.get': () => registry.sealed.get(bad),
    };
    // Options and iterables of the caller's own making may throw the caller's own errors.
    const mayThrow = ['register id', 'registerMany batchSize', 'entries from', 'entries limit', 'sealed.get'];
    for (const [name, call] of Object.entries(calls))
      if (!/throws/u.test(shape) || mayThrow.includes(name)) await watch.attempt(`${name} = ${shape}`, call);
  }
}

export interface Opening {
  readonly library: Pick<typeof Library, 'openRegistry' | 'makePolicy' | 'suggestAliases'>;
  readonly root: string;
  readonly keys: Library.CustodyPublicKeys;
  readonly policy: Library.Policy;
}

export async function attackOpening(watch: ErrorWatch, { library, root, keys, policy }: Opening, values: Values) {
  const { openRegistry, makePolicy, suggestAliases } = library;
  const dir = join(root, 'new');
  for (const [shape, value] of quiet(values())) {
    const bad = value as never;
    const labelled = { id: 'party', label: bad };
    const calls: Record<string, () => unknown> = {
      openRegistry: () => openRegistry(bad),
      'openRegistry dir': () => openRegistry({ dir: typeof value === 'string' ? join(root, value.slice(0, 40)) : bad }),
      'openRegistry keys': () => openRegistry({ dir, keys: bad, policy }),
      'openRegistry vault key': () => openRegistry({ dir, keys: { ...keys, vault: bad }, policy }),
      'openRegistry policy': () => openRegistry({ dir, keys, policy: bad }),
      'openRegistry categories': () => openRegistry({ dir, keys, policy: { ...policy, categories: [{ id: bad }] } }),
      'openRegistry stores': () => openRegistry({ stores: bad }),
      'makePolicy preset': () => makePolicy(bad, ['party']),
      'makePolicy categories': () => makePolicy('tiny', bad),
      'makePolicy category': () => makePolicy('tiny', [bad]),
      'makePolicy label': () => makePolicy('tiny', [labelled, labelled]),
      'suggestAliases count': () => suggestAliases(bad),
      'suggestAliases avoid': () => suggestAliases(1, { avoid: bad }),
      'suggestAliases avoid member': () => suggestAliases(1, { avoid: [bad] }),
    };
    for (const [name, call] of Object.entries(calls)) await watch.attempt(`${name} = ${shape}`, call);
  }
}

export interface Device {
  readonly intake: typeof Intake;
  readonly custodian: typeof Custodian;
  readonly keys: Intake.PublicKeys;
  readonly options: Intake.MakeSubmissionOptions;
  readonly sealed: Library.SealedRecord;
  readonly shares: Custodian.Custody['shares']['vault'];
}

export async function attackDevice(watch: ErrorWatch, { intake, custodian, keys, options, sealed, shares }: Device, values: Values) {
  const share = shares[0] as Custodian.ShareEnvelopeFile;
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const [shape, value] of quiet(values())) {
    const bad = value as never;
    const text = typeof value === 'string' ? value : shape;
    const calls: Record<string, () => unknown> = {
      'makeSubmission keys': () => intake.makeSubmission(registrationOf(1), bad),
      'makeSubmission vault key': () => intake.makeSubmission(registrationOf(1), { ...keys, vault: bad }, options),
      'makeSubmission epochs': () => intake.makeSubmission(registrationOf(1), { ...keys, epochs: bad }, options),
      'makeSubmission groupId': () => intake.makeSubmission(registrationOf(1), keys, { ...options, groupId: bad }),
      rewrapSubmission: () => intake.rewrapSubmission(bad, keys, options),
      decodePublicKeys: () => intake.decodePublicKeys(bad),
      'decodePublicKeys of JSON': () => intake.decodePublicKeys(bytes(JSON.stringify({ [CANARIES[0]]: text, vault: text }))),
      'decodePublicKeys of text': () => intake.decodePublicKeys(bytes(text)),
      encodePublicKeys: () => intake.encodePublicKeys(bad),
      'openRecord record': () => custodian.openRecord(bad, [share], ['identity']),
      'openRecord id': () => custodian.openRecord({ ...sealed, recordId: bad }, shares, ['identity']),
      'openRecord body': () => custodian.openRecord({ ...sealed, identity: bad }, shares, ['identity']),
      'openRecord shares': () => custodian.openRecord(sealed, bad, ['identity']),
      'openRecord share': () => custodian.openRecord(sealed, [bad], ['identity']),
      'openRecord compartments': () => custodian.openRecord(sealed, [share], bad),
      'openRecord compartment': () => custodian.openRecord(sealed, shares, [bad]),
      openRecordWithKey: () => custodian.openRecordWithKey(sealed, bad, ['identity']),
      inspectShare: () => custodian.inspectShare(bad),
      'inspectShare of armour': () => custodian.inspectShare(`-----BEGIN CRYPTONYM SHARE-----\n${text}\n-----END CRYPTONYM SHARE-----`),
      decodeSealedRecord: () => custodian.decodeSealedRecord(bad),
      encodeSealedRecord: () => custodian.encodeSealedRecord(bad),
      'createCustody quorum': () => custodian.createCustody({ quorum: bad }),
      'createCustody custodians': () => custodian.createCustody({ custodians: bad }),
    };
    const slow = ['createCustody quorum', 'createCustody custodians'];
    for (const [name, call] of Object.entries(calls))
      if (value !== undefined || !slow.includes(name)) await watch.attempt(`${name} = ${shape}`, call);
  }
}

/** What a level of JSON opens with. */
export const DEEP = ['[', '{"a":', '[{"a":'] as const;

/** JSON a million levels deep, a canary at its bottom. Milliseconds it took. */
export async function attackDeepJson(watch: ErrorWatch, decode: typeof Intake.decodePublicKeys, open: string): Promise<number> {
  const bytes = new TextEncoder().encode(open.repeat(Math.ceil(1_000_000 / open.length)) + CANARIES[0]);
  const begin = performance.now();
  await watch.attempt(`decodePublicKeys of ${open}`, () => decode(bytes), true);
  return performance.now() - begin;
}
