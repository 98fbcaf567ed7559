import { createDecipheriv, createECDH, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import * as HPKE from 'hpke';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, seizedRegistry } from './support/fixture.js';
import { printFound, printFoundControl } from './support/report.js';
import { resume, type Target } from './support/build.js';
import { filesBelow } from './support/scan.js';
import { seizeWaiting } from './support/seized.js';

/**
 * S4: somebody recorded every submission on the line and seizes the whole directory at time T, keys included. What was sealed to epochs that
 * were destroyed by then stays shut. Opened here with another implementation of HPKE and the key files alone.
 */
const SENT = 64;
const HEADER = 16;
const ENC = 1153;
let fixture: Fixture;
let target: Omit<Target, 'custody'>;
let recorded: Uint8Array[];

beforeAll(async () => {
  fixture = await seizedRegistry();
  target = await resume(fixture.image('empty'));
  recorded = Array.from({ length: SENT }, (_, i) => fixture.submission(i));
}, 900_000);
afterAll(async () => target.destroy());

interface KeyFile extends HPKE.Key {
  /** As it lies on the disk: P-256 scalar 32 ‖ ML-KEM seed 64 (docs/spec/hpke.md). */
  readonly bytes: Uint8Array;
}

const absent = async (): Promise<never> => Promise.reject(new Error('not needed'));

/** MLKEM768-P256 by its specification, from noble's ML-KEM and OpenSSL's P-256. */
async function decapsulate(enc: Uint8Array, { bytes }: KeyFile): Promise<Uint8Array> {
  const { secretKey } = ml_kem768.keygen(bytes.slice(32, 96));
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(bytes.subarray(0, 32));
  const point = enc.subarray(1088);
  const secrets = [ml_kem768.decapsulate(enc.subarray(0, 1088), secretKey), curve.computeSecret(point), point, curve.getPublicKey()];
  return Uint8Array.from(createHash('sha3-256').update(Buffer.concat(secrets)).update('MLKEM768-P256').digest());
}

const kem: HPKE.KEMFactory<KeyFile> = () => ({
  ...({ id: 0x0050, type: 'KEM', name: 'MLKEM768-P256', Nsecret: 32, Nenc: ENC, Npk: 1249, Nsk: 32 } as const),
  DeriveKeyPair: absent,
  GenerateKeyPair: absent,
  SerializePublicKey: ({ bytes }) => Promise.resolve(bytes),
  DeserializePublicKey: absent,
  SerializePrivateKey: ({ bytes }) => Promise.resolve(bytes),
  DeserializePrivateKey: absent,
  Encap: absent,
  Decap: decapsulate,
});

const aead: HPKE.AEADFactory = () => ({
  ...({ id: 0x0003, type: 'AEAD', name: 'ChaCha20Poly1305', Nk: 32, Nn: 12, Nt: 16 } as const),
  Seal: absent,
  async Open(secret, nonce, aad, ciphertext) {
    const end = ciphertext.length - 16;
    const decipher = createDecipheriv('chacha20-poly1305', secret, nonce, { authTagLength: 16 }).setAAD(aad, { plaintextLength: end });
    decipher.setAuthTag(ciphertext.subarray(end));
    return Uint8Array.from(Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]));
  },
});

/** How many of the recorded submissions some key file of the image opens. */
async function opened(image: string): Promise<number> {
  const keys = filesBelow(join(image, 'keys')).filter(({ name }) => name.endsWith('private.key'));
  expect(keys.length).toBeGreaterThan(0);
  const suite = new HPKE.CipherSuite(kem, HPKE.KDF_HKDF_SHA256, aead);
  let count = 0;
  for (const submission of recorded) {
    for (const { bytes } of keys) {
      if (!(await opens(suite, submission, Uint8Array.from(bytes)))) continue;
      count++;
      break;
    }
  }
  return count;
}

async function opens(suite: HPKE.CipherSuite, submission: Uint8Array, bytes: Uint8Array): Promise<boolean> {
  const key: KeyFile = { algorithm: { name: 'MLKEM768-P256' }, extractable: true, type: 'private', bytes };
  try {
    const plain = await suite.Open(key, submission.subarray(HEADER, HEADER + ENC), submission.subarray(HEADER + ENC), {
      info: new TextEncoder().encode('cryptonym/v1/submission/outer'),
      aad: submission.subarray(0, HEADER),
    });
    return Buffer.from(plain).toString('latin1', 0, 8) === 'cn/inn/1';
  } catch {
    return false;
  }
}

it('control: before the key is destroyed the seized directory opens every recorded submission', async () => {
  await target.registry.acceptMany(recorded);
  const image = target.image('before');
  expect(seizeWaiting(image)).toHaveLength(SENT);
  const count = await opened(image);
  printFoundControl(`S4 of ${SENT} recorded submissions, opened while their epoch key lives`, count);
  expect(count).toBe(SENT);
});

it('after it the directory of day T opens none, and the key is in no file', async () => {
  const day = Math.floor(target.clock.now() / 86_400_000);
  const key = readFileSync(join(target.dir, 'keys', 'epochs', String(day), 'private.key'));
  const holding = (image: string): number => filesBelow(image).filter(({ bytes }) => bytes.includes(key.subarray(-32))).length;
  const held = holding(target.dir);
  printFoundControl('S4 files that hold the epoch key while it lives', held);
  expect(held).toBe(1);
  await target.registry.publish();
  for (let passed = 0; passed < 39; passed++) {
    target.clock.advanceDays(1);
    await target.registry.maintain();
  }
  const image = target.image('after');
  const count = await opened(image);
  printFound(`S4 of ${SENT} recorded submissions, opened with the directory of 39 days later`, count, 0);
  const kept = holding(image);
  printFound('S4 files that hold the destroyed epoch key', kept, 0);
  expect([count, kept]).toEqual([0, 0]);
}, 300_000);
