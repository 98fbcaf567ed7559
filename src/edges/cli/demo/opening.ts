import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HybridPrivateKey, openRecord, openRecordWithKey } from '../../../custodian.js';
import { type Entry, RegistryError, type Registry, type SealedRecord } from '../../../index.js';
import { filesUnder, readShares } from './folders.js';
import type { Narrator } from './narrator.js';

export interface OpeningStage {
  readonly registry: Registry;
  readonly dir: string;
  readonly custody: string;
  readonly narrator: Narrator;
  /** Published entries by id. */
  readonly published: ReadonlyMap<string, Entry>;
}

export interface OpeningResult {
  /** First name of the person in the record that was opened. */
  readonly name: string;
  readonly entryId: string;
  readonly checks: Readonly<Record<string, boolean>>;
}

/** One record in front of the custodians, and everything that must not open it. */
export async function openOne(stage: OpeningStage): Promise<OpeningResult> {
  const { narrator, custody } = stage;
  const record = await firstRecord(stage.registry);
  const vault = (...custodians: number[]): string[] => readShares(custody, 'vault', custodians);
  const link = (...custodians: number[]): string[] => readShares(custody, 'link', custodians);
  narrator.line(`Record ${record.recordId}. Whose it is, nobody can know before it is opened.`);

  const importer = triedByImporter(stage.dir, record);
  narrator.line(`The process that imported it, with all ${importer.keys} private keys under ${stage.dir}: ${importer.opened} opened it.`);
  const noShares = await refusal(openRecord(record, [], ['identity']));
  const twoShares = await refusal(openRecord(record, vault(1, 4), ['identity', 'contact']));
  narrator.line(`No share: ${noShares}. Two shares: ${twoShares}, refused before anything is computed.`);
  const damaged = await refusal(openRecord(record, [...vault(1, 4), damage(vault(5))], ['identity']));
  narrator.line(`Three, one of them with a wrong character: ${damaged}.`);

  const { identity, contact } = await openRecord(record, vault(2, 3, 5), ['identity', 'contact']);
  narrator.line('Custodians 2, 3 and 5 together:');
  narrator.line(
    `    ${(identity?.names ?? []).join(', ')}; ${identity?.sex ?? ''}, born ${identity?.birthDate ?? ''} in ${identity?.birthplace ?? ''}`,
  );
  narrator.line(
    `    ${(contact?.phones ?? []).join(', ')}; ${contact?.address ?? ''}${contact?.workplace === undefined ? '' : `; ${contact.workplace}`}`,
  );
  const wrongQuorum = await refusal(openRecord(record, vault(2, 3, 5), ['link']));
  narrator.line(`The same three ask which alias that is: ${wrongQuorum}. The link has a key and a quorum of its own.`);
  const { link: opened } = await openRecord(record, link(1, 2, 4), ['link']);
  const entryId = opened?.entryId ?? '';
  const entry = stage.published.get(entryId);
  narrator.line(
    `With three link shares: ${entry === undefined ? 'an entry that still waits for its batch' : `register number ${entry.registerNumber}, “${entry.name ?? ''}”`}.`,
  );
  return {
    name: identity?.names[0] ?? '',
    entryId,
    checks: {
      'no private key under the registry opens a record': importer.keys > 0 && importer.opened === 0,
      'no share opens nothing': noShares.startsWith('SHARES_TOO_FEW'),
      'two shares open nothing': twoShares.startsWith('SHARES_TOO_FEW'),
      'a damaged share is named': damaged.startsWith('SHARE_BAD') && damaged.includes('custodian 5'),
      'vault shares do not open the link': wrongQuorum.startsWith('SHARES_TOO_FEW'),
    },
  };
}

async function firstRecord(registry: Registry): Promise<SealedRecord> {
  for await (const id of registry.sealed.ids()) {
    const record = await registry.sealed.get(id);
    if (record !== undefined) return record;
  }
  throw new Error('there is no record to open');
}

/** Whoever seizes the machine has these: `keys/epochs/<day>/private.key`, scalar ‖ ML-KEM seed. */
function triedByImporter(dir: string, record: SealedRecord): { readonly keys: number; readonly opened: number } {
  const files = filesUnder(join(dir, 'keys', 'epochs')).filter((file) => file.endsWith('private.key'));
  const keys = files.map(readEpochKey);
  const opened = keys.filter((key) => opens(record, key)).length;
  return { keys: keys.length, opened };
}

function readEpochKey(file: string): HybridPrivateKey {
  const bytes = new Uint8Array(readFileSync(file));
  return { scalar: bytes.slice(0, 32), seed: bytes.slice(32) };
}

function opens(record: SealedRecord, key: HybridPrivateKey): boolean {
  return (['identity', 'contact', 'link'] as const).some((compartment) => {
    try {
      openRecordWithKey(record, { vault: key, link: key }, [compartment]);
      return true;
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'OPEN_FAILED') return false;
      throw error;
    }
  });
}

/** A share with one character of its block changed, as a typist would. */
function damage([share = '']: readonly string[]): string {
  const at = share.indexOf('-----END') - 20;
  return share.slice(0, at) + (share[at] === 'A' ? 'B' : 'A') + share.slice(at + 1);
}

async function refusal(opening: Promise<unknown>): Promise<string> {
  try {
    await opening;
    return 'opened';
  } catch (error) {
    if (error instanceof RegistryError) return `${error.code} (${error.message})`;
    throw error;
  }
}
