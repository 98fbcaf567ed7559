import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryFinder } from '../../../src/edges/cli/published-entry.js';
import { cosign } from '../../../src/log/cosignature.js';
import { encodeVerifierKey, parseNote } from '../../../src/log/note.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { makeSigner, verifierOf } from '../../../src/log/signer-key.js';
import { contentForm, contentHash } from '../../../src/public/content-form.js';
import { replay, verifyForkProof } from '../../../src/verify.js';
import { pageAt } from '../../checks/pages.js';
import { cli } from '../../support/cli-shell.js';
import { draftOf, edited, entryKeyOf, exportOf, type Files, type PlannedBatch, SMALL_PLAN, TRUST } from '../../support/export-world.js';

const root = mkdtempSync(join(tmpdir(), 'cli-verify-'));
const SENTENCE =
  '8 statements (3 retracted) in 3 batches up to 2026-11-24: every published count was recomputed from the log and agrees.\n';
const KEY = ['--key', TRUST.key];
let folders = 0;
let honest: Files;
let server: Server;
let served: Files = new Map();
let address = '';

function written(files: Files): string {
  const folder = join(root, String(++folders));
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

const withFile = (files: Files, path: string, text: string): Files => new Map([...files, [path, new TextEncoder().encode(text)]]);

beforeAll(async () => {
  honest = await exportOf(draftOf(SMALL_PLAN));
  server = createServer((request, response) => {
    const file = served.get(new URL(request.url ?? '', 'http://localhost').pathname.replace('/register/', ''));
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/register`;
});
afterAll(async () => {
  rmSync(root, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

describe('cryptonym verify', () => {
  it('a folder: one sentence', async () => {
    expect(await cli(['verify', written(honest), ...KEY])).toEqual({ code: 0, out: SENTENCE, err: '' });
    for (const page of ['docs/cli.md', 'docs/spec/export.md']) expect(pageAt(page)).toContain(SENTENCE.trim());
  });

  it('an address: the same', async () => {
    served = honest;
    expect(await cli(['verify', address, ...KEY])).toEqual({ code: 0, out: SENTENCE, err: '' });
    expect(await cli(['verify', `${address}/`, ...KEY])).toMatchObject({ code: 0 });
  });

  it('--max-age: what its witnesses signed too long ago is refused, though all of it is right', async () => {
    const witness = makeSigner('witness.example', new Uint8Array(32).fill(9), 4);
    const at = (days: number) => Math.floor(Date.now() / 1000) - days * 86_400;
    const stale = await exportOf(draftOf(SMALL_PLAN), {
      cosign: (note) => addSignatures(note, [cosign(parseNote(note).text, witness, at(9))]),
    });
    const policy = join(root, 'policy');
    writeFileSync(policy, `witness w ${encodeVerifierKey(verifierOf(witness))}\nquorum w\n`);
    const place = [written(stale), ...KEY];
    const within = ['--witnesses', policy, '--max-age'];
    expect(await cli(['verify', ...place, ...within, '10'])).toMatchObject({ code: 0, out: SENTENCE }); // the control
    const late = await cli(['verify', ...place, ...within, '8']);
    expect(late).toMatchObject({ code: 3, out: '', err: expect.stringContaining('WITNESSES_TOO_FEW') });
    expect((await cli(['monitor', ...place, ...within, '8', '--state', join(root, 'late')])).code).toBe(3);
    expect((await cli(['verify', ...place, '--max-age', '8'])).code).toBe(2);
    const early = await exportOf(draftOf(SMALL_PLAN), {
      cosign: (note) => addSignatures(note, [cosign(parseNote(note).text, witness, at(-2))]),
    });
    const future = [written(early), ...KEY, '--witnesses', policy];
    expect(await cli(['verify', ...future])).toMatchObject({ code: 0 }); // the control
    expect((await cli(['verify', ...future, '--max-age', '8'])).code).toBe(3);
  });

  it('--json, --explain, and a bar only for whoever watches', async () => {
    const folder = written(honest);
    const { out } = await cli(['verify', folder, ...KEY, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      statements: 8,
      checkpoint: { origin: 'register.example/log', size: 20, witnesses: [] },
    });
    const explained = await cli(['verify', folder, ...KEY, '--explain']);
    expect(explained.out).toMatch(/[0-9a-f]{64}/);
    expect(explained.out.endsWith(SENTENCE)).toBe(true);
    expect((await cli(['verify', folder, ...KEY], { isTTY: true })).err).toMatch(/20 of 20 leaves/);
  });

  it('without --key it warns: the export only agrees with itself', async () => {
    const { code, err } = await cli(['verify', written(honest)]);
    expect({ code, warned: err.startsWith('warning: no --key was given') }).toEqual({ code: 0, warned: true });
  });

  it('a proof', async () => {
    const proof = join(written(honest), 'batch/002.tlog-proof');
    const { code, out } = await cli(['verify', proof, ...KEY, '--explain']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Leaf 5, the tally of batch 2 on 2026-11-22, lies in the log register\.example\/log of 12 leaves\.\n/);
    expect(pageAt('docs/spec/proof.md')).toContain(out.slice(0, out.indexOf('\n')));
    expect(JSON.parse((await cli(['verify', proof, ...KEY, '--json'])).out)).toMatchObject({ ok: true, index: 5, size: 12 });
    expect(await cli(['verify', proof])).toMatchObject({ code: 2 });
  });

  it('what is wrong exits with 3, what cannot be read with 1, wrong use with 2', async () => {
    const bad = withFile(honest, 'counts.csv', 'count,of,value\r\n');
    expect(await cli(['verify', written(bad), ...KEY])).toMatchObject({ code: 3, err: expect.stringMatching(/^error REPLAY_FAILED: /) });
    const other = withFile(honest, 'checkpoint', 'nothing');
    expect(await cli(['verify', written(other), ...KEY])).toMatchObject({ code: 3, err: expect.stringMatching(/^error NOTE_INVALID/) });
    expect(await cli(['verify', written(new Map([['index.html', new Uint8Array(1)]])), ...KEY])).toMatchObject({ code: 1 });
    expect(await cli(['verify', 'http://127.0.0.1:9/', ...KEY])).toMatchObject({ code: 1 });
    expect(await cli(['verify', join(root, 'nowhere'), ...KEY])).toMatchObject({ code: 2 });
    expect(await cli(['verify', written(honest), '--key', 'no key'])).toMatchObject({ code: 2 });
    const stranger = makeSigner('register.example/log', new Uint8Array(32).fill(8));
    const strange = await exportOf(draftOf(SMALL_PLAN), { signer: stranger });
    expect(await cli(['verify', written(strange), ...KEY])).toMatchObject({ code: 3 });
  });

  describe('--entry', () => {
    const idOf = (of: number): string => createHash('sha256').update(entryKeyOf(of), 'hex').digest('hex').slice(0, 32);
    const many = Array.from({ length: 300 }, (_, i) => ({ of: i + 1 }));

    it('an entry of a later bundle than its tally, with what the next batch changed; and one that is there twice', async () => {
      const plan: readonly PlannedBatch[] = [
        { date: '2026-11-21', statements: [...many, { of: 7 }] },
        { date: '2026-11-22', statements: [{ of: 301 }], changes: [{ of: 300, kind: 'retraction', by: 'holder' }] },
      ];
      const folder = written(await exportOf(draftOf(plan)));
      const of = async (holder: number) => cli(['verify', folder, ...KEY, '--entry', idOf(holder)]);
      const there =
        'in the register since 2026-11-21 (number 300, batch 1), as the log committed to it but for what the log says: retracted by the holder.';
      expect(await of(300)).toMatchObject({ code: 0, out: expect.stringContaining(there) });
      expect((await of(299)).out).toContain('(number 299, batch 1), as the log committed to it.\n');
      expect((await of(301)).out).toContain('since 2026-11-22 (number 303, batch 2)');
      expect(await of(7)).toMatchObject({ code: 3, out: expect.stringMatching(/^ALTERED: .*\n {2}copies /) });
      expect(await of(302)).toMatchObject({ code: 3, out: expect.stringMatching(/^MISSING: /) });
      const asked = await cli(['verify', folder, ...KEY, '--entry', idOf(300), '--json']);
      expect(JSON.parse(asked.out)).toMatchObject({ ok: true, registerNumber: 300, retracted: 'holder', said: { name: 'jin fu' } });
    });

    it('what a terminal would obey is not printed', async () => {
      const name = 'jin\u001b[2J\u202efu';
      const draft = draftOf([{ date: '2026-11-21', statements: [{ of: 1, name: 'jin fu' }] }]);
      const entry = draft.contents.get(1);
      if (entry === undefined) throw new Error('no content');
      const content = { ...entry.content, name };
      // An honest encoder refuses such a name, so the lie is in the bytes.
      const bytes = new TextEncoder().encode(contentForm(content));
      const hash = Buffer.from(contentHash(entry.salt, bytes)).toString('hex');
      const lying = edited(draft, (leaf) => (leaf.type === 'statement' ? { ...leaf, contentHash: hash } : leaf));
      const signed = await exportOf({ ...lying, contents: new Map() });
      const text = `[{"content":${contentForm(content)},"index":1,"salt":"${Buffer.from(entry.salt).toString('hex')}"}]`;
      const { code, out } = await cli(['verify', written(withFile(signed, 'contents/000.json', text)), ...KEY, '--entry', idOf(1)]);
      expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('name        jin\ufffd[2J\ufffdfu\n') });
    });

    it('a file that is another when it is read again is refused', async () => {
      let reads = 0;
      const finder = entryFinder(
        { read: async (path) => (path === 'contents/000.json' && ++reads > 1 ? new Uint8Array(2) : honest.get(path)) },
        idOf(1),
      );
      await replay(finder.reader, TRUST).catch(() => undefined);
      await expect(finder.find(20)).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
    });
  });

  it('a link that leads out of the folder is refused', async () => {
    const folder = written(honest);
    const outside = join(root, 'outside.csv');
    writeFileSync(outside, honest.get('counts.csv') ?? '');
    unlinkSync(join(folder, 'counts.csv'));
    symlinkSync(outside, join(folder, 'counts.csv'));
    expect(await cli(['verify', folder, ...KEY])).toMatchObject({ code: 1, err: expect.stringMatching(/lies outside/) });
    unlinkSync(join(folder, 'counts.csv'));
    symlinkSync(join(folder, 'copy.csv'), join(folder, 'counts.csv'));
    writeFileSync(join(folder, 'copy.csv'), honest.get('counts.csv') ?? '');
    expect(await cli(['verify', folder, ...KEY])).toMatchObject({ code: 0 }); // the control: a link that stays inside
  });
});

describe('cryptonym monitor', () => {
  const shorter: readonly PlannedBatch[] = SMALL_PLAN.slice(0, 2);
  const state = (): string => join(root, `state-${++folders}`);

  it('remembers, and sees that the log grows', async () => {
    const file = state();
    const first = await cli(['monitor', written(await exportOf(draftOf(shorter))), '--state', file, ...KEY]);
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^First look/) });
    // The key was remembered too.
    const second = await cli(['monitor', written(honest), '--state', file]);
    expect(second).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^It continues/) });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ key: TRUST.key, checkpoint: expect.stringContaining('\n20\n') });
  });

  it('alarms on a fork, with a proof to hand around', async () => {
    const file = state();
    await cli(['monitor', written(await exportOf(draftOf(shorter))), '--state', file, ...KEY]);
    const before = readFileSync(file, 'utf8');
    const rewritten = SMALL_PLAN.map((batch, i) => (i === 0 ? { ...batch, date: '2026-11-20' } : batch));
    const { code, err } = await cli(['monitor', written(await exportOf(draftOf(rewritten))), '--state', file]);
    expect(code).toBe(3);
    expect(err).toMatch(/^ALARM: .*error LOG_INCONSISTENT: /s);
    expect(readFileSync(file, 'utf8')).toBe(before);
    const { first, second } = verifyForkProof(readFileSync(`${file}.fork`, 'utf8'), TRUST);
    expect([first.size, second.size]).toEqual([12, 20]);
    // Whoever gets it checks it alike: the proof is right, the log is wrong.
    const shown = await cli(['verify', `${file}.fork`, ...KEY]);
    expect(shown).toMatchObject({ code: 3, err: '', out: expect.stringMatching(/^True: the key of \S+ has signed two histories/) });
    const json = await cli(['verify', `${file}.fork`, ...KEY, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, fork: { checkpoints: [{ size: 12 }, { size: 20 }] } });
    expect((await cli(['verify', `${file}.fork`])).code).toBe(2);
    writeFileSync(`${file}.fork`, readFileSync(`${file}.fork`, 'utf8').replace('\n12\n', '\n13\n'));
    expect((await cli(['verify', `${file}.fork`, ...KEY])).err).toMatch(/NOTE_INVALID/);
  });

  it('alarms on a rollback and on a tally that is wrong', async () => {
    const file = state();
    await cli(['monitor', written(honest), '--state', file, ...KEY]);
    expect(await cli(['monitor', written(await exportOf(draftOf(shorter))), '--state', file])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/LOG_INCONSISTENT: the log is smaller/),
    });
    const wrong = withFile(honest, 'counts.json', '{}');
    expect(await cli(['monitor', written(wrong), '--state', file])).toMatchObject({ code: 3, err: expect.stringMatching(/REPLAY_FAILED/) });
    expect(await cli(['monitor', written(honest), '--state', file])).toMatchObject({ code: 0 }); // the control
  });

  it('a state that is something else is not overwritten', async () => {
    const file = state();
    writeFileSync(file, 'notes of mine');
    expect(await cli(['monitor', written(honest), '--state', file, ...KEY])).toMatchObject({ code: 2 });
    expect(readFileSync(file, 'utf8')).toBe('notes of mine');
  });
});
