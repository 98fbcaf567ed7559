import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryOfRecord, erase, findRecord, numbersToCallBack, sealedCandidates, withdraw } from '../../examples/return-without-phrase.js';
import { createCustody, type Custody, decodeSealedRecord } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../src/index.js';
import { fixedClock } from '../../src/testing.js';

const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
const dir = mkdtempSync(join(tmpdir(), 'without-phrase-'));
const coded = (code: string) => expect.objectContaining({ code });
const NAMES = ['王小明', '李秀英', '赵建国', '王小明'];
let custody: Custody;
let registry: Registry;
let entryIds: readonly string[];
let vaultShares: Custody['shares']['vault'];
let linkShares: Custody['shares']['link'];

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 3 });
  [vaultShares, linkShares] = [custody.shares.vault.slice(1), custody.shares.link.slice(1)];
  registry = await openRegistry({ dir, keys: custody.keys, policy: makePolicy('tiny', ['party']) }, { clock });
  const registered = [];
  for (const [i, name] of NAMES.entries()) {
    const identity = { names: [name], birthDate: `195${i}-10-03` };
    registered.push(await registry.register({ identity, contact: { phones: [`1380000000${i}`] }, statement: { categories: ['party'] } }));
  }
  entryIds = registered.map(({ entryId }) => entryId);
  await registry.publish();
});
afterAll(async () => {
  await registry.close();
  rmSync(dir, { recursive: true });
});

describe('a person without a phrase', () => {
  it('is found by the identity quorum, tied to the entry by the link quorum, and both sides are done by the registry', async () => {
    const files = await sealedCandidates(registry, registry.sealed.ids());
    expect(files).toHaveLength(4);
    const recordId = await findRecord(files, vaultShares, ({ names }) => names.includes('李秀英'));
    const file = files.find((each) => decodeSealedRecord(each).recordId === recordId) as Uint8Array;
    expect(await numbersToCallBack(file, vaultShares)).toEqual(['13800000001']);
    const entryId = (await entryOfRecord(file, linkShares)) as string;
    expect(entryId).toBe(entryIds[1]);

    const { publicFrom } = await withdraw(registry, entryId);
    expect(publicFrom).toMatch(/^2026-11-2\d$/);
    clock.advanceDays(1);
    await registry.publish();
    expect(await registry.entryStatus(entryId)).toMatchObject({ state: 'published', retracted: true, removed: false });
    const { finalOn } = await erase(registry, recordId as string);
    expect(finalOn > '2026-11-21').toBe(true);
    expect(await registry.recordStatus(recordId as string)).toBe('erased');
    expect(await sealedCandidates(registry, registry.sealed.ids())).toHaveLength(3);
    expect(await registry.health()).toMatchObject({ problems: [] });
    expect((await registry.counts()).total).toBe(4);
  });

  it('one quorum alone gets half of it: identity shares open no link, link shares no name', async () => {
    const [file] = (await sealedCandidates(registry, registry.sealed.ids())) as [Uint8Array];
    await expect(entryOfRecord(file, vaultShares)).rejects.toEqual(coded('SHARES_TOO_FEW'));
    await expect(findRecord([file], linkShares, () => true)).rejects.toEqual(coded('SHARES_TOO_FEW'));
    await expect(numbersToCallBack(file, linkShares)).rejects.toEqual(coded('SHARES_TOO_FEW'));
    await expect(findRecord([file], vaultShares.slice(0, 1), () => true)).rejects.toEqual(coded('SHARES_TOO_FEW'));
  });

  it('several who fit, or none: nothing is told', async () => {
    const files = await sealedCandidates(registry, registry.sealed.ids());
    expect(await findRecord(files, vaultShares, ({ names }) => names.includes('王小明'))).toBeUndefined();
    expect(await findRecord(files, vaultShares, () => false)).toBeUndefined();
    expect(await findRecord(files, vaultShares, ({ birthDate }) => birthDate === '1953-10-03')).toMatch(/^[0-9a-f]{32}$/);
  });
});
