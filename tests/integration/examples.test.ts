import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registryApp } from '../../examples/fastify/server.js';
import { registryServer } from '../../examples/node-http/server.js';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../src/index.js';
import { decodePublicKeys, makeSubmission, SUBMISSION_LENGTH } from '../../src/intake.js';
import { findClaim } from '../../src/person.js';

const root = resolve(import.meta.dirname, '../..');
const BINARY = { 'content-type': 'application/octet-stream' };
const EPOCH_OFFSET = 8;

interface Running {
  readonly url: string;
  close(): Promise<unknown>;
}

const SERVERS: Readonly<Record<string, (registry: Registry) => Promise<Running>>> = {
  'node-http': async (registry) => {
    const server = registryServer(registry);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () => new Promise((done) => server.close(done)),
    };
  },
  fastify: async (registry) => {
    const app = registryApp(registry);
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
};

for (const [name, start] of Object.entries(SERVERS)) {
  describe(`example ${name}`, () => {
    const dir = mkdtempSync(join(tmpdir(), 'example-'));
    let now = Date.parse('2026-03-10T12:00:00Z');
    let registry: Registry;
    let server: Running;

    beforeAll(async () => {
      const { keys } = await createCustody();
      registry = await openRegistry({ dir, keys, policy: makePolicy('tiny', ['league', 'party']) }, { clock: { now: () => now } });
      server = await start(registry);
    });
    afterAll(async () => {
      await server.close();
      await registry.close();
      rmSync(dir, { recursive: true, force: true });
    });

    const post = (body: Uint8Array | string, headers: Record<string, string> = BINARY, path = 'submissions'): Promise<Response> =>
      fetch(`${server.url}/${path}`, { method: 'POST', body: body as BodyInit, headers });
    /** A device: fetches the keys, seals, and keeps nothing. */
    const seal = async (alias: string): Promise<Uint8Array> => {
      const keys = decodePublicKeys(new Uint8Array(await (await fetch(`${server.url}/public-keys`)).arrayBuffer()));
      const registration = { identity: { names: ['王小明'] }, statement: { alias, categories: ['league'] } };
      return makeSubmission(registration, keys, { clock: { now: () => now } }).bytes;
    };

    it('takes submissions and answers every one alike, new or repeated', async () => {
      const submission = await seal('jin fu');
      const answers = [await post(submission), await post(submission), await post(await seal('wan shun'))];
      for (const answer of answers) {
        expect(answer.status).toBe(202);
        expect(await answer.text()).toBe('');
      }
      const headers = answers.map((answer) => [...answer.headers].filter(([header]) => header !== 'date'));
      expect(headers[1]).toEqual(headers[0]);
      expect(headers[2]).toEqual(headers[0]);
    });

    it('shows counts and entries, from any register number on', async () => {
      await registry.publish({ now: true });
      expect(await (await fetch(`${server.url}/counts`)).json()).toMatchObject({ total: 2, byCategory: { league: 2, party: 0 } });
      const { entries } = (await (await fetch(`${server.url}/entries`)).json()) as { entries: { name: string; registerNumber: number }[] };
      expect(entries.map((entry) => entry.name).sort()).toEqual(['jin fu', 'wan shun']);
      const rest = await (await fetch(`${server.url}/entries?from=${entries[1]!.registerNumber}`)).json();
      expect(rest).toEqual({ entries: [entries[1]] });
    });

    it('lets a person with a phrase come back, and tells nobody else anything', async () => {
      const keys = decodePublicKeys(new Uint8Array(await (await fetch(`${server.url}/public-keys`)).arrayBuffer()));
      const registration = {
        identity: { names: ['陈静'] },
        statement: { alias: 'lan hai', categories: ['party'] },
        claim: { language: 'en' },
      } as const;
      const { bytes, claim, entryId } = makeSubmission(registration, keys, { clock: { now: () => now } });
      await post(bytes);
      await registry.sort();
      const lookUp = async (locator: Uint8Array): Promise<Uint8Array> => {
        const answer = await post(locator, BINARY, 'look-ups');
        expect(answer.status).toBe(200);
        const row = new Uint8Array(await answer.arrayBuffer());
        expect(row).toHaveLength(296);
        return row;
      };
      const phrase = claim!.reveal();
      expect((await findClaim(phrase, lookUp)).entryId).toBe(entryId);
      await expect(findClaim(phrase, lookUp, { pin: '12345678' })).rejects.toMatchObject({ code: 'OPEN_FAILED' });
      const locator = new Uint8Array(32);
      const answers = [];
      for (let i = 0; i < 11; i++) answers.push((await post(locator, BINARY, 'look-ups')).status);
      expect(answers).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    });

    it.each([
      ['a short locator', async () => post(new Uint8Array(31), BINARY, 'look-ups'), 400, 'LOCATOR_INVALID'],
      ['a long locator', async () => post(new Uint8Array(33), BINARY, 'look-ups'), 413, 'TOO_LARGE'],
      ['a locator as text', async () => post('x', { 'content-type': 'text/plain' }, 'look-ups'), 415, 'MEDIA_TYPE'],
      ['too long', async () => post(new Uint8Array(SUBMISSION_LENGTH + 1)), 413, 'TOO_LARGE'],
      ['too long without saying so', async () => postChunked(`${server.url}/submissions`, 3 * SUBMISSION_LENGTH), 413, 'TOO_LARGE'],
      ['no bytes', async () => post('{}', { 'content-type': 'application/json' }), 415, 'MEDIA_TYPE'],
      ['too short', async () => post(new Uint8Array(100)), 400, 'SUBMISSION_INVALID'],
      ['not a submission', async () => post(new Uint8Array(SUBMISSION_LENGTH)), 400, 'SUBMISSION_INVALID'],
      ['an unknown epoch', async () => post(otherEpoch(await seal('jin fu'))), 400, 'EPOCH_UNKNOWN'],
      ['no such page', async () => fetch(`${server.url}/records`), 404, 'NOT_FOUND'],
      ['a wrong question', async () => fetch(`${server.url}/entries?from=-1`), 400, 'QUERY_INVALID'],
    ])('refuses %s with a problem document', async (_case, ask, status, code) => {
      await expectProblem(await ask(), status, code);
    });

    it('refuses a closed epoch for good', async () => {
      const submission = await seal('jin fu');
      now += 7 * 86_400_000;
      await expectProblem(await post(submission), 410, 'EPOCH_EXPIRED');
      expect((await post(await seal('jin fu'))).status).toBe(202);
    });
  });
}

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await response.json()).toEqual({ type: 'about:blank', title: code, status, code });
}

function postChunked(url: string, length: number): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let sent = 0; sent < length; sent += 4096) controller.enqueue(new Uint8Array(4096));
      controller.close();
    },
  });
  return fetch(url, { method: 'POST', body, headers: BINARY, duplex: 'half' } as RequestInit);
}

/** The header names epoch and expiry in clear; both are moved a year back so that only the epoch is wrong. */
function otherEpoch(submission: Uint8Array): Uint8Array {
  const bytes = submission.slice();
  const view = new DataView(bytes.buffer);
  for (const offset of [EPOCH_OFFSET, EPOCH_OFFSET + 4]) view.setUint32(offset, view.getUint32(offset) + 365);
  return bytes;
}

describe('the first example', () => {
  const source = readFileSync(join(root, 'examples/first.ts'), 'utf8');
  const readme = join(root, 'README.md');
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'first-'));

  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs as it stands', async () => {
    process.chdir(folder);
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await import('../../examples/first.js');
    const lines = printed.mock.calls.map(([value]) => value as unknown);
    printed.mockRestore();
    expect(lines[0]).toEqual({ total: 2, byCategory: { league: 2, party: 1 } });
    expect(lines.filter((line) => line === 'SHARES_TOO_FEW')).toHaveLength(3);
    expect(lines.filter(Array.isArray).sort()).toEqual([['Maria Li'], ['王小明'], ['赵秀英']]);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(source.split('\n').length).toBeLessThanOrEqual(30);
  });

  const blocks = (): string[] => [...readFileSync(readme, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);

  it.skipIf(!existsSync(readme))('is the first block of README.md', () => {
    expect(blocks()[0]).toBe(source);
  });

  it.skipIf(!existsSync(readme))('goes on with the second', async () => {
    const { keys } = await createCustody();
    const registry = await openRegistry({ dir: folder, keys, policy: makePolicy('tiny', ['party']) });
    const program = join(folder, 'second.mjs');
    writeFileSync(program, `export default async (registry) => {\n${blocks()[1]!}\n};\n`);
    const { default: goOn } = (await import(/* @vite-ignore */ pathToFileURL(program).href)) as {
      default: (open: Registry) => Promise<void>;
    };
    await goOn(registry);
    expect((await registry.health()).inbox.waiting).toBe(2);
    await registry.close();
  });
});
