import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseNote, parseVerifierKey } from '../../src/log/note.js';
import { testLog, texts } from '../support/test-log.js';
import { hasOpenssl } from './support/programs.js';

/** SubjectPublicKeyInfo of an Ed25519 key up to the 32 bytes themselves (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

it.skipIf(hasOpenssl)(hasOpenssl ? 'openssl is here' : 'skipped: openssl is not here', () => {
  expect(hasOpenssl).toBe(false);
});

describe.skipIf(!hasOpenssl)('openssl pkeyutl', () => {
  const work = mkdtempSync(join(tmpdir(), 'interop-openssl-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const verify = (key: Uint8Array, text: string | Uint8Array, signature: Uint8Array): number | null => {
    const file = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(work, name), content);
      return join(work, name);
    };
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([SPKI_HEAD, key]).toString('base64')}\n-----END PUBLIC KEY-----\n`;
    const files = ['-inkey', file('key.pem', pem), '-sigfile', file('signature', signature), '-in', file('text', text)];
    return spawnSync('openssl', ['pkeyutl', '-verify', '-pubin', '-rawin', ...files], { stdio: 'ignore' }).status;
  };

  it('verifies a checkpoint, and no other', async () => {
    const log = testLog();
    await log.append(...texts(300));
    const note = log.note();
    const { text } = parseNote(note);
    const [, line] = /^— \S+ (\S+)$/m.exec(note) ?? [];
    // Four bytes of key id, then the signature (C2SP signed-note).
    const signature = Buffer.from(line as string, 'base64').subarray(4);
    const { publicKey } = parseVerifierKey(log.vkey);
    expect(signature).toHaveLength(64);
    expect(verify(publicKey, text, signature)).toBe(0);
    for (const at of [0, text.length - 2]) {
      const flipped = Buffer.from(text);
      flipped[at] = (flipped[at] as number) ^ 1;
      expect(verify(publicKey, flipped, signature)).not.toBe(0);
    }
    const flipped = Uint8Array.from(signature);
    flipped[5] = (flipped[5] as number) ^ 1;
    expect(verify(publicKey, text, flipped)).not.toBe(0);
  });
});
