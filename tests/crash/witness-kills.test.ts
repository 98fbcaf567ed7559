import { type ChildProcess, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openNote, parseVerifierKey } from '../../src/log/note.js';
import { proveConsistency } from '../../src/log/prove.js';
import { addSignatures } from '../../src/log/sign-note.js';
import { encodeAddCheckpoint } from '../../src/log/witness-request.js';
import { recordFact } from '../support/fact.js';
import { ORIGIN, testLog } from '../support/test-log.js';
import { buildWitness, startProgram } from '../support/witness-program.js';

const KILLS = 30;

/**
 * The example witness is killed at any moment while it cosigns. Whatever it has given out it must remember: a witness that forgets signs a
 * second history. The moments differ from run to run; what must hold does not.
 */
it(`remembers everything it has cosigned across ${KILLS} kills`, async () => {
  const work = mkdtempSync(join(tmpdir(), 'witness-kills-'));
  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(work, { recursive: true, force: true });
  });
  const program = join(work, 'witness.mjs');
  const dir = join(work, 'w');
  buildWitness(program);
  const vkey = execFileSync(process.execPath, [program, 'key', dir, 'witness.example/w'], { encoding: 'utf8' }).trim();
  const log = testLog();
  writeFileSync(join(dir, 'logs'), `${log.vkey}\n`);
  const verifiers = [parseVerifierKey(log.vkey), parseVerifierKey(vkey)];
  const state = join(dir, 'state', `${createHash('sha256').update(ORIGIN).digest('hex')}.checkpoint`);
  /** The greatest size for which a cosignature was seen. */
  let seen = 0;
  let older = '';
  for (let kill = 0; kill < KILLS; kill++) {
    const { url, end } = await startProgram(program, dir, running);
    const probe = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: await request(0) });
    const size = probe.status === 409 ? Number(await probe.text()) : 0;
    // It may have written more than anybody heard of, never less; and nothing that the log did not sign.
    expect(size).toBeGreaterThanOrEqual(seen);
    expect(size).toBeLessThanOrEqual(log.size);
    if (kill === 5) older = readFileSync(state, 'utf8');
    let known = probe.status === 200 ? log.size : size;
    const stop = setTimeout(() => void end('SIGKILL'), 5 + ((kill * 37) % 120));
    try {
      for (;;) {
        await log.append(`leaf ${log.size}`);
        const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: await request(known) });
        expect(answer.status).toBe(200);
        openNote(addSignatures(log.note(), [await answer.text()]), verifiers);
        known = log.size;
        seen = log.size;
      }
    } catch (error) {
      // The connection ends with the process; anything else is a defect.
      if (!(error instanceof TypeError)) throw error;
    }
    clearTimeout(stop);
    await end('SIGKILL');
  }
  expect(seen).toBeGreaterThan(KILLS);

  // Control: the one thing nobody may do, an older file put back. The same question finds that it has forgotten.
  writeFileSync(state, older);
  const { url, end } = await startProgram(program, dir, running);
  const probe = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: await request(0) });
  expect(Number(await probe.text())).toBeLessThan(seen);
  await end('SIGTERM');
  recordFact({ kind: 'crash', name: 'example witness, killed while it cosigns', values: { kills: KILLS, cosigned: seen, forgotten: 0 } });

  async function request(oldSize: number): Promise<string> {
    if (log.size === 0) await log.append('first');
    const proof = oldSize === 0 ? [] : await proveConsistency(log.reader, oldSize, log.size);
    return encodeAddCheckpoint({ oldSize, proof, checkpoint: log.note() });
  }
});
