import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/foundation/bytes.js';
import { openCheckpoint } from '../../src/log/checkpoint.js';
import { verifyForkProof } from '../../src/log/fork-proof.js';
import { proveFork } from '../../src/log/prove-fork.js';
import { proveConsistency } from '../../src/log/prove.js';
import { tilePath } from '../../src/log/tile.js';
import { encodeAddCheckpoint } from '../../src/log/witness-request.js';
import { type ExportReader, verifyNewer } from '../../src/verify.js';
import { gatherCosignatures, type Gathered } from '../../src/registry/witness-gate.js';
import { ORIGIN, testLog, type TestLog, texts } from '../support/test-log.js';
import { printFound, printFoundControl } from './support/report.js';
import { blindWitness, type Cosigner, honestWitness, policyOf, SECONDS } from './support/split-view.js';

/** S12: the operator, or whoever stole the log's key, shows one history to the world and another to one reader, or an old one again. */
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 's12-'));
  folders.push(made);
  return made;
}

const CASES: readonly (readonly [common: number, shown: number, hidden: number])[] = [
  [1, 1, 1],
  [5, 2, 2],
  [5, 2, 3],
  [5, 3, 2],
  [7, 1, 300],
  [255, 1, 1],
  [255, 1, 2],
  [256, 300, 1],
  [64, 64, 128],
  [1000, 24, 24],
];

/** Proofs of forks that a witness has kept. */
const writtenDown = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.fork'));

/** Two histories of one log: `shown` to the world, `hidden` for one reader. */
async function fork(common: number, shown: number, hidden: number): Promise<readonly [TestLog, TestLog]> {
  const world = testLog();
  await world.append(...texts(common));
  const other = world.fork();
  await world.append(...texts(shown, 'shown'));
  await other.append(...texts(hidden, 'hidden'));
  return [world, other];
}

function publish(log: TestLog, cosigners: readonly Cosigner[], policy: string): Promise<Gathered> {
  const witnesses = { policy, connections: cosigners, deadlineSeconds: 1 };
  return gatherCosignatures({ note: log.note(), reader: log.reader, witnesses, log: log.vkey, clock: { now: () => SECONDS * 1000 } });
}

/** What a reader says to a note: does it pass for a checkpoint? */
function passes(log: TestLog, note: string, policy: string, notBefore = 0): boolean {
  try {
    openCheckpoint(note, { key: log.vkey, policy, notBefore });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'WITNESSES_TOO_FEW' });
    return false;
  }
}

describe('a fork shown to one reader', () => {
  it('gets no quorum where one honest witness is needed, and a blind one is not enough', async () => {
    let fooled = 0;
    let fooledByBlind = 0;
    let alarms = 0;
    for (const [common, shown, hidden] of CASES) {
      const [world, other] = await fork(common, shown, hidden);
      const honest = await honestWitness('honest.example', 41, world.vkey, folder());
      const blind = blindWitness('blind.example', 42);
      const both = policyOf(2, [honest.vkey, blind.vkey]);
      const open = await publish(world, [honest, blind], both);
      expect(open).toMatchObject({ satisfied: true, conflicts: 0 });
      expect(passes(world, open.note, both)).toBe(true);
      const secret = await publish(other, [honest, blind], both);
      if (secret.satisfied || passes(world, secret.note, both)) fooled++;
      alarms += secret.conflicts;
      // Control: for a reader whom the blind witness contents, the fork passes.
      if (passes(world, secret.note, policyOf(1, [blind.vkey]))) fooledByBlind++;
    }
    printFound('S12 forks that a reader with one honest witness takes', fooled, 0);
    printFound('S12 forks of which the honest witness says so', alarms, CASES.length);
    printFoundControl('S12 forks that pass a witness that looks at nothing', fooledByBlind);
    expect([fooled, alarms, fooledByBlind]).toEqual([0, CASES.length, CASES.length]);
  });

  /** Asks for the fork from whatever size it may be said to continue; the sizes said, and the answers. */
  async function askForFork(
    send: Cosigner['send'],
    [world, other]: readonly [TestLog, TestLog],
    common: number,
  ): Promise<[number, number][]> {
    expect((await send(encodeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: world.note() }))).status).toBe(200);
    const answers: [number, number][] = [];
    for (const from of new Set([0, 1, common, world.size, other.size].filter((size) => size <= other.size))) {
      const proof = from === 0 || from > other.size ? [] : await proveConsistency(other.reader, from, other.size);
      const { status } = await send(encodeAddCheckpoint({ oldSize: from, proof, checkpoint: other.note() }));
      answers.push([from, status]);
    }
    await world.append('goes on');
    const proof = await proveConsistency(world.reader, world.size - 1, world.size);
    expect((await send(encodeAddCheckpoint({ oldSize: world.size - 1, proof, checkpoint: world.note() }))).status).toBe(200);
    return answers;
  }

  it('is refused by the witness from whatever size it is said to continue, and its memory stays', async () => {
    const statuses: number[] = [];
    const ofBlind: number[] = [];
    for (const [common, shown, hidden] of CASES) {
      const both = await fork(common, shown, hidden);
      const shownSize = both[0].size;
      const { send } = await honestWitness('honest.example', 41, both[0].vkey, folder());
      for (const [from, status] of await askForFork(send, both, common)) {
        statuses.push(status);
        expect(status).toBe(from === shownSize ? 422 : 409);
      }
      // Control: a witness that looks at nothing.
      const answers = await askForFork(blindWitness('blind.example', 42).send, await fork(common, shown, hidden), common);
      ofBlind.push(...answers.map(([, status]) => status));
    }
    printFound('S12 requests for a fork that were cosigned', statuses.filter((status) => status === 200).length, 0);
    printFoundControl(
      'S12 requests for a fork that a witness cosigns that looks at nothing',
      ofBlind.filter((status) => status === 200).length,
    );
    expect(statuses).toContain(422);
    expect(ofBlind).toEqual(statuses.map(() => 200));
  });

  it('convicts the log before anybody, by the two notes and what the log itself serves', async () => {
    let proven = 0;
    for (const [common, shown, hidden] of CASES) {
      const [world, other] = await fork(common, shown, hidden);
      const newer = world.size > other.size ? world : other;
      const text = await proveFork(world.note(), other.note(), newer.reader);
      if (verifyForkProof(text as string, { key: world.vkey }).second.size === newer.size) proven++;
    }
    printFound('S12 forks proven to a third person', proven, CASES.length);
    expect(proven).toBe(CASES.length);
    // Control: an honest log is never convicted, whichever two of its notes are put together.
    const [world] = await fork(5, 1, 1);
    const notes: string[] = [];
    for (let i = 0; i < 12; i++) {
      notes.push(world.note());
      await world.append(`step ${i}`);
    }
    const accused = await Promise.all(notes.flatMap((a) => notes.map((b) => proveFork(a, b, world.reader))));
    expect(accused.filter((text) => text !== undefined)).toEqual([]);
  });

  it('of one size is written down by the witness that sees it', async () => {
    const [world, other] = await fork(5, 2, 2);
    const dir = folder();
    const { witness } = await honestWitness('honest.example', 41, world.vkey, dir);
    await witness.addCheckpoint(encodeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: world.note() }));
    await witness.addCheckpoint(encodeAddCheckpoint({ oldSize: 7, proof: [], checkpoint: other.note() }));
    const [evidence] = writtenDown(dir);
    const proof = verifyForkProof(readFileSync(join(dir, evidence as string), 'utf8'), { key: world.vkey });
    expect([proof.first.size, proof.second.size]).toEqual([7, 7]);
  });

  it('control: of an honest log the witness writes nothing down, sent again or grown', async () => {
    const [world] = await fork(5, 2, 2);
    const dir = folder();
    const { witness } = await honestWitness('honest.example', 41, world.vkey, dir);
    await witness.addCheckpoint(encodeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: world.note() }));
    await witness.addCheckpoint(encodeAddCheckpoint({ oldSize: 7, proof: [], checkpoint: world.note() }));
    await world.append('goes on');
    const proof = await proveConsistency(world.reader, 7, 8);
    expect((await witness.addCheckpoint(encodeAddCheckpoint({ oldSize: 7, proof, checkpoint: world.note() }))).status).toBe(200);
    expect(writtenDown(dir)).toEqual([]);
  });
});

/** What a log serves, as far as a monitor reads it. */
function served(log: TestLog): ExportReader {
  const files = new Map<string, Uint8Array>([['checkpoint', utf8(log.note())]]);
  for (const { level, index, hashes } of log.tiles()) files.set(tilePath({ level, index, width: hashes.length / 32 }), hashes);
  return { read: async (path) => files.get(path) };
}

describe('a monitor that remembers what it was shown', () => {
  it('alarms on every fork, with a proof where the new log is not the smaller one, and on nothing honest', async () => {
    let alarms = 0;
    let proofs = 0;
    let provable = 0;
    for (const [common, shown, hidden] of CASES) {
      const [world, other] = await fork(common, shown, hidden);
      const trust = { key: world.vkey };
      let evidence: string | undefined;
      const onFork = (text: string): void => {
        evidence = text;
      };
      await expect(verifyNewer(served(other), trust, world.note(), { onFork })).rejects.toMatchObject({ code: 'LOG_INCONSISTENT' });
      alarms++;
      if (other.size >= world.size) provable++;
      if (evidence !== undefined && verifyForkProof(evidence, trust).second.origin === ORIGIN) proofs++;
      // Control: the history that it knows, and the same one grown.
      const before = world.note();
      expect((await verifyNewer(served(world), trust, before, { onFork: () => expect.unreachable() })).size).toBe(world.size);
      await world.append(...texts(30, 'more'));
      expect((await verifyNewer(served(world), trust, before, { onFork: () => expect.unreachable() })).size).toBe(world.size);
    }
    printFound('S12 forks of which a monitor says so', alarms, CASES.length);
    printFound('S12 of them proven to a third person', proofs, provable);
    expect([alarms, proofs]).toEqual([CASES.length, provable]);
  });
});

describe('a rollback', () => {
  it('gets no fresh cosignature, so that a reader who asks for one refuses it', async () => {
    const world = testLog();
    await world.append(...texts(10));
    const honest = await honestWitness('honest.example', 41, world.vkey, folder());
    const policy = policyOf(1, [honest.vkey]);
    const before = world.fork();
    const old = await publish(world, [honest], policy);
    await world.append(...texts(10, 'more'));
    const fresh = await publish(world, [honest], policy);
    expect([old.satisfied, fresh.satisfied]).toEqual([true, true]);

    const again = await publish(before, [honest], policy);
    expect(again).toMatchObject({ satisfied: false, conflicts: 1 });
    expect(passes(world, again.note, policy)).toBe(false);
    // Control: with a witness that looks at nothing the old log is as good as the new one.
    const blind = blindWitness('blind.example', 42);
    const blindPolicy = policyOf(1, [blind.vkey]);
    for (const log of [world, before])
      expect(passes(world, (await publish(log, [blind], blindPolicy)).note, blindPolicy, SECONDS)).toBe(true);
    // What was once cosigned stays good for its time, and for nobody who asks for a later one.
    expect(passes(world, old.note, policy)).toBe(true);
    expect(passes(world, old.note, policy, SECONDS + 1)).toBe(false);
    expect(passes(world, fresh.note, policy, SECONDS)).toBe(true);
  });
});
