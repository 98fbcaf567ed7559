import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseVerifierKey } from '../../src/log/note.js';
import { makeSigner } from '../../src/log/signer-key.js';
import { ORIGIN, testLog, texts } from '../support/test-log.js';
import { hasOpenssl, opensslVerifies } from './support/programs.js';

it.skipIf(hasOpenssl)(hasOpenssl ? 'openssl is here' : 'skipped: openssl is not here', () => {
  expect(hasOpenssl).toBe(false);
});

describe.skipIf(!hasOpenssl)('openssl pkeyutl', () => {
  const work = mkdtempSync(join(tmpdir(), 'interop-openssl-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('verifies a checkpoint, and no other', async () => {
    const log = testLog();
    await log.append(...texts(300));
    const note = log.note();
    const { publicKey } = parseVerifierKey(log.vkey);
    expect(opensslVerifies(work, publicKey, note)).toBe(true);
    const start = note.indexOf('— ');
    const changed = [
      note.replace('register', 'registes'),
      note.replace('\n300\n', '\n301\n'),
      flip(note, start - 10),
      flip(note, note.length - 20),
    ];
    for (const other of changed) {
      expect(other).not.toBe(note);
      expect(opensslVerifies(work, publicKey, other)).toBe(false);
    }
    const stranger = testLog(makeSigner(ORIGIN, new Uint8Array(32).fill(2), 1));
    expect(opensslVerifies(work, parseVerifierKey(stranger.vkey).publicKey, note)).toBe(false);
  });
});

/** Another letter of base64 in this place. */
function flip(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
