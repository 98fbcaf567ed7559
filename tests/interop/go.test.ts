import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosign } from '../../src/log/cosignature.js';
import { openNote, parseNote, parseVerifierKey } from '../../src/log/note.js';
import { addSignatures, signNote } from '../../src/log/sign-note.js';
import { encodeSignerKey, parseSignerKey } from '../../src/log/signer-key.js';
import { testLog, texts, witnessKey } from '../support/test-log.js';
import { type BuiltExport, buildExport } from './support/build-export.js';
import { buildGo, hasGo } from './support/programs.js';

const BATCHES = [1, 2, 300, 17, 700];
const SIZE = 1020;
const SECONDS = 1_770_000_000;

it.skipIf(hasGo)(hasGo ? 'Go is here' : 'skipped: Go with golang.org/x/mod (Debian golang-go golang-golang-x-mod-dev) is not here', () => {
  expect(hasGo).toBe(false);
});

describe.skipIf(!hasGo)('golang.org/x/mod/sumdb', () => {
  const work = mkdtempSync(join(tmpdir(), 'interop-go-'));
  const dir = join(work, 'export');
  let check: ReturnType<typeof buildGo>;
  let notes: ReturnType<typeof buildGo>;
  let built: BuiltExport;

  beforeAll(async () => {
    check = buildGo('checkexport', work);
    notes = buildGo('notes', work);
    built = await buildExport(dir, BATCHES, SECONDS);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('verifies checkpoint, cosignatures, root, every inclusion, every batch and the line of checkpoints', () => {
    const { status, stdout, stderr } = check([dir, built.log.vkey, ...built.witnesses]);
    expect(stderr).toBe('');
    expect(stdout).toBe(`size ${SIZE} leaves ${SIZE} bundles ${BATCHES.length} steps ${BATCHES.length} signatures 3\n`);
    expect(status).toBe(0);
  });

  it.each([
    ['checkpoint', 1, /malformed|invalid|not a checkpoint|no verifiable/],
    ['checkpoint', 30, /invalid signature|malformed|not a checkpoint/],
    ['tile/entries/000', 100, /another root|ends early/],
    ['tile/entries/003.p/252', 200, /another root/],
    ['tile/0/001', 77, /./],
    ['tile/0/003.p/252', 3, /./],
    ['tile/1/000.p/3', 40, /./],
    ['batch/003.tlog-proof', 60, /./],
    ['batch/005.tlog-proof', 400, /./],
  ])('negative control: %s with a bit of byte %i flipped is refused', (path, at, says) => {
    const bad = join(work, 'bad');
    cpSync(dir, bad, { recursive: true });
    const bytes = readFileSync(join(bad, path));
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(join(bad, path), bytes);
    const { status, stderr } = check([bad, built.log.vkey, ...built.witnesses]);
    rmSync(bad, { recursive: true });
    expect(stderr).toMatch(says);
    expect(status).toBe(1);
  });

  it('negative control: an export of a fork under an older batch proof is refused', async () => {
    const bad = join(work, 'fork');
    await buildExport(bad, BATCHES, SECONDS, 'other');
    cpSync(join(dir, 'batch/003.tlog-proof'), join(bad, 'batch/003.tlog-proof'));
    expect(check([bad, built.log.vkey, ...built.witnesses]).status).toBe(1);
    // Without the foreign proof the same export is whole.
    await buildExport(bad, BATCHES, SECONDS, 'other');
    expect(check([bad, built.log.vkey, ...built.witnesses]).status).toBe(0);
  });

  it('negative control: a witness that did not cosign is missed', () => {
    expect(check([dir, built.log.vkey, witnessKey('witness.example/c', 13).vkey]).status).toBe(1);
    expect(check([dir, built.log.vkey, built.witnesses[0] as string]).status).toBe(0);
  });

  it('opens our notes, and we open its notes', () => {
    const { stdout } = notes(['key', 'go.example/log']);
    const [signerKey, verifierKey] = stdout.trim().split('\n') as [string, string];
    const text = 'go.example/log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
    const theirs = notes(['sign', signerKey], text).stdout;
    expect(openNote(theirs, [parseVerifierKey(verifierKey)]).text).toBe(text);
    const ours = signNote(text, [parseSignerKey(signerKey)]);
    expect(ours).toBe(theirs);
    expect(encodeSignerKey(parseSignerKey(signerKey))).toBe(signerKey);
    expect(notes(['open', verifierKey], ours).stdout).toBe(text);
    // Controls: another text, another key.
    expect(notes(['open', verifierKey], ours.replace('\n1\n', '\n2\n')).status).toBe(1);
    expect(notes(['open', built.log.vkey], ours).status).toBe(1);
    expect(() => openNote(theirs.replace('\n1\n', '\n2\n'), [parseVerifierKey(verifierKey)])).toThrow();
  });

  it('cosigns for us', async () => {
    const log = testLog();
    await log.append(...texts(3));
    const note = log.note();
    const { text } = parseNote(note);
    const [vkey, line] = notes(['cosign', 'go.example/witness', String(SECONDS)], text)
      .stdout.trim()
      .split('\n') as [string, string];
    const opened = openNote(addSignatures(note, [`${line}\n`]), [parseVerifierKey(log.vkey), parseVerifierKey(vkey)]);
    expect(opened.verified.find(({ name }) => name === 'go.example/witness')).toMatchObject({ timestamp: SECONDS });
    const own = witnessKey('witness.example/a', 11);
    expect(cosign(text, own.signer, SECONDS)).not.toBe(`${line}\n`);
    // Control: the line of another text.
    await log.append('more');
    expect(() => openNote(addSignatures(log.note(), [`${line}\n`]), [parseVerifierKey(vkey)])).toThrow();
  });
});
