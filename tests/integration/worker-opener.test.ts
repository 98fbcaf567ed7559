import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../src/backends/node.js';
import { createCustody } from '../../src/custodian.js';
import { workerOpener } from '../../src/edges/opening/worker-opener.js';
import { systemRandom } from '../../src/foundation/random.js';
import { makePolicy, type OpenJob, openRegistry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { inlineOpener } from '../../src/registry/opener.js';
import type { RegistrySettings } from '../../src/registry/settings.js';
import { createMemoryStores } from '../../src/testing.js';

const directory = mkdtempSync(join(tmpdir(), 'opener-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A stand-in for the built worker: answers with the first byte of each submission, or misbehaves when one says so. */
function script(): URL {
  const path = join(directory, 'worker.mjs');
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', async ({ jobs, keys }) => {
       const way = Math.max(...jobs.map((job) => job.submission[1]));
       if (way === 1) process.exit(1);
       if (way === 2) throw new Error('CANARY');
       if (way === 3) await new Promise((done) => setTimeout(done, 200));
       parentPort.postMessage(jobs.map((job) => String(job.submission[0] + keys.size)));
       if (way === 4) setTimeout(() => process.exit(0), 20);
     });`,
  );
  return pathToFileURL(path);
}

const settings = {} as RegistrySettings;
const JOBS = 128;
const jobs = (first: number, way = 0, count = JOBS, at = count - 1): OpenJob[] =>
  Array.from({ length: count }, (_, i) => ({ epoch: 1, submission: Uint8Array.of((first + i) % 250, i === at ? way : 0) }));
const keys = (): Map<number, Uint8Array> => new Map([[1, new Uint8Array(96).fill(7)]]);
const answers = (first: number, count = JOBS) => Array.from({ length: count }, (_, i) => String(((first + i) % 250) + 1));

describe('opening on threads', () => {
  it('answers in the order of the jobs, and callers that come at once each get their own', async () => {
    const opener = workerOpener(2, script());
    const all = await Promise.all([opener.open(jobs(0, 3), keys(), settings), opener.open(jobs(50), keys(), settings)]);
    expect(all).toEqual([answers(0), answers(50)]);
    await opener.close();
  });

  it.each([1, 2])('a thread that fails (%s) gives a coded, retryable error, and no late answer reaches the next caller', async (way) => {
    const opener = workerOpener(2, script());
    const failed = opener.open(jobs(0, way), keys(), settings);
    const next = opener.open(jobs(100), keys(), settings);
    const error: unknown = await failed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'SEALER_FAILED', retryable: true });
    expect(JSON.stringify(error) + String(error)).not.toContain('CANARY');
    expect(await next).toEqual(answers(100));
    await opener.close();
  });

  it('more jobs than two threads take at once: in order, though the first share is the last to be answered', async () => {
    const opener = workerOpener(2, script());
    expect(await opener.open(jobs(0, 3, 1001, 0), keys(), settings)).toEqual(answers(0, 1001));
    const failed = expect(opener.open(jobs(0, 1, 1001, 500), keys(), settings)).rejects.toMatchObject({ code: 'SEALER_FAILED' });
    expect(await opener.open(jobs(7, 0, 1001), keys(), settings)).toEqual(answers(7, 1001));
    await failed;
    await opener.close();
  });

  it('a thread that ended while nobody asked it anything is an error once, and not a wait for ever', async () => {
    const opener = workerOpener(2, script());
    expect(await opener.open(jobs(0, 4), keys(), settings)).toEqual(answers(0));
    const errors: unknown[] = [];
    for (let tries = 0; tries < 100 && errors.length === 0; tries++) {
      await new Promise((done) => setTimeout(done, 20));
      await opener.open(jobs(0), keys(), settings).catch((error: unknown) => errors.push(error));
    }
    expect(errors).toEqual([expect.objectContaining({ code: 'SEALER_FAILED', retryable: true })]);
    expect(await opener.open(jobs(0), keys(), settings)).toEqual(answers(0));
    await opener.close();
  });

  it('close while busy ends the wait', async () => {
    const opener = workerOpener(2, script());
    const busy = opener.open(jobs(0, 3), keys(), settings).catch((reason: unknown) => reason);
    await new Promise((done) => setTimeout(done, 100));
    await opener.close();
    expect(await busy).toMatchObject({ code: 'SEALER_FAILED' });
  });
});

const clock = { now: () => Date.UTC(2026, 10, 21, 9) };

async function waiting(count: number) {
  const { keys: custody } = await createCustody({ quorum: 2, custodians: 2 });
  const stores = createMemoryStores();
  const policy = makePolicy('tiny', ['party']);
  const registry = await openRegistry({ stores, keys: custody, policy }, { clock, backend: nodeBackend });
  const publicKeys = await registry.publicKeys();
  for (let i = 0; i < count; i++) {
    const registration = { identity: { names: ['Wang Lei'] }, statement: { alias: 'jin fu', categories: ['party'] } };
    await registry.accept(makeSubmission(registration, publicKeys, { clock, backend: nodeBackend }).bytes);
  }
  return { stores, registry, settings: { custody, policy } };
}

describe('a sort whose threads die', () => {
  it('fails with a code, drains nothing, and the next sort does all of it', async () => {
    const { stores, registry } = await waiting(3);
    let failures = 2;
    const inline = inlineOpener({ backend: nodeBackend, random: systemRandom });
    const dying = {
      ...inline,
      open: async (...call: Parameters<typeof inline.open>) => {
        const opener = workerOpener(2, script());
        if (failures-- > 0) return opener.open(jobs(0, 1), ...(call.slice(1) as [ReturnType<typeof keys>, RegistrySettings]));
        return inline.open(...call);
      },
    };
    const again = await openRegistry({ stores }, { clock, backend: nodeBackend, opener: dying });
    for (let i = 0; i < 2; i++) await expect(again.sort()).rejects.toMatchObject({ code: 'SEALER_FAILED', retryable: true });
    expect((await again.health()).inbox.waiting).toBe(3);
    expect(await again.sort()).toMatchObject({ ran: true, sorted: 3, quarantined: 0, waiting: 0 });
    await registry.close();
  });
});

/** Only the built package has the worker. */
const BUILT = resolve(import.meta.dirname, '../../dist/open-worker.js');

describe.skipIf(!existsSync(BUILT))('the built worker', () => {
  it('gives what opening on this thread gives: registrations, noise, and epochs without a key', async () => {
    const { stores, settings: built, registry } = await waiting(80);
    const rows = await stores.inbox.take(100);
    const epoch = rows[0]?.epoch ?? 0;
    const noise = rows.slice(0, 5).map((row) => ({ ...row, submission: row.submission.map((byte, i) => (i > 2000 ? byte ^ 1 : byte)) }));
    const gone = rows.slice(0, 5).map((row) => ({ ...row, epoch: epoch - 400 }));
    const all = [...rows, ...noise, ...gone];
    const epochKeys = async () => new Map([[epoch, (await stores.keys.epochKey(epoch)) ?? new Uint8Array(96)]]);
    const opener = workerOpener(2, pathToFileURL(BUILT));
    const outcomes = await opener.open(all, await epochKeys(), built);
    expect(isDeepStrictEqual(outcomes, await inlineOpener({ backend: nodeBackend }).open(all, await epochKeys(), built))).toBe(true);
    expect(outcomes.filter((outcome) => typeof outcome === 'object' && 'inner' in outcome)).toHaveLength(80);
    expect(outcomes.slice(80)).toEqual([...Array(5).fill('failed'), ...Array(5).fill('gone')]);
    await opener.close();
    await registry.close();
  });
});
