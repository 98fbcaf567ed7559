import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openClaim } from '../../src/claims/open-claim.js';
import { deriveClaimKey } from '../../src/claims/claim-key.js';
import { makeRow } from '../../src/claims/make-row.js';
import { entropyFromPhrase } from '../../src/claims/open-phrase.js';
import { openRecord, type SealedRecord } from '../../src/custodian.js';
import { LABELS } from '../../src/foundation/labels.js';
import { systemRandom } from '../../src/foundation/random.js';
import { contentHash, decodeContent, encodeContent } from '../../src/public/content.js';
import { decodeLeaf, encodeLeaf, type Leaf } from '../../src/public/leaf.js';
import { decodeStatement, encodeStatement, statementDigest } from '../../src/public/statement.js';
import type { SealedCompartments } from '../../src/sealed/record.js';
import { sealRecord } from '../../src/sealed/seal-record.js';
import { wrapShred } from '../../src/sealed/shred.js';
import { all } from './support/build.js';
import { printFoundControl } from './support/report.js';
import {
  claimsOpened,
  fresh,
  opening,
  openingClaims,
  PARTS,
  PEOPLE,
  publishing,
  sharesOf,
  showing,
  type SwapTarget,
  tamper,
  wrongParts,
} from './support/swaps.js';

/**
 * The measuring code of `swaps.test.ts` on swaps that nothing binds: what stands in a place is made anew for it, by somebody who has every
 * key, and is another's all the same. That is how a swap looks where a build forgets what it should bind to, and it must be found.
 */
const fromHex = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** The first two records in id order. */
async function two({ registry }: SwapTarget): Promise<[SealedRecord, SealedRecord]> {
  const ids = await all(registry.sealed.ids());
  const sealed = await Promise.all(ids.slice(0, 2).map((id) => registry.sealed.get(id)));
  return sealed as [SealedRecord, SealedRecord];
}

/** What is in `content`, sealed again under the id of `place` and under `shred`. */
async function sealedAgain(one: SwapTarget, content: SealedRecord, place: SealedRecord, shred: Uint8Array): Promise<SealedCompartments> {
  const { identity = { names: [], declared: 'self' }, contact = {}, link } = await openRecord(content, sharesOf(one), PARTS);
  if (link === undefined) throw new Error('the link was asked for');
  const linked = { entryId: fromHex(link.entryId), groupId: fromHex(link.groupId), registrarMark: fromHex(link.registrarMark) };
  const { vault, link: linkKey } = one.custody.keys;
  return sealRecord({ recordId: fromHex(place.recordId), identity, contact, link: linked, shred, vaultKey: vault, linkKey });
}

async function expectCaught(one: SwapTarget, broken: readonly string[], attack: string): Promise<void> {
  const wrong = wrongParts(await opening(one), broken);
  printFoundControl(`${attack}: parts that opened and should not`, wrong.length);
  expect(wrong).toEqual(broken);
}

describe('sealed side, a full quorum', () => {
  it.each(PARTS)('%s of two records, each sealed for the other’s place', async (part) => {
    const one = await fresh();
    const [a, b] = await two(one);
    const [forA, forB] = [await sealedAgain(one, b, a, a.shred), await sealedAgain(one, a, b, b.shred)];
    tamper(one.dir, 'sealed/vault.db', (database) => {
      const update = database.prepare(`UPDATE records SET ${part} = ? WHERE id = ?`);
      update.run(forA[part], fromHex(a.recordId));
      update.run(forB[part], fromHex(b.recordId));
    });
    await expectCaught(one, [`0 ${part}`, `1 ${part}`], `${part} sealed for another row`);
  });

  it('two records of one shred, each with the other’s', async () => {
    const one = await fresh();
    const [a, b] = await two(one);
    const again = await sealedAgain(one, b, b, a.shred);
    tamper(one.dir, 'sealed/vault.db', (database) => {
      const update = database.prepare('UPDATE records SET identity = ?, contact = ?, link = ? WHERE id = ?');
      update.run(again.identity, again.contact, again.link, fromHex(b.recordId));
    });
    await rewrap(one, b.recordId, a.shred);
    await expectCaught(
      one,
      PARTS.map((part) => `1 ${part}`),
      'one shred for two',
    );
  });

  it('an old shred wrapped for the new generation', async () => {
    const one = await fresh();
    const [a] = await two(one);
    one.clock.advanceDays(8);
    await one.registry.maintain();
    await rewrap(one, a.recordId, a.shred);
    await expectCaught(
      one,
      PARTS.map((part) => `0 ${part}`),
      'old shred wrapped for the new generation',
    );
  });
});

/** Puts a shred in the place of a record's, under the newest key. */
async function rewrap({ dir, stores }: SwapTarget, recordId: string, shred: Uint8Array): Promise<void> {
  const id = fromHex(recordId);
  const generation = Math.max(...(await stores.keys.keks()).map((kek) => kek.generation));
  const kek = (await stores.keys.kek(generation)) as Uint8Array;
  const wrapped = wrapShred(kek, id, generation, shred);
  tamper(dir, 'shred/shred.db', (database) => database.prepare('UPDATE shreds SET wrapped = ? WHERE id = ?').run(wrapped, id));
}

describe('claims', () => {
  it('rows of others, each sealed for its new locator', async () => {
    const one = await fresh();
    const keys = one.phrases.map((phrase) => deriveClaimKey(entropyFromPhrase(phrase)));
    const claims = await Promise.all(keys.map(async (key) => openClaim((await one.stores.claims.get(key.locator)) as Uint8Array, key)));
    tamper(one.dir, 'claims/claims.db', (database) => {
      for (const [i, { locator, rowKey }] of keys.entries()) {
        const { kappa, replySeed } = claims[(i + 1) % PEOPLE] as (typeof claims)[number];
        const content = Buffer.concat([Buffer.from('cn/clm/1'), kappa, replySeed]);
        const row = makeRow(content, { key: rowKey, label: LABELS.claimRow, locator }, systemRandom.bytes(24));
        database.prepare('UPDATE claims SET data = ? WHERE locator = ?').run(row, locator);
      }
    });
    const found = claimsOpened(await openingClaims(one));
    printFoundControl('claim rows sealed for another locator: opened', found);
    expect(found).toBe(PEOPLE);
  });
});

interface Published {
  readonly id: Buffer;
  readonly idx: number;
  readonly salt: Buffer;
  readonly content: Buffer;
  readonly leaf: Buffer;
}

describe('public side', () => {
  it('texts of two entries swapped, with hashes and leaves made anew: that is for the log’s readers to notice', async () => {
    const one = await fresh();
    tamper(one.dir, 'public/public.db', (database) => {
      const sql = `SELECT id, idx, salt, content, bytes AS leaf FROM entries JOIN contents c ON c.leaf = idx JOIN leaves USING (idx) ORDER BY id`;
      const [a, b] = database.prepare(sql).all() as [Published, Published];
      for (const [own, other] of [
        [a, b],
        [b, a],
      ] as const)
        forge(database, own, other);
    });
    const shown = await showing(one);
    printFoundControl('entries rewritten with their leaves: shown', shown.entries === 'passed' ? 1 : 0);
    expect(shown).toEqual({ entries: 'passed', health: 'passed' });
  });

  it('digests of two entries swapped: nothing shows them, so nothing notices', async () => {
    const one = await fresh();
    tamper(one.dir, 'public/public.db', (database) => {
      const [a, b] = database.prepare('SELECT id, digest FROM entries ORDER BY id').all() as { id: Buffer; digest: Buffer }[];
      const update = database.prepare('UPDATE entries SET digest = ? WHERE id = ?');
      update.run(a?.digest, b?.id);
      update.run(b?.digest, a?.id);
    });
    const shown = await showing(one);
    printFoundControl('entries.digest swapped: unnoticed', shown.entries === 'passed' ? 1 : 0);
    expect(shown).toEqual({ entries: 'passed', health: 'passed' });
  });

  it('and what health can see, it is seen to notice: a content that is gone', async () => {
    const one = await fresh();
    expect((await showing(one)).health).toBe('passed');
    tamper(one.dir, 'public/public.db', (database) => database.exec('DELETE FROM contents WHERE leaf = (SELECT min(leaf) FROM contents)'));
    expect((await showing(one)).health).toBe('noticed');
  });

  it('texts of two who wait swapped, with digests made anew, are published', async () => {
    const one = await fresh(false);
    tamper(one.dir, 'public/public.db', (database) => {
      const sql = 'SELECT id, salt, statement FROM pool ORDER BY id';
      const rows = database.prepare(sql).all() as { id: Buffer; salt: Buffer; statement: Buffer }[];
      const [a, b] = rows.map(({ statement }) => decodeStatement(statement));
      for (const [i, text] of [b?.text, a?.text].entries()) {
        const { id, salt, statement } = rows[i] as (typeof rows)[number];
        const changed = { ...decodeStatement(statement), text };
        const update = database.prepare('UPDATE pool SET statement = ?, digest = ? WHERE id = ?');
        update.run(encodeStatement(changed), statementDigest(changed, salt), id);
      }
    });
    const result = await publishing(one);
    printFoundControl('pool texts swapped with their digests: published', result === 'passed' ? 1 : 0);
    expect(result).toBe('passed');
    expect((await one.registry.counts()).total).toBe(PEOPLE);
  });
});

/** The entry of `own` says what `other` says, and its leaf agrees. */
function forge(database: Database.Database, own: Published, other: Published): void {
  const content = encodeContent({ ...decodeContent(own.content), text: decodeContent(other.content).text });
  const leaf = { ...decodeLeaf(own.leaf), contentHash: Buffer.from(contentHash(own.salt, content)).toString('hex') } as Leaf;
  database.prepare('UPDATE contents SET content = ? WHERE leaf = ?').run(content, own.idx);
  database.prepare('UPDATE leaves SET bytes = ? WHERE idx = ?').run(encodeLeaf(leaf), own.idx);
}
