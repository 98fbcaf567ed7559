/**
 * Somebody calls who has no claim phrase and wants a statement withdrawn and the record erased. Three places, three groups of people; none
 * of them sees all of it (docs/operations.md, "A person without a phrase"). On the command line: `cryptonym records --out`, `open --record-file`.
 */
import type { Registry } from 'cryptonym';
import { decodeSealedRecord, encodeSealedRecord, type Identity, openRecord, type ShareEnvelopeFile } from 'cryptonym/custodian';

/** On the server: the sealed records that may be the person's, as files for the offline stations. It can open none of them. */
export async function sealedCandidates(registry: Registry, recordIds: AsyncIterable<string> | Iterable<string>): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  for await (const recordId of recordIds) {
    const record = await registry.sealed.get(recordId); // undefined: erased already
    if (record !== undefined) files.push(encodeSealedRecord(record));
  }
  return files;
}

/**
 * At the station of the identity custodians: opens who the records are about, and nothing else. Gives the record id of the one that fits, or
 * nothing if none or several do: then more must be asked of the caller, never more be told.
 */
export async function findRecord(
  files: readonly Uint8Array[],
  vaultShares: readonly ShareEnvelopeFile[],
  fits: (identity: Identity) => boolean,
): Promise<string | undefined> {
  const found: string[] = [];
  for (const file of files) {
    const record = decodeSealedRecord(file);
    const { identity } = await openRecord(record, vaultShares, ['identity']);
    if (identity !== undefined && fits(identity)) found.push(record.recordId);
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Still there: the telephone numbers that were given at the registration. Whoever is called back at one of them is believed. */
export async function numbersToCallBack(file: Uint8Array, vaultShares: readonly ShareEnvelopeFile[]): Promise<readonly string[]> {
  const { contact } = await openRecord(decodeSealedRecord(file), vaultShares, ['contact']);
  return contact?.phones ?? [];
}

/** At the station of the link custodians: which entry belongs to the record. They see two ids and no name. */
export async function entryOfRecord(file: Uint8Array, linkShares: readonly ShareEnvelopeFile[]): Promise<string | undefined> {
  const { link } = await openRecord(decodeSealedRecord(file), linkShares, ['link']);
  return link?.entryId;
}

/** On the server again, as two separate acts: the public one and the sealed one. The log says "by the registry". */
export async function withdraw(registry: Registry, entryId: string): Promise<{ readonly publicFrom: string }> {
  const { dueOn } = await registry.changeEntry(entryId, { retract: true });
  return { publicFrom: dueOn };
}

/** On another day than `withdraw`, so that the days of the two do not pair them. */
export async function erase(registry: Registry, recordId: string): Promise<{ readonly finalOn: string }> {
  return registry.eraseRecord(recordId);
}
