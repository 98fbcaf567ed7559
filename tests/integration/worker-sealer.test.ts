import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { workerSealer } from '../../src/edges/sealing/worker-sealer.js';
import type { PublicKeys, SealJob } from '../../src/intake.js';

const directory = mkdtempSync(join(tmpdir(), 'worker-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A stand-in for the built worker: answers each job with its own number, or misbehaves when a job says so. */
function script(): URL {
  const path = join(directory, 'worker.mjs');
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', async ({ jobs }) => {
       if (jobs.some((job) => job.registration.channel === 'exit')) process.exit(1);
       if (jobs.some((job) => job.registration.channel === 'throw')) throw new Error('CANARY ' + jobs[0].registration.identity.names[0]);
       await new Promise((done) => setTimeout(done, jobs.some((job) => job.registration.channel === 'slow') ? 200 : 1));
       parentPort.postMessage(jobs.map((job) => ({ code: job.registration.identity.names[0] })));
     });`,
  );
  return pathToFileURL(path);
}

const keys = { epochs: [], categories: [] } as unknown as PublicKeys;
const jobs = (prefix: string, channel?: string): SealJob[] =>
  Array.from({ length: 32 }, (_, i) => ({
    registration: {
      identity: { names: [`${prefix}${i}`] },
      statement: { categories: ['party'] },
      ...(channel === undefined || i > 0 ? {} : { channel }),
    },
    groupId: undefined,
  }));
const names = (prefix: string) => Array.from({ length: 32 }, (_, i) => ({ code: `${prefix}${i}` }));

describe('sealing on threads', () => {
  it('answers in the order of the jobs, and callers that come at once each get their own', async () => {
    const sealer = workerSealer(2, script());
    const answers = await Promise.all([
      sealer.seal(jobs('a', 'slow'), keys, 0),
      sealer.seal(jobs('b'), keys, 0),
      sealer.seal(jobs('c'), keys, 0),
    ]);
    expect(answers).toEqual([names('a'), names('b'), names('c')]);
    await sealer.close();
  });

  it.each(['exit', 'throw'])(
    'a thread that fails (%s) gives a coded error without input, and the next caller its own answers',
    async (way) => {
      const sealer = workerSealer(2, script());
      const failed = sealer.seal(jobs('CANARY', way), keys, 0);
      const next = sealer.seal(jobs('next'), keys, 0);
      const error: unknown = await failed.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'SEALER_FAILED', retryable: true });
      expect(JSON.stringify(error) + String(error)).not.toContain('CANARY');
      expect(await next).toEqual(names('next'));
      await sealer.close();
    },
  );

  it('close while busy ends the wait', async () => {
    const sealer = workerSealer(2, script());
    const busy = sealer.seal(jobs('x', 'slow'), keys, 0).catch((reason: unknown) => reason);
    await new Promise((done) => setTimeout(done, 50));
    await sealer.close();
    expect(await busy).toMatchObject({ code: 'SEALER_FAILED' });
  });

  it('what cannot be sent to a thread is refused by the rules, with a code', async () => {
    const sealer = workerSealer(2, script());
    const odd = jobs('x').map((job) => ({ ...job, registration: { ...job.registration, nickname: () => 'CANARY' } }));
    const today = { ...keys, epochs: [{ epoch: 0, expires: 7, publicKey: new Uint8Array(0) }] };
    const refused = { code: 'REGISTRATION_INVALID', field: 'registration' };
    await expect(sealer.seal(odd, today, 0)).resolves.toEqual(odd.map(() => refused));
    // Old keys are no row's fault: as a refusal they would skip it for good.
    await expect(sealer.seal(odd, keys, 0)).rejects.toMatchObject({ code: 'EPOCH_EXPIRED', retryable: true });
    await sealer.close();
  });
});
