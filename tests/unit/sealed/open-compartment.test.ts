import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes, toHex, utf8 } from '../../../src/foundation/bytes.js';
import { sealXChaCha } from '../../../src/foundation/aead.js';
import { hpkeSeal } from '../../../src/foundation/hpke-seal.js';
import { LABELS } from '../../../src/foundation/labels.js';
import { pad } from '../../../src/foundation/padding.js';
import { bodyKey } from '../../../src/sealed/body-key.js';
import { keyIdOf, splitEnc } from '../../../src/foundation/hybrid-kem.js';
import { decodePoint, decodeScalar, encodePoint, multiplyBase, multiplySecret, randomScalar } from '../../../src/foundation/p256-group.js';
import { verifyTag } from '../../../src/foundation/tdh2-open.js';
import { makeTag } from '../../../src/foundation/tdh2-seal.js';
import {
  BUCKETS,
  COMPARTMENTS,
  type CompartmentName,
  compartmentContext,
  decodeCompartment,
  encodeCompartment,
  tagContext,
  wrapAad,
} from '../../../src/sealed/compartment.js';
import { openCompartment } from '../../../src/sealed/open-compartment.js';
import { sealCompartment } from '../../../src/sealed/seal-compartment.js';
import { sealRecord } from '../../../src/sealed/seal-record.js';
import { backends, flip, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';
import { CONTACT, IDENTITY, id, keyPair, PLAINTEXTS, shredOf } from '../../support/sealed-fixtures.js';

const vault = keyPair('vault');
const other = keyPair('other');
const seal = (holder: Uint8Array, compartment: CompartmentName, shred: Uint8Array, recipients = [vault.publicKey]) =>
  sealCompartment({ holderId: holder, compartment, plaintext: PLAINTEXTS[compartment], shred, recipients });
const open = (holder: Uint8Array, compartment: CompartmentName, sealed: Uint8Array, shred: Uint8Array, privateKey = vault.privateKey) =>
  openCompartment({ holderId: holder, compartment, sealed, shred, privateKey });

describe('sealing and opening', () => {
  it.each(COMPARTMENTS)('opens what it sealed: %s', (name) => {
    expect(open(id('a'), name, seal(id('a'), name, shredOf('a')), shredOf('a'))).toEqual(PLAINTEXTS[name]);
  });

  it('agrees across backends', () => {
    for (const from of backends) {
      for (const to of backends) {
        const input = { holderId: id('a'), compartment: 'link' as const, shred: shredOf('a') };
        const sealed = sealCompartment({ ...input, plaintext: PLAINTEXTS.link, recipients: [vault.publicKey] }, { backend: from });
        expect(openCompartment({ ...input, sealed, privateKey: vault.privateKey }, { backend: to })).toEqual(PLAINTEXTS.link);
      }
    }
  });

  it('opens with each of several keys and with no other', () => {
    const keys = ['one', 'two', 'three', 'four'].map(keyPair);
    const sealed = seal(
      id('a'),
      'link',
      shredOf('a'),
      keys.map((pair) => pair.publicKey),
    );
    for (const pair of keys) expect(open(id('a'), 'link', sealed, shredOf('a'), pair.privateKey)).toEqual(PLAINTEXTS.link);
    expect(outcomeOf(() => open(id('a'), 'link', sealed, shredOf('a'), vault.privateKey))).toBe('OPEN_FAILED');
  });

  it.each(COMPARTMENTS)('has one size for every plaintext: %s', (name) => {
    const sizes = [0, 1, BUCKETS[name] - 1].map((length) => {
      const input = { holderId: id('a'), compartment: name, shred: shredOf('a') };
      const plaintext = new Uint8Array(length).fill(0x80);
      const sealed = sealCompartment({ ...input, plaintext, recipients: [vault.publicKey] });
      expect(openCompartment({ ...input, sealed, privateKey: vault.privateKey })).toEqual(plaintext);
      return sealed.length;
    });
    expect(new Set(sizes).size).toBe(1);
  });

  it('refuses overflow before anything is drawn or sealed', () => {
    const random = { bytes: () => expect.fail('sealing began') };
    const plaintext = new Uint8Array(BUCKETS.link);
    const input = { holderId: id('a'), compartment: 'link' as const, plaintext, shred: shredOf('a'), recipients: [vault.publicKey] };
    expect(outcomeOf(() => sealCompartment(input, { random }))).toBe('COMPARTMENT_TOO_LARGE');
    const details = { field: 'link', limit: BUCKETS.link - 1 };
    expect(() => sealCompartment(input, { random })).toThrow(expect.objectContaining({ details }));
    const link = { entryId: id('e'), groupId: id('g'), registrarMark: id('m') };
    const record = {
      recordId: id('a'),
      identity: IDENTITY,
      contact: CONTACT,
      link,
      shred: shredOf('a'),
      vaultKey: vault.publicKey,
      linkKey: other.publicKey,
    };
    const long = { names: Array<string>(8).fill('王'.repeat(200)) };
    expect(outcomeOf(() => sealRecord({ ...record, identity: long }, { random }))).toBe('COMPARTMENT_TOO_LARGE');
    expect(outcomeOf(() => sealRecord({ ...record, contact: { address: '王'.repeat(1000) } }, { random }))).toBe('COMPARTMENT_TOO_LARGE');
    expect(outcomeOf(() => sealRecord({ ...record, linkKey: vault.publicKey }, { random }))).toBe('KEYS_INVALID');
  });

  it('uses no data key, nonce, encapsulation or (key, nonce) twice, not even for the same record and shred', () => {
    const sealed = Array.from({ length: 100 }, () => decodeCompartment(seal(id('a'), 'link', shredOf('a'))));
    for (const part of [
      sealed.map((s) => s.nonce),
      sealed.map((s) => s.commit),
      sealed.map((s) => s.wraps[0]?.enc as Uint8Array),
      sealed.map((s) => s.body),
    ]) {
      expect(new Set(part.map(toHex)).size).toBe(100);
    }
  });

  it('refuses wrong types and lengths with TypeError or RangeError, before any sealing', () => {
    const good = {
      holderId: id('a'),
      compartment: 'link' as const,
      plaintext: PLAINTEXTS.link,
      shred: shredOf('a'),
      recipients: [vault.publicKey],
    };
    for (const bad of ['a', [1, 2], { length: 16 }, new ArrayBuffer(32), new DataView(new ArrayBuffer(32)), undefined]) {
      const value = bad as unknown as Uint8Array;
      for (const field of ['holderId', 'plaintext', 'shred'] as const)
        expect(outcomeOf(() => sealCompartment({ ...good, [field]: value }))).toBe('TypeError');
      expect(outcomeOf(() => sealCompartment({ ...good, recipients: [value] }))).toBe('TypeError');
      expect(outcomeOf(() => open(id('a'), 'link', value, shredOf('a')))).toBe('TypeError');
    }
    expect(outcomeOf(() => sealCompartment({ ...good, compartment: 'other' as CompartmentName }))).toBe('TypeError');
    for (const recipients of [[], [vault.publicKey, vault.publicKey], Array<Uint8Array>(5).fill(vault.publicKey)]) {
      expect(outcomeOf(() => sealCompartment({ ...good, recipients }))).toBe('RangeError');
    }
    expect(outcomeOf(() => sealCompartment(good, { random: { bytes: () => new Uint8Array(1) } }))).toBe('TypeError');
    expect(outcomeOf(() => sealCompartment({ ...good, recipients: [flip(vault.publicKey, 1200)] }))).toBe('KEYS_INVALID');
  });
});

describe('attack: ciphertexts moved between rows and columns', () => {
  const records = ['a', 'b'];

  /** How many of all moves open, when record `r` is sealed and opened under `holderOf(r)`. The shred moves along with the ciphertext. */
  function movesThatOpen(holderOf: (record: string) => Uint8Array): { moves: number; opened: number } {
    const cells = records.flatMap((record) =>
      COMPARTMENTS.map((name) => ({ record, name, sealed: seal(holderOf(record), name, shredOf(record)) })),
    );
    let [moves, opened] = [0, 0];
    for (const from of cells) {
      for (const to of cells) {
        if (from === to) continue;
        moves++;
        if (outcomeOf(() => open(holderOf(to.record), to.name, from.sealed, shredOf(from.record))) === 'returned') opened++;
      }
    }
    return { moves, opened };
  }

  it('never opens elsewhere', () => {
    expect(movesThatOpen(id)).toEqual({ moves: 30, opened: 0 });
  });

  it('control: succeeds between rows where the row is not bound', () => {
    expect(movesThatOpen(() => id('one id for all'))).toEqual({ moves: 30, opened: 6 });
  });

  it('fails with a relabelled compartment byte', () => {
    const sealed = decodeCompartment(seal(id('a'), 'link', shredOf('a')));
    const bytes = encodeCompartment(sealed);
    for (const byte of [1, 2]) {
      const relabelled = encodeCompartment({
        ...sealed,
        compartment: byte === 1 ? 'identity' : 'contact',
        body: new Uint8Array(BUCKETS[byte === 1 ? 'identity' : 'contact'] + 16),
      });
      expect(outcomeOf(() => open(id('a'), byte === 1 ? 'identity' : 'contact', relabelled, shredOf('a')))).toBe('OPEN_FAILED');
    }
    expect(open(id('a'), 'link', bytes, shredOf('a'))).toEqual(PLAINTEXTS.link);
  });

  it('fails for another version or suite', () => {
    const sealed = decodeCompartment(seal(id('a'), 'link', shredOf('a')));
    const [wrap] = sealed.wraps;
    if (wrap === undefined) return expect.fail();
    const point = splitEnc(wrap.enc).point;
    verifyTag(wrap.tag, point, tagContext(compartmentContext(id('a'), 'link', 1), sealed.commit, wrap));
    expect(outcomeOf(() => verifyTag(wrap.tag, point, tagContext(compartmentContext(id('a'), 'link', 2), sealed.commit, wrap)))).toBe(
      'OPEN_FAILED',
    );
    expect(outcomeOf(() => open(id('a'), 'link', flip(encodeCompartment(sealed), 7), shredOf('a')))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => open(id('a'), 'link', flip(encodeCompartment(sealed), 8), shredOf('a')))).toBe('OPEN_FAILED');
  });

  it('fails when wraps are exchanged, however they are combined with commitments and bodies', () => {
    const one = decodeCompartment(seal(id('a'), 'link', shredOf('a')));
    const two = decodeCompartment(seal(id('a'), 'link', shredOf('a')));
    let opened = 0;
    for (let mix = 0; mix < 16; mix++) {
      const pick = (bit: number) => ((mix >> bit) & 1 ? two : one);
      const mixed = encodeCompartment({
        compartment: 'link',
        commit: pick(0).commit,
        wraps: pick(1).wraps,
        nonce: pick(2).nonce,
        body: pick(3).body,
      });
      const outcome = outcomeOf(() => open(id('a'), 'link', mixed, shredOf('a')));
      if (outcome === 'returned') opened++;
      else expect(outcome).toBe('OPEN_FAILED');
    }
    expect(opened).toBe(2); // the two that were not mixed: the positive control
  });

  it('fails with a wrong shred, a wrong key and any flipped bit', () => {
    const sealed = seal(id('a'), 'link', shredOf('a'));
    expect(outcomeOf(() => open(id('a'), 'link', sealed, shredOf('b')))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => open(id('a'), 'link', sealed, flip(shredOf('a'), 31)))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => open(id('a'), 'link', sealed, shredOf('a'), other.privateKey))).toBe('OPEN_FAILED');
    const offsets = [
      0,
      8,
      9,
      10,
      41,
      42,
      43,
      58,
      59,
      1146,
      1147,
      1211,
      1212,
      1259,
      1260,
      1292,
      1293,
      1356,
      1357,
      1380,
      1381,
      sealed.length - 1,
    ];
    for (const offset of offsets) expect(outcomeOf(() => open(id('a'), 'link', flip(sealed, offset), shredOf('a')))).toBe('OPEN_FAILED');
    expect(open(id('a'), 'link', sealed, shredOf('a'))).toEqual(PLAINTEXTS.link);
  });
});

describe('attack: a victim’s encapsulation re-submitted as one’s own record', () => {
  const victim = decodeCompartment(seal(id('victim'), 'identity', shredOf('victim')));
  const [wrap] = victim.wraps;
  if (wrap === undefined) throw new Error('no wrap');
  const mine = id('attacker');
  const context = compartmentContext(mine, 'identity');

  it('fails with the copied tag', () => {
    expect(outcomeOf(() => open(mine, 'identity', encodeCompartment(victim), shredOf('victim')))).toBe('OPEN_FAILED');
  });

  it('fails with a re-randomised point; control: without the tag a quorum would give the victim’s secret away', () => {
    const r = decodeScalar(randomScalar(seededRandom('r')));
    const { mlKem, point } = splitEnc(wrap.enc);
    const moved = encodePoint(decodePoint(point).add(multiplyBase(r)));
    const enc = concatBytes(mlKem, moved);

    // What a tagless quorum computes for the attacker's point is one subtraction away from the victim's shared point.
    const s = decodeScalar(vault.privateKey.scalar);
    const answer = multiplySecret(decodePoint(moved), s);
    const stripped = answer.subtract(multiplySecret(multiplyBase(s), r));
    expect(equalBytes(encodePoint(stripped), encodePoint(multiplySecret(decodePoint(point), s)))).toBe(true);

    const attempt = { keyId: wrap.keyId, enc, ciphertext: wrap.ciphertext };
    const bound = tagContext(context, victim.commit, attempt);
    expect(outcomeOf(() => verifyTag(wrap.tag, moved, bound))).toBe('OPEN_FAILED');
    // Knowing r is not knowing e + r: a tag made for r·G does not fit, and none can be made for the moved point.
    const rTag = makeTag({
      ephemeralScalar: randomScalar(seededRandom('r')),
      ephemeralPoint: encodePoint(multiplyBase(r)),
      context: bound,
    });
    for (const tag of [wrap.tag, rTag]) {
      const forged = encodeCompartment({ ...victim, wraps: [{ ...attempt, tag }] });
      expect(outcomeOf(() => open(mine, 'identity', forged, shredOf('victim')))).toBe('OPEN_FAILED');
    }
    expect(outcomeOf(() => makeTag({ ephemeralScalar: randomScalar(seededRandom('r')), ephemeralPoint: moved, context: bound }))).toBe(
      'RangeError',
    );
  });

  it('checks the tag before the private key is used', () => {
    const sealed = { ...victim, wraps: [{ ...wrap, tag: flip(wrap.tag, 96) }] };
    const [backend] = backends;
    if (backend === undefined) return expect.fail();
    const watching = { ...backend, mlKem768Decapsulate: () => expect.fail('decapsulated'), p256SharedX: () => expect.fail('multiplied') };
    const input = {
      holderId: id('victim'),
      compartment: 'identity' as const,
      sealed: encodeCompartment(sealed),
      shred: shredOf('victim'),
      privateKey: vault.privateKey,
    };
    expect(outcomeOf(() => openCompartment(input, { backend: watching }))).toBe('OPEN_FAILED');
  });

  it('control: the victim’s own record opens', () => {
    expect(open(id('victim'), 'identity', encodeCompartment(victim), shredOf('victim'))).toEqual(utf8('{"names":["王小明"]}'));
  });
});

describe('attack: a malicious device whose body does not belong to its commitment', () => {
  const holderId = id('a');
  const context = compartmentContext(holderId, 'link');

  /** Everything is made as in sealing, but `commit` stands in the bytes and `bodyCommit` in the body's aad. */
  function sealWith(choose: (honest: Uint8Array) => { commit: Uint8Array; bodyCommit: Uint8Array }): Uint8Array {
    const dek = seededRandom('dek').bytes(32);
    const { key, commit: honest } = bodyKey(dek, shredOf('a'), context);
    const { commit, bodyCommit } = choose(honest);
    const nonce = new Uint8Array(24);
    const body = sealXChaCha(key, nonce, pad(PLAINTEXTS.link, BUCKETS.link), concatBytes(context, bodyCommit));
    const keyId = keyIdOf(vault.publicKey);
    const aad = wrapAad(context, commit, keyId);
    const { enc, ciphertext, ephemeralScalar } = hpkeSeal({
      publicKey: vault.publicKey,
      info: utf8(LABELS.sealedWrap),
      aad,
      plaintext: dek,
    });
    const bound = tagContext(context, commit, { keyId, enc, ciphertext });
    const tag = makeTag({ ephemeralScalar, ephemeralPoint: splitEnc(enc).point, context: bound });
    return encodeCompartment({ compartment: 'link', commit, wraps: [{ keyId, enc, ciphertext, tag }], nonce, body });
  }

  it('fails, whichever commitment the body was sealed under', () => {
    const falseCommit = new Uint8Array(32).fill(7);
    for (const forged of [
      sealWith((honest) => ({ commit: falseCommit, bodyCommit: honest })),
      sealWith(() => ({ commit: falseCommit, bodyCommit: falseCommit })),
    ]) {
      expect(outcomeOf(() => open(holderId, 'link', forged, shredOf('a')))).toBe('OPEN_FAILED');
    }
  });

  it('control: the same construction with the honest commitment opens', () => {
    expect(
      open(
        holderId,
        'link',
        sealWith((honest) => ({ commit: honest, bodyCommit: honest })),
        shredOf('a'),
      ),
    ).toEqual(PLAINTEXTS.link);
  });
});
