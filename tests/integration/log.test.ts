import { createHash, createPublicKey, verify } from 'node:crypto';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCustody, type Custody } from '../../src/custodian.js';
import { signNote } from '../../src/log/sign-note.js';
import { encodeSignerKey, makeSigner } from '../../src/log/signer-key.js';
import { makePolicy, openRegistry, type Registration, type Registry } from '../../src/index.js';
import { LogKeyFiles } from '../../src/stores/sqlite/log-key-files.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { openRaw } from '../support/raw-sqlite.js';

const root = mkdtempSync(join(tmpdir(), 'log-test-'));
const START = Date.UTC(2026, 10, 21, 9);
let custody: Custody;
let opened: Registry[] = [];
let serial = 0;

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 3 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const registry of opened) await registry.close();
  opened = [];
});
afterAll(() => rmSync(root, { recursive: true }));

interface Place {
  readonly dir: string;
  readonly clock: FixedClock;
  open(): Promise<Registry>;
}

function place(origin?: string): Place {
  const dir = join(root, `r${serial++}`);
  const clock = fixedClock(START);
  const more = origin === undefined ? {} : { origin };
  const open = async () => {
    const registry = await openRegistry({ dir, keys: custody.keys, policy: makePolicy('tiny', ['party', 'league']), ...more }, { clock });
    opened.push(registry);
    return registry;
  };
  return { dir, clock, open };
}

const person = (i: number): Registration => ({
  identity: { names: ['王小明'], birthDate: `19${50 + (i % 50)}-03-01` },
  statement: { alias: 'jin fu', categories: [i % 2 === 0 ? 'party' : 'league'] },
});

async function publishDay(registry: Registry, clock: FixedClock, people: number): Promise<void> {
  clock.advanceDays(1);
  for (let i = 0; i < people; i++) await registry.register(person(i));
  await registry.publish();
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 6962 §2.1, as it is written there. */
function treeHash(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0] as Uint8Array);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

const fileOf = (dir: string): string => join(dir, 'public', 'public.db');

function leavesOf(dir: string): Uint8Array[] {
  const database = openRaw(fileOf(dir), { readonly: true });
  const rows = database.prepare('SELECT bytes FROM leaves ORDER BY idx').all() as { bytes: Uint8Array }[];
  database.close();
  return rows.map(({ bytes }) => bytes);
}

function change(dir: string, sql: string): void {
  const database = openRaw(fileOf(dir));
  database.exec(sql);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** Checks a signed note with OpenSSL through Node. */
function bodyOf(note: string, vkey: string): string[] {
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const line = note.slice(text.length + 1).split('\n')[0] as string;
  const signature = Buffer.from(line.split(' ')[2] as string, 'base64').subarray(4);
  const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  expect(verify(null, Buffer.from(text), key, signature)).toBe(true);
  return text.trimEnd().split('\n');
}

describe('the log of a register', () => {
  it('has a checkpoint after every batch: size and root by RFC 6962, signed, under the name it was given', async () => {
    const { dir, clock, open } = place('register.example');
    const registry = await open();
    expect(await registry.log.checkpoint()).toBeUndefined();
    const vkey = await registry.log.verifierKey();
    expect(vkey).toMatch(/^register\.example\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/);
    for (const people of [3, 0, 400, 1]) {
      await publishDay(registry, clock, people);
      const leaves = leavesOf(dir);
      const [origin, size, hash] = bodyOf((await registry.log.checkpoint()) ?? '', vkey);
      expect([origin, size, hash]).toEqual(['register.example', `${leaves.length}`, treeHash(leaves).toString('base64')]);
    }
    expect((await registry.health()).problems).toEqual([]);
  }, 60_000);

  it('is named by its key where nobody named it, and keeps its name', async () => {
    const { dir, open } = place();
    const registry = await open();
    const vkey = await registry.log.verifierKey();
    expect(vkey).toMatch(/^[0-9a-f]{16}\.invalid\+/);
    expect(await registry.log.verifierKey()).toBe(vkey);
    await expect(openRegistry({ dir, origin: 'other.example' })).rejects.toMatchObject({ code: 'LOG_KEY_INVALID' });
  });

  it('is finished by the next publication where a crash came before the signature', async () => {
    const { dir, clock, open } = place();
    const registry = await open();
    await publishDay(registry, clock, 2);
    const signed = await registry.log.checkpoint();
    await publishDay(registry, clock, 2);
    // As a kill between the batch and its signature leaves it.
    change(dir, 'DELETE FROM checkpoints WHERE size > 3');
    const names = readdirSync(join(dir, 'keys', 'log')).filter((name) => name.endsWith('.checkpoint'));
    expect(names).toEqual(['after-3.checkpoint']);
    expect(await registry.log.checkpoint()).toBe(signed);
    await registry.publish();
    expect((await registry.log.checkpoint())?.split('\n')[1]).toBe('6');
  });

  it('grows over the leaves of a register that had no tree', async () => {
    const { dir, clock, open } = place();
    const registry = await open();
    await publishDay(registry, clock, 300);
    const before = await registry.log.checkpoint();
    change(dir, 'DELETE FROM tiles; DELETE FROM checkpoints;');
    rmSync(join(dir, 'keys', 'log', 'after-0.checkpoint'));
    expect((await registry.health()).problems).toEqual([]);
    await registry.publish();
    expect(await registry.log.checkpoint()).toBe(before);
  }, 60_000);
});

describe('a log that somebody touched signs nothing', () => {
  const refused = async (registry: Registry, code: string): Promise<void> => {
    const before = await registry.log.checkpoint();
    await expect(registry.publish()).rejects.toMatchObject({ code });
    expect(await registry.log.checkpoint()).toBe(before);
  };

  it('restored from a backup that is older than its last checkpoint', async () => {
    const { dir, clock, open } = place();
    const registry = await open();
    await publishDay(registry, clock, 2);
    await registry.close();
    copyFileSync(fileOf(dir), join(dir, '..', 'backup.db'));
    const again = await open();
    await publishDay(again, clock, 2);
    await again.close();
    copyFileSync(join(dir, '..', 'backup.db'), fileOf(dir));
    const restored = await open();
    clock.advanceDays(1);
    const { problems } = await restored.health();
    expect(problems).toContainEqual({ store: 'log', problem: 'the register is older than what its log has signed' });
    await refused(restored, 'LOG_INCONSISTENT');
  });

  it('that was lost with its disk: the key and an old public store came back, what was signed did not', async () => {
    const { dir, clock, open } = place('register.example');
    const registry = await open();
    await publishDay(registry, clock, 2);
    await registry.close();
    copyFileSync(fileOf(dir), `${dir}.db`);
    const again = await open();
    await publishDay(again, clock, 2);
    const newest = (await again.log.checkpoint()) ?? '';
    await again.close();
    copyFileSync(fileOf(dir), `${dir}.new.db`);
    const logDir = join(dir, 'keys', 'log');
    rmSync(join(logDir, 'after-3.checkpoint'));
    copyFileSync(`${dir}.db`, fileOf(dir));
    const restored = await open();
    clock.advanceDays(1);
    await refused(restored, 'LOG_INCONSISTENT');
    // The newest checkpoint known outside says that this store is too old ...
    writeFileSync(join(logDir, '6.checkpoint'), newest, { mode: 0o600 });
    await refused(restored, 'LOG_INCONSISTENT');
    await restored.close();
    // ... and lets one go on that is not. As it comes from outside, with the signatures of witnesses.
    copyFileSync(`${dir}.new.db`, fileOf(dir));
    const stranger = signNote('x\n', [makeSigner('w.example', new Uint8Array(32).fill(7))]).split('\n\n')[1] ?? '';
    writeFileSync(join(logDir, '6.checkpoint'), newest + stranger, { mode: 0o600 });
    const whole = await open();
    await publishDay(whole, clock, 1);
    expect((await whole.log.checkpoint())?.split('\n')[1]).toBe('8');
    expect((await whole.health()).problems).toEqual([]);
  });

  it.each([1, 2])(
    'of two registers over one key folder that race: the one whose publication ends later, after %i of the other',
    async (days) => {
      const { dir, clock, open } = place('register.example');
      const first = await open();
      await publishDay(first, clock, 2);
      await first.close();
      cpSync(dir, `${dir}-spare`, { recursive: true });
      rmSync(join(`${dir}-spare`, 'keys', 'log'), { recursive: true });
      symlinkSync(join(dir, 'keys', 'log'), join(`${dir}-spare`, 'keys', 'log'));
      const again = await open();
      const spare = await openRegistry({ dir: `${dir}-spare`, origin: 'register.example' }, { clock });
      opened.push(spare);
      // More than the other: a greater size, too, must not be signed in the place of what was.
      for (let i = 0; i < 10; i++) await spare.register(person(i));
      clock.advanceDays(1);
      const { signed } = LogKeyFiles.prototype;
      let reads = 0;
      vi.spyOn(LogKeyFiles.prototype, 'signed').mockImplementation(async function (this: LogKeyFiles) {
        const last = await signed.call(this);
        // The spare has stored its batch and knows what was signed last; the other publishes before it signs.
        if (++reads === 2) for (let day = 0; day < days; day++) await publishDay(again, clock, 3);
        return last;
      });
      await refused(spare, days === 1 ? 'LOG_INCONSISTENT' : 'STORE_BUSY');
      expect((await again.log.checkpoint())?.split('\n')[1]).toBe(`${3 + 4 * days}`);
      await publishDay(again, clock, 1);
      await refused(spare, 'LOG_INCONSISTENT');
      expect((await again.health()).problems).toEqual([]);
    },
  );

  it('with another key of the same name', async () => {
    const { dir, clock, open } = place('register.example');
    const registry = await open();
    await publishDay(registry, clock, 2);
    rmSync(join(dir, 'keys', 'log', 'key'));
    writeFileSync(join(dir, 'keys', 'log', 'key'), encodeSignerKey(makeSigner('register.example', new Uint8Array(32).fill(5))), {
      mode: 0o600,
    });
    clock.advanceDays(1);
    await refused(registry, 'LOG_KEY_INVALID');
  });

  it('with another history of the same size', async () => {
    const { dir, clock, open } = place();
    const registry = await open();
    await publishDay(registry, clock, 3);
    change(dir, 'UPDATE tiles SET hashes = zeroblob(length(hashes)); DELETE FROM checkpoints;');
    clock.advanceDays(1);
    await refused(registry, 'LOG_INCONSISTENT');
  });

  it('with a leaf that is not the one in the tree', async () => {
    const { dir, clock, open } = place();
    const registry = await open();
    await publishDay(registry, clock, 3);
    const signed = join(dir, 'keys', 'log', 'after-0.checkpoint');
    copyFileSync(signed, `${dir}.checkpoint`);
    await publishDay(registry, clock, 3);
    // The last batch was stored but not signed, and a leaf of it was exchanged.
    change(dir, "DELETE FROM checkpoints WHERE size > 4; UPDATE leaves SET bytes = CAST(bytes || ' ' AS BLOB) WHERE idx = 6;");
    rmSync(join(dir, 'keys', 'log', 'after-4.checkpoint'));
    copyFileSync(`${dir}.checkpoint`, signed);
    clock.advanceDays(1);
    await refused(registry, 'STORE_INTEGRITY');
  });

  it('without its key', async () => {
    const { dir, clock, open } = place();
    const registry = await open();
    await publishDay(registry, clock, 1);
    rmSync(join(dir, 'keys', 'log', 'key'));
    clock.advanceDays(1);
    await expect(registry.publish()).rejects.toMatchObject({ code: 'LOG_KEY_INVALID' });
    await expect(registry.log.verifierKey()).rejects.toMatchObject({ code: 'LOG_KEY_INVALID' });
  });
});
