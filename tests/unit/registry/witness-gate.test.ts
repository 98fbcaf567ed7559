import { beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/log/checkpoint.js';
import { cosign } from '../../../src/log/cosignature.js';
import { parseNote } from '../../../src/log/note.js';
import type { WitnessAnswer, WitnessConnection } from '../../../src/log/witness-client.js';
import { decodeAddCheckpoint } from '../../../src/log/witness-request.js';
import { gatherCosignatures, type Gathered, type GatherOptions } from '../../../src/registry/witness-gate.js';
import { testLog, type TestLog, texts, witnessKey } from '../../support/test-log.js';
import { type VirtualTime, virtualTime } from '../../support/virtual-time.js';

const SECONDS = 1_770_000_000;
const NAMES = ['a', 'b', 'c'] as const;
const keys = NAMES.map((name, i) => witnessKey(`witness.example/${name}`, 21 + i));
const policy = [...NAMES.map((name, i) => `witness ${name} ${keys[i]?.vkey}`), 'group two 2 a b c', 'quorum two', ''].join('\n');

type Behaviour = (body: string, index: number, call: number) => WitnessAnswer | Promise<WitnessAnswer>;
const plain = (status: number, body = ''): WitnessAnswer => ({ status, contentType: 'text/plain; charset=utf-8', body });
const size = (n: number): WitnessAnswer => ({ status: 409, contentType: 'text/x.tlog.size', body: `${n}\n` });

const honest: Behaviour = (body, index) => {
  const { text } = parseNote(decodeAddCheckpoint(body).checkpoint);
  return plain(200, cosign(text, keys[index]!.signer, SECONDS + index));
};
const dead: Behaviour = () => Promise.reject(new Error('ECONNREFUSED 192.0.2.7'));
const hanging: Behaviour = () => new Promise(() => undefined);

describe('gatherCosignatures', () => {
  let log: TestLog;
  let time: VirtualTime;
  let calls: number[];
  beforeEach(async () => {
    log = testLog();
    await log.append(...texts(7));
    time = virtualTime(1000 * SECONDS);
    calls = [0, 0, 0];
  });

  function count(index: number): number {
    calls[index] = (calls[index] ?? 0) + 1;
    return calls[index];
  }
  const gather = (behaviours: readonly Behaviour[], more: Partial<GatherOptions> = {}): Promise<Gathered> => {
    const connections: WitnessConnection[] = behaviours.map((behave, index) => ({
      vkey: keys[index]!.vkey,
      send: async (body) => behave(body, index, count(index)),
    }));
    const witnesses = { policy, connections, ...more.witnesses };
    return gatherCosignatures({ note: log.note(), reader: log.reader, log: log.vkey, clock: time, wait: time.wait, ...more, witnesses });
  };
  const outcomes = (found: Gathered): string[] => found.outcomes.map(({ outcome }) => outcome);

  it('gives a note that fulfils the policy, the same whoever answers first', async () => {
    const slow: Behaviour = async (...call) => {
      await time.wait(1500);
      return honest(...call);
    };
    const found = await gather([honest, honest, honest]);
    const other = await gather([slow, honest, honest]);
    expect(found).toMatchObject({ satisfied: true, conflicts: 0 });
    expect(other.note).toBe(found.note);
    expect(found.note.startsWith(log.note())).toBe(true);
    expect(openCheckpoint(found.note, { key: log.vkey, policy }).witnesses).toHaveLength(3);
    expect(time.waiting).toBe(0);
  });

  it('asks again after growing pauses and stops at the deadline, leaving a hanging witness behind', async () => {
    const start = time.now();
    const found = await gather([honest, dead, hanging]);
    expect(found).toMatchObject({ satisfied: false, conflicts: 0 });
    expect(outcomes(found)).toEqual(['cosigned', 'no-answer', 'no-answer']);
    expect(time.now() - start).toBe(60_000);
    // After 0, ½, 1½, 3½, 7½, 15½, 30½, 45½ seconds; 60½ would be too late.
    expect(calls).toEqual([1, 8, 1]);
    expect(() => openCheckpoint(found.note, { key: log.vkey, policy })).toThrow(expect.objectContaining({ code: 'WITNESSES_TOO_FEW' }));
    expect(time.waiting).toBe(0);
  });

  it('takes the deadline it is given', async () => {
    const start = time.now();
    const connections = [{ vkey: keys[0]!.vkey, send: () => Promise.reject(new Error('x')) }];
    await gather([], { witnesses: { policy, connections, deadlineSeconds: 5 } });
    expect(time.now() - start).toBe(5000);
  });

  it('is content as soon as the policy is, and two seconds later leaves without the slow one', async () => {
    const start = time.now();
    const found = await gather([honest, honest, hanging]);
    expect(found.satisfied).toBe(true);
    expect(outcomes(found)).toEqual(['cosigned', 'cosigned', 'no-answer']);
    expect(time.now() - start).toBe(2000);
  });

  it('hears a witness that comes back before the deadline', async () => {
    const late: Behaviour = (body, index, call) => (call < 4 ? dead(body, index, call) : honest(body, index, call));
    const found = await gather([honest, late, dead]);
    expect(outcomes(found)).toEqual(['cosigned', 'cosigned', 'no-answer']);
    expect(calls[1]).toBe(4);
  });

  it('continues where an earlier try stopped, and asks those who cosigned no more', async () => {
    const first = await gather([honest, dead, dead]);
    const second = await gather([honest, honest, dead], { note: first.note });
    expect(second.satisfied).toBe(true);
    expect(calls[0]).toBe(1);
    expect(openCheckpoint(second.note, { key: log.vkey, policy }).witnesses).toHaveLength(2);
    const third = await gather([honest, honest, dead], { note: second.note });
    expect(third.note).toBe(second.note);
  });

  it('proves the growth since the size it remembers, and corrects what it remembers wrongly', async () => {
    const remembered = new Map<string, number>();
    const seen: [number, number][] = [];
    const noting: Behaviour = (body, ...rest) => {
      const { oldSize, proof } = decodeAddCheckpoint(body);
      seen.push([oldSize, proof.length]);
      return honest(body, ...rest);
    };
    const witnesses = (index: number) => ({
      policy,
      connections: [{ vkey: keys[index]!.vkey, send: async (body: string) => noting(body, index, 0) }],
    });
    const once = { remembered, witnesses: { ...witnesses(0), deadlineSeconds: 1 } };
    await gather([], once);
    await log.append('one more');
    await gather([], once);
    expect(seen).toEqual([
      [0, 0],
      [7, 3 + 1],
    ]);
    expect(remembered.get(keys[0]!.vkey)).toBe(8);
    remembered.set(keys[0]!.vkey, 3);
    const strict: Behaviour = (body, ...rest) => (decodeAddCheckpoint(body).oldSize === 8 ? honest(body, ...rest) : size(8));
    expect(outcomes(await gather([strict, dead], { remembered }))[0]).toBe('cosigned');
    expect(calls[0]).toBe(2);
  });

  it.each<[string, Behaviour]>([
    ['says that it has seen a larger tree', () => size(8)],
    ['refuses the proof', () => plain(422, 'x')],
  ])('counts a conflict when a witness %s, and asks it no more', async (_what, behave) => {
    const found = await gather([honest, honest, behave]);
    expect(found).toMatchObject({ satisfied: true, conflicts: 1 });
    expect(outcomes(found)[2]).toBe('conflict');
    expect(calls[2]).toBe(1);
    expect((await gather([behave, behave, behave])).conflicts).toBe(3);
  });

  it.each<[string, Behaviour, string]>([
    ['does not know the log', () => plain(404), 'refused'],
    ['does not trust its key', () => plain(403), 'refused'],
    ['answers with nothing', () => plain(200), 'refused'],
    ['answers with a web page', () => plain(200, '<html>\n'), 'refused'],
    ["answers with another's line", (body, _, call) => honest(body, 2, call), 'refused'],
    ['cosigns something else', () => plain(200, cosign('other\n1\n\n', keys[1]!.signer, SECONDS)), 'refused'],
    [
      'cosigns without a time',
      (body) => plain(200, cosign(parseNote(decodeAddCheckpoint(body).checkpoint).text, keys[1]!.signer, 0)),
      'refused',
    ],
    [
      'cosigns with a time of days ago',
      (body) => plain(200, cosign(parseNote(decodeAddCheckpoint(body).checkpoint).text, keys[1]!.signer, SECONDS - 86_401)),
      'refused',
    ],
    [
      'cosigns with a time in days to come',
      (body) => plain(200, cosign(parseNote(decodeAddCheckpoint(body).checkpoint).text, keys[1]!.signer, SECONDS + 2 * 86_400)),
      'refused',
    ],
    ['gives a size that is none', () => ({ ...size(3), body: 'three\n' }), 'refused'],
    ['gives another size each time', (_b, _i, call) => size(call % 7), 'no-answer'],
    ['fails', () => plain(500), 'no-answer'],
    ['gives no answer at all', () => undefined as unknown as WitnessAnswer, 'no-answer'],
    ['throws something odd', () => Promise.reject(null), 'no-answer'],
  ])('survives a witness that %s', async (_what, behave, outcome) => {
    const found = await gather([honest, behave]);
    expect(outcomes(found)).toEqual(['cosigned', outcome]);
    expect(found).toMatchObject({ satisfied: false, conflicts: 0 });
    expect(openCheckpoint(found.note, { key: log.vkey }).note).toBe(found.note);
    // Control: with an honest one in its place the same policy is fulfilled.
    expect((await gather([honest, honest])).satisfied).toBe(true);
  });

  it('asks nobody whom the policy does not name, and ignores what such a one would say', async () => {
    const stranger = witnessKey('witness.example/x', 77);
    let asked = 0;
    const send = async (body: string): Promise<WitnessAnswer> => {
      asked++;
      return plain(200, cosign(parseNote(decodeAddCheckpoint(body).checkpoint).text, stranger.signer, SECONDS));
    };
    const found = await gather([], { witnesses: { policy, connections: [{ vkey: stranger.vkey, send }], deadlineSeconds: 1 } });
    expect([asked, found.satisfied, found.note, found.outcomes]).toEqual([0, false, log.note(), []]);
    // A line of another key beside the good one goes no further.
    const both: Behaviour = async (body, ...rest) => {
      const good = await honest(body, ...rest);
      return plain(200, `${(await send(body)).body}${good.body}`);
    };
    expect((await gather([both, honest])).note).not.toContain('witness.example/x');
  });

  it('takes one line of a witness with two addresses, whichever answers', async () => {
    const connections = [honest, dead, honest].map((behave, call) => ({
      vkey: keys[0]!.vkey,
      send: async (body: string) => behave(body, 0, call),
    }));
    const found = await gather([], { witnesses: { policy: policy.replace('quorum two', 'quorum a'), connections } });
    expect(found.satisfied).toBe(true);
    expect(outcomes(found)).toEqual(['cosigned', 'cosigned', 'cosigned']);
    expect(parseNote(found.note).signatures).toHaveLength(2);
  });

  it('does not ask a witness under another name than the policy has', async () => {
    const renamed = witnessKey('witness.example/z', 21);
    const connections = [{ vkey: renamed.vkey, send: () => expect.unreachable() }];
    expect((await gather([], { witnesses: { policy, connections, deadlineSeconds: 1 } })).outcomes).toEqual([]);
  });

  it('needs nobody where the policy asks for nobody, yet takes what comes', async () => {
    expect(await gather([], { witnesses: { policy: '', connections: [] } })).toEqual({
      note: log.note(),
      satisfied: true,
      conflicts: 0,
      outcomes: [],
    });
    const none = policy.replace('quorum two', 'quorum none');
    const found = await gather([], {
      witnesses: { policy: none, connections: [{ vkey: keys[0]!.vkey, send: async (body) => honest(body, 0, 1) }] },
    });
    expect(outcomes(found)).toEqual(['cosigned']);
    expect(found.note).toContain('witness.example/a');
  });

  it('throws what is not the fault of a witness: the store, the note, the policy', async () => {
    const failing = { tile: () => Promise.reject(new Error('disk')) };
    const remembered = new Map(keys.map(({ vkey }) => [vkey, 3]));
    await expect(gather([honest, honest], { reader: failing, remembered })).rejects.toThrow('disk');
    await expect(gather([honest], { note: log.note().replace('\n7\n', '\n8\n') })).rejects.toMatchObject({ code: 'NOTE_INVALID' });
    await expect(gather([honest], { witnesses: { policy: 'quorum x\n', connections: [] } })).rejects.toMatchObject({
      code: 'LOG_POLICY_INVALID',
    });
    expect(time.waiting).toBe(0);
  });

  it('uses the timer of the platform, and leaves none behind', async () => {
    const started = performance.now();
    const clock = { now: () => 1000 * SECONDS + performance.now() };
    const options = { note: log.note(), reader: log.reader, log: log.vkey, clock };
    const send = async (body: string): Promise<WitnessAnswer> => honest(body, 0, 1);
    const one = `witness a ${keys[0]!.vkey}\nquorum a\n`;
    const found = await gatherCosignatures({ ...options, witnesses: { policy: one, connections: [{ vkey: keys[0]!.vkey, send }] } });
    expect(found.satisfied).toBe(true);
    expect(performance.now() - started).toBeLessThan(1900);
    const hang = {
      policy: one,
      connections: [{ vkey: keys[0]!.vkey, send: () => new Promise<WitnessAnswer>(() => undefined) }],
      deadlineSeconds: 0.05,
    };
    expect((await gatherCosignatures({ ...options, witnesses: hang })).satisfied).toBe(false);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThan(3);
  });
});
