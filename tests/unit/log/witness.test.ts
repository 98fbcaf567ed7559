import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { cosign } from '../../../src/log/cosignature.js';
import { decodeCheckpoint } from '../../../src/log/checkpoint.js';
import { encodeVerifierKey, openNote, parseNote } from '../../../src/log/note.js';
import { decodeProofBundle, encodeProofBundle } from '../../../src/log/proof-bundle.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { makeSigner, verifierOf } from '../../../src/log/signer-key.js';
import { verifyConsistency } from '../../../src/log/verify-consistency.js';
import { cosignCheckpoint, type WitnessAnswer } from '../../../src/log/witness-client.js';
import { decodeAddCheckpoint, decodeCosignedSize, encodeAddCheckpoint } from '../../../src/log/witness-request.js';
import { addCheckpoint, proofBundle } from '../../support/log-arbitraries.js';
import { logOf, type MemoryLog, nodeSha256, WITNESSES } from '../../support/log-fixtures.js';

const [witness, another] = WITNESSES;
const VKEY = encodeVerifierKey(verifierOf(witness));
const answer = (status: number, body = '', contentType = 'text/plain'): WitnessAnswer => ({ status, contentType, body });
const size = (value: number | string): WitnessAnswer => answer(409, `${value}\n`, 'text/x.tlog.size');

/** A witness in memory: keeps the last size and root, as C2SP tlog-witness says. */
class FakeWitness {
  readonly vkey = VKEY;
  readonly asked: number[] = [];
  size = 0;
  root: Uint8Array | undefined;
  time = 1000;

  send(body: string): Promise<WitnessAnswer> {
    const { oldSize, proof, checkpoint } = decodeAddCheckpoint(body);
    this.asked.push(oldSize);
    const { text } = parseNote(checkpoint);
    const claimed = decodeCheckpoint(text);
    if (oldSize !== this.size) return Promise.resolve(size(this.size));
    if (this.root !== undefined) {
      try {
        verifyConsistency({ from: oldSize, to: claimed.size, fromRoot: this.root, toRoot: claimed.root, proof }, nodeSha256);
      } catch {
        return Promise.resolve(answer(422));
      }
    } else if (proof.length > 0) return Promise.resolve(answer(422));
    this.size = claimed.size;
    this.root = claimed.root;
    return Promise.resolve(answer(200, cosign(text, witness, this.time)));
  }
}

/** A witness that gives these answers in turn. */
const scripted = (...answers: readonly WitnessAnswer[]) => {
  const left = [...answers];
  return { vkey: VKEY, asked: answers.length, left, send: () => Promise.resolve(left.shift() ?? expect.fail('asked once too often')) };
};

describe('cosignCheckpoint', () => {
  let log: MemoryLog;
  let checkpoint: string;
  let text: string;
  beforeAll(async () => {
    log = await logOf(300);
    checkpoint = log.checkpoint();
    ({ text } = parseNote(checkpoint));
  });
  const ask = (connection: { vkey: string; send(body: string): Promise<WitnessAnswer> }, known?: number, notBefore?: number) =>
    cosignCheckpoint({
      checkpoint,
      reader: log,
      connection,
      sha256: nodeSha256,
      ...(known === undefined ? {} : { known }),
      ...(notBefore === undefined ? {} : { notBefore }),
    });
  const refusal = (code: string, retryable: boolean) => expect.objectContaining({ code, retryable });

  it('the first time, the next time, and the same checkpoint again', async () => {
    const fake = new FakeWitness();
    const small = await logOf(7);
    const first = await cosignCheckpoint({ checkpoint: small.checkpoint(), reader: small, connection: fake });
    expect(first).toEqual({ line: cosign(parseNote(small.checkpoint()).text, witness, 1000), known: 7 });
    const second = await ask(fake, first.known);
    expect(openNote(addSignatures(checkpoint, [second.line]), [verifierOf(witness)]).verified).toHaveLength(1);
    expect(await ask(fake, second.known)).toEqual(second);
    expect(fake.asked).toEqual([0, 7, 300]);
  });
  it('409 once: asks again with the size it says', async () => {
    const fake = new FakeWitness();
    await cosignCheckpoint({ checkpoint: (await logOf(200)).checkpoint(), reader: log, connection: fake });
    expect((await ask(fake, 7)).known).toBe(300);
    expect((await ask(fake)).known).toBe(300);
    expect(fake.asked).toEqual([0, 7, 200, 0, 300]);
  });
  it('409 with parameters behind its content type', async () => {
    const connection = scripted(answer(409, '7\n', 'text/x.tlog.size; charset=utf-8'), answer(200, cosign(text, witness, 1000)));
    expect((await ask(connection)).known).toBe(300);
  });
  it('409 twice: gives up, to be asked again later', async () => {
    const connection = scripted(size(200), size(7));
    await expect(ask(connection)).rejects.toThrow(refusal('WITNESSES_TOO_FEW', true));
    expect(connection.left).toEqual([]);
  });
  it('a witness that has seen a larger tree, or another one', async () => {
    const inconsistent = refusal('LOG_INCONSISTENT', false);
    await expect(ask(scripted(size(301)))).rejects.toThrow(inconsistent);
    await expect(ask(scripted(), 301)).rejects.toThrow(inconsistent);
    await expect(ask(scripted(answer(422)))).rejects.toThrow(inconsistent);
    const fake = new FakeWitness();
    const fork = await logOf(7);
    await fork.append([new Uint8Array(1)]);
    await cosignCheckpoint({ checkpoint: fork.checkpoint(), reader: fork, connection: fake });
    await expect(ask(fake, 8)).rejects.toThrow(inconsistent);
  });
  it.each([
    [404, false],
    [403, false],
    [400, false],
    [302, false],
    [500, true],
    [503, true],
  ])('%i', async (status, retryable) => {
    await expect(ask(scripted(answer(status)))).rejects.toThrow(refusal('WITNESSES_TOO_FEW', retryable));
  });
  it.each([
    ['no number', answer(409, 'many\n', 'text/x.tlog.size')],
    ['no newline', answer(409, '7', 'text/x.tlog.size')],
    ['leading zero', size('07')],
    ['negative', size('-7')],
    ['too large', size('9007199254740992')],
    ['another content type', answer(409, '7\n')],
    ['a longer content type', answer(409, '7\n', 'text/x.tlog.sizes')],
  ])('a size that is none: %s', async (_, bad) => {
    await expect(ask(scripted(bad))).rejects.toThrow(refusal('WITNESSES_TOO_FEW', false));
  });
  it('answers that are no cosignature of its own', async () => {
    const line = cosign(text, witness, 1000);
    const plain = makeSigner(witness.name, witness.seed, 1);
    for (const body of [
      '',
      'garbage',
      line.slice(0, -1),
      `${line}\n`,
      `\n${line}`,
      line.repeat(101),
      'x'.repeat(100_000),
      cosign(text, another, 1000),
      cosign(text, makeSigner(witness.name, another.seed, 4), 1000),
      cosign('another text\n', witness, 1000),
      cosign(text, witness, 0),
      addSignatures(checkpoint, [line]),
      line.replace(witness.name, plain.name.toUpperCase()),
    ])
      await expect(ask(scripted(answer(200, body))), body.slice(0, 60)).rejects.toThrow(refusal('WITNESSES_TOO_FEW', false));
  });
  it('lines of other keys beside its own are ignored', async () => {
    const line = cosign(text, witness, 1000);
    expect((await ask(scripted(answer(200, `${cosign(text, another, 5)}${line}`)))).line).toBe(line);
  });
  it('a cosignature of before: an old answer played again', async () => {
    const old = answer(200, cosign(text, witness, 999));
    await expect(ask(scripted(old), undefined, 1000)).rejects.toThrow(refusal('WITNESSES_TOO_FEW', false));
    expect((await ask(scripted(old), undefined, 999)).known).toBe(300);
  });
  it('what the transport throws does not come through', async () => {
    const connection = { vkey: VKEY, send: () => Promise.reject(new Error('connect ECONNREFUSED 192.0.2.7')) };
    await expect(ask(connection)).rejects.toThrow(refusal('WITNESSES_TOO_FEW', true));
    await expect(ask(connection)).rejects.not.toThrow(/192/);
  });
  it('a key that is no key is the caller’s mistake', async () => {
    await expect(ask({ ...scripted(), vkey: 'x' })).rejects.toThrow(refusal('NOTE_INVALID', false));
  });
});

describe('add-checkpoint', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(addCheckpoint, (request) => {
        expect(decodeAddCheckpoint(encodeAddCheckpoint(request))).toEqual(request);
      }),
    );
  });
  it('holds 63 hashes at most', () => {
    const request = { oldSize: 1, checkpoint: 'x\n', proof: Array.from({ length: 64 }, () => new Uint8Array(32)) };
    expect(() => encodeAddCheckpoint(request)).toThrow(RangeError);
    expect(() => encodeAddCheckpoint({ ...request, oldSize: -1, proof: [] })).toThrow(RangeError);
  });
  it('the size in a 409', () => {
    expect(decodeCosignedSize('20852163\n')).toBe(20852163);
    expect(decodeCosignedSize('0\n')).toBe(0);
  });
});

describe('proof bundle', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(proofBundle, (bundle) => {
        expect(decodeProofBundle(encodeProofBundle(bundle))).toEqual(bundle);
      }),
    );
  });
  it('is refused by the encoder where a decoder would', () => {
    const bundle = { index: 1, proof: [], checkpoint: 'x\n' };
    for (const wrong of [
      { index: -1 },
      { extra: new Uint8Array(0) },
      { extra: new Uint8Array(65_536) },
      { proof: Array.from({ length: 64 }, () => new Uint8Array(32)) },
    ])
      expect(() => encodeProofBundle({ ...bundle, ...wrong })).toThrow(RangeError);
    const extra = new Uint8Array(65_535);
    expect(decodeProofBundle(encodeProofBundle({ ...bundle, extra })).extra).toEqual(extra);
  });
});
