import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeCheckpoint } from '../../../src/log/checkpoint.js';
import { verifyForkProof } from '../../../src/log/fork-proof.js';
import { EMPTY_ROOT } from '../../../src/log/hashing.js';
import { openNote, parseNote, parseVerifierKey } from '../../../src/log/note.js';
import { addSignatures, signNote } from '../../../src/log/sign-note.js';
import { makeSigner } from '../../../src/log/signer-key.js';
import { encodeAddCheckpoint } from '../../../src/log/witness-request.js';
import { ORIGIN, testLog, type TestLog, texts, witnessKey } from '../../support/test-log.js';
import { requestOf, type Running, SECONDS, startWitness } from './running.js';

const HASH = createHash('sha256').update(ORIGIN).digest('hex');

let log: TestLog;
let witness: Running;
beforeEach(async () => {
  log = testLog();
  await log.append(...texts(5));
  witness = await startWitness([log.vkey]);
});
afterEach(() => witness.remove());

const served = (): Promise<Response> => fetch(`${witness.url}/${HASH}/checkpoint`);

/** Status and size told, as the log sees them. */
async function ask(body: string): Promise<readonly [number, string]> {
  const answer = await witness.post(body);
  return [answer.status, answer.status === 409 ? await answer.text() : ''];
}

describe('the example witness', () => {
  it('cosigns the first checkpoint it sees, and then only what continues it', async () => {
    const first = await witness.post(await requestOf(log, 0));
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const line = await first.text();
    const opened = openNote(addSignatures(log.note(), [line]), [parseVerifierKey(log.vkey), parseVerifierKey(witness.vkey)]);
    expect(opened.verified.map(({ timestamp }) => timestamp)).toEqual([undefined, SECONDS]);
    await log.append(...texts(300, 'more'));
    expect(await ask(await requestOf(log, 5))).toEqual([200, '']);
    // Asked again about the same tree: the answer may have been lost.
    expect(await ask(await requestOf(log, 305))).toEqual([200, '']);
    expect(openNote(await (await served()).text(), [parseVerifierKey(log.vkey), parseVerifierKey(witness.vkey)]).text).toBe(
      parseNote(log.note()).text,
    );
  });

  it('says which size it has seen to whoever starts from another', async () => {
    await witness.post(await requestOf(log, 0));
    await log.append('x', 'y');
    const answer = await witness.post(await requestOf(log, 0));
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([409, 'text/x.tlog.size', '5\n']);
    expect(await ask(await requestOf(log, 3))).toEqual([409, '5\n']);
    expect(await ask(await requestOf(log, 5))).toEqual([200, '']);
  });

  it('goes back neither to a smaller tree nor to another one', async () => {
    await log.append('x', 'y');
    const fork = log.fork();
    const small = testLog();
    await small.append(...texts(5));
    await witness.post(await requestOf(log, 0));
    expect(await ask(await requestOf(small, 0))).toEqual([409, '7\n']);
    expect(await ask(await requestOf(small, 5))).toEqual([409, '7\n']);
    await log.append('left');
    await fork.append('right');
    expect(await ask(await requestOf(log, 7))).toEqual([200, '']);
    expect(await ask(await requestOf(fork, 7))).toEqual([409, '8\n']);
    expect(await ask(await requestOf(fork, 8))).toEqual([422, '']);
    await fork.append('right again');
    expect(await ask(await requestOf(fork, 8))).toEqual([422, '']);
    expect(parseNote(await (await served()).text()).text).toBe(parseNote(log.note()).text);
    // What it kept convicts the log before anybody: two notes of one size.
    const [evidence] = readdirSync(witness.dir).filter((name) => name.endsWith('.fork'));
    expect(evidence).toBe(`${HASH}-8.fork`);
    expect(verifyForkProof(readFileSync(join(witness.dir, evidence as string), 'utf8'), { key: log.vkey }).first.size).toBe(8);
  });

  it.each<[string, number, (log: TestLog) => string | Promise<string>]>([
    ['nothing', 400, () => ''],
    ['another format', 400, () => '{"old":0}'],
    ['no old size', 400, (log) => `\n${log.note()}`],
    ['an old size with a zero before it', 400, (log) => `old 00\n\n${log.note()}`],
    ['carriage returns', 400, (log) => `old 0\r\n\r\n${log.note()}`],
    ['64 hashes', 400, (log) => `old 1\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n${log.note()}`],
    ['a hash of 31 bytes', 400, (log) => `old 1\n${Buffer.alloc(31).toString('base64')}\n\n${log.note()}`],
    ['a note that is no checkpoint', 400, (log) => `old 0\n\n${signNote('hello\n', [log.signer])}`],
    ['a note without signatures', 400, (log) => `old 0\n\n${parseNote(log.note()).text}\n`],
    ['an old size greater than the checkpoint', 400, (log) => `old 6\n\n${log.note()}`],
    ['a log it does not know', 404, () => `old 0\n\n${noteOf('other.example/log')}`],
    ['no signature of the log', 403, (log) => `old 0\n\n${signNote(parseNote(log.note()).text, [strangeKey('other.example/log')])}`],
    ['a key of the same name', 403, (log) => `old 0\n\n${signNote(parseNote(log.note()).text, [strangeKey(ORIGIN)])}`],
    ['a bad signature of the log', 403, (log) => `old 0\n\n${log.note().replace('\n5\n', '\n6\n')}`],
    ['a bad old signature beside', 403, (log) => `old 0\n\n${badLine(log)}`],
    ['an empty tree with a root', 422, (log) => `old 0\n\n${noteOf(ORIGIN, 0, new Uint8Array(32), log)}`],
    ['a proof from nothing', 422, (log) => encodeAddCheckpoint({ oldSize: 0, proof: [new Uint8Array(32)], checkpoint: log.note() })],
  ])('refuses %s with %i', async (_what, status, body) => {
    const answer = await witness.post(await body(log));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect((await served()).status).toBe(404);
    // Control: the honest request passes.
    expect((await witness.post(await requestOf(log, 0))).status).toBe(200);
  });

  it.each<[string, (body: string) => string]>([
    [
      'a proof with a bit flipped',
      (body) => body.replace(/^(old 5\n)(.)/, (_all, head: string, first: string) => head + (first === 'A' ? 'B' : 'A')),
    ],
    ['a proof with a hash less', (body) => body.replace(/^(old 5\n).*\n/, '$1')],
    ['no proof', (body) => body.replace(/^(old 5\n)(?:.+\n)*/, '$1')],
  ])('refuses %s with 422', async (_what, change) => {
    await witness.post(await requestOf(log, 0));
    await log.append(...texts(4, 'more'));
    const good = await requestOf(log, 5);
    expect(change(good)).not.toBe(good);
    expect(await ask(change(good))).toEqual([422, '']);
    expect(await ask(good)).toEqual([200, '']);
  });

  it('takes the empty tree, then anything', async () => {
    const empty = testLog();
    expect(await ask(`old 0\n\n${noteOf(ORIGIN, 0, EMPTY_ROOT, empty)}`)).toEqual([200, '']);
    expect(await ask(await requestOf(log, 0))).toEqual([200, '']);
  });

  it('knows one address for each thing', async () => {
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${witness.url}/add-checkpoint`)).headers.get('allow')).toBe('POST');
    expect((await fetch(`${witness.url}/${HASH}/checkpoint`, { method: 'PUT', body: 'x' })).status).toBe(405);
    for (const path of ['/', '/add-checkpoint/', '/add-checkpoint?x', `/${HASH}`, `/${HASH.toUpperCase()}/checkpoint`, '/../x'])
      expect((await fetch(witness.url + path, { method: 'POST' })).status).toBe(404);
    expect((await served()).status).toBe(404);
    expect((await fetch(`${witness.url}/${'0'.repeat(64)}/checkpoint`)).status).toBe(404);
  });

  it('cuts off what is too long, also when its length is not said', async () => {
    expect((await witness.post('x'.repeat(70_000))).status).toBe(413);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent < 300_000; sent += 10_000) controller.enqueue(new Uint8Array(10_000));
        controller.close();
      },
    });
    const sent = fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    // A client that is still sending may see the connection end instead of the answer.
    expect(await sent.then(({ status }) => status).catch(() => 413)).toBe(413);
    expect((await witness.post(new Uint8Array([0x6f, 0xff, 0xfe]))).status).toBe(400);
    expect((await witness.post(await requestOf(log, 0))).status).toBe(200);
  });

  it('serves the lines of the log and its own, and nobody else’s', async () => {
    const stranger = strangeKey('spam.example');
    const note = addSignatures(log.note(), [`${signNote(parseNote(log.note()).text, [stranger]).split('\n').at(-2)}\n`]);
    expect(note).toContain('spam.example');
    expect(await ask(`old 0\n\n${note}`)).toEqual([200, '']);
    const text = await (await served()).text();
    expect(parseNote(text).signatures.map(({ name }) => name)).toEqual([ORIGIN, 'witness.example/31']);
  });

  it('keeps connections open', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 3; i++)
      await new Promise<void>((done, fail) => {
        const request = httpRequest(`${witness.url}/${HASH}/checkpoint`, { agent }, (response) => response.resume().on('end', done));
        request
          .on('socket', (socket) => socket.once('connect', () => ports.add(socket.localPort)))
          .on('error', fail)
          .end();
      });
    agent.destroy();
    expect(ports.size).toBe(1);
  });
});

describe('its memory', () => {
  it('is never set back by calls at one time', async () => {
    const notes: string[] = [];
    await witness.post(await requestOf(log, 0));
    for (let i = 0; i < 20; i++) {
      await log.append(`step ${i}`);
      notes.push(await requestOf(log, 5));
    }
    const statuses = await Promise.all(notes.map(async (body) => (await witness.post(body)).status));
    // All start from 5: one is first, and for all others 5 is past.
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    const [, won] = parseNote(await (await served()).text()).text.split('\n');
    expect(notes[statuses.indexOf(200)]).toContain(`\n${won}\n`);
  });

  it('survives the process, and does not begin anew when it is damaged', async () => {
    await witness.post(await requestOf(log, 0));
    await witness.stop();
    const { dir } = witness;
    witness = await startWitness([log.vkey], { dir });
    await log.append('x');
    expect(await ask(await requestOf(log, 0))).toEqual([409, '5\n']);
    await witness.stop();
    const file = join(dir, `${HASH}.checkpoint`);
    const good = readFileSync(file, 'utf8');
    for (const bad of ['', good.slice(0, 40), good.replace('\n5\n', '\n4\n'), log.note()]) {
      writeFileSync(file, bad);
      await expect(startWitness([log.vkey], { dir })).rejects.toMatchObject({ code: 'NOTE_INVALID' });
    }
    writeFileSync(file, good);
    witness = await startWitness([log.vkey], { dir });
  });

  it('is written before the answer goes out: where it cannot be, nothing is cosigned', async () => {
    let full = true;
    await witness.remove();
    witness = await startWitness([log.vkey], {
      state: (state) => ({ ...state, write: (...file) => (full ? Promise.reject(new Error('ENOSPC')) : state.write(...file)) }),
    });
    const failed = await witness.post(await requestOf(log, 0));
    expect([failed.status, await failed.text()]).toEqual([500, 'fault\n']);
    expect(witness.faults).toHaveLength(1);
    expect((await served()).status).toBe(404);
    full = false;
    expect(await ask(await requestOf(log, 0))).toEqual([200, '']);
  });

  it('does not cosign without a clock', async () => {
    await witness.remove();
    witness = await startWitness([log.vkey], { now: () => 0 });
    expect((await witness.post(await requestOf(log, 0))).status).toBe(500);
    expect((await served()).status).toBe(404);
  });

  it('takes several keys of one log', async () => {
    const next = strangeKey(ORIGIN);
    const renewed = testLog(next);
    await renewed.append(...texts(5));
    await witness.post(await requestOf(log, 0));
    expect((await witness.post(await requestOf(renewed, 5))).status).toBe(403);
    await witness.stop();
    witness = await startWitness([log.vkey, renewed.vkey], { dir: witness.dir });
    expect(await ask(await requestOf(renewed, 5))).toEqual([200, '']);
  });
});

function strangeKey(name: string): ReturnType<typeof makeSigner> {
  return makeSigner(name, new Uint8Array(32).fill(99), 1);
}

function noteOf(origin: string, size = 0, root: Uint8Array = EMPTY_ROOT, log?: TestLog): string {
  return signNote(encodeCheckpoint({ origin, size, root }), [log?.signer ?? strangeKey(origin)]);
}

/** The right line of the log after a wrong one of the same key. */
function badLine(log: TestLog): string {
  const { text } = parseNote(log.note());
  const [, wrong] = signNote(`${ORIGIN}\n9\n${witnessKey('w', 1).vkey.slice(-44)}\n`, [log.signer]).split('\n\n');
  return `${text}\n${wrong}${log.note().split('\n\n')[1]}`;
}
