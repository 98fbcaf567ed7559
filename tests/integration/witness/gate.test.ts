import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchWitness } from '../../../src/edges/cli/witness-connection.js';
import { witnessesOfPolicy } from '../../../src/edges/cli/witnesses.js';
import { openCheckpoint } from '../../../src/log/checkpoint.js';
import { gatherCosignatures, type Gathered } from '../../../src/registry/witness-gate.js';
import { testLog, type TestLog, texts } from '../../support/test-log.js';
import { requestOf, type Running, SECONDS, startWitness } from './running.js';

let log: TestLog;
let witnesses: [Running, Running];
beforeEach(async () => {
  log = testLog();
  await log.append(...texts(3));
  witnesses = [await startWitness([log.vkey], { seed: 31 }), await startWitness([log.vkey], { seed: 32 })];
});
afterEach(async () => {
  for (const witness of witnesses) if (witness.server.listening) await witness.remove();
});

const clock = { now: () => 1000 * SECONDS + performance.now() };

/** What a publication asks: both witnesses of this list must have cosigned. */
async function gather(of: TestLog, need: 'all' | 'any', deadlineSeconds = 3, remembered = new Map<string, number>()): Promise<Gathered> {
  const policy = [...witnesses.map(({ vkey, url }, i) => `witness w${i} ${vkey} ${url}`), `group g ${need} w0 w1`, 'quorum g', ''].join(
    '\n',
  );
  const found = await gatherCosignatures({
    note: of.note(),
    reader: of.reader,
    witnesses: witnessesOfPolicy(policy, deadlineSeconds),
    log: of.vkey,
    clock,
    remembered,
  });
  if (found.satisfied) openCheckpoint(found.note, { key: of.vkey, policy, notBefore: SECONDS });
  return found;
}

describe('publication with two witnesses', () => {
  it('has both, batch after batch', async () => {
    const remembered = new Map<string, number>();
    for (let batch = 0; batch < 5; batch++) {
      expect(await gather(log, 'all', 5, remembered)).toMatchObject({ satisfied: true, conflicts: 0 });
      expect([...remembered.values()]).toEqual([log.size, log.size]);
      await log.append(...texts(200, `batch ${batch}`));
    }
  });

  it('waits while one is dead, and goes on when it is back', async () => {
    await gather(log, 'all', 5);
    await log.append('x');
    const { dir } = witnesses[1];
    await witnesses[1].stop();
    const alone = await gather(log, 'all');
    expect(alone).toMatchObject({ satisfied: false, conflicts: 0 });
    expect(alone.outcomes.map(({ outcome }) => outcome)).toEqual(['cosigned', 'no-answer']);
    expect((await gather(log, 'any')).satisfied).toBe(true);
    witnesses[1] = await startWitness([log.vkey], { seed: 32, dir });
    expect((await gather(log, 'all', 5)).satisfied).toBe(true);
  });

  it('is told of a fork by the one that has seen another branch', async () => {
    await gather(log, 'all', 5);
    const other = log.fork();
    await log.append('left', 'left');
    await other.append('right', 'right');
    // The operator, or a thief of the key, showed the second witness something else.
    expect((await witnesses[1].post(await requestOf(other, 3))).status).toBe(200);
    const found = await gather(log, 'all');
    expect(found).toMatchObject({ satisfied: false, conflicts: 1 });
    expect(found.outcomes.map(({ outcome }) => outcome)).toEqual(['cosigned', 'conflict']);
    await log.append('left', 'left');
    expect((await gather(log, 'all')).conflicts).toBe(1);
  });

  it('catches up a witness with a smaller size, and sees by a greater one that it was restored from an old backup', async () => {
    await log.append(...texts(10, 'first'));
    const old = log.fork();
    expect((await witnesses[0].post(await requestOf(log, 0))).status).toBe(200);
    await log.append(...texts(500, 'second'));
    // One knows 13, the other nothing; we believe that both know 13.
    const remembered = new Map(witnesses.map(({ vkey }) => [vkey, 13]));
    expect((await gather(log, 'all', 5, remembered)).satisfied).toBe(true);
    expect(await gather(old, 'any')).toMatchObject({ satisfied: false, conflicts: 2 });
    await old.append(...texts(500, 'another second'));
    expect(await gather(old, 'any')).toMatchObject({ satisfied: false, conflicts: 2 });
  });
});

describe('a policy with addresses', () => {
  it('says who is asked, and where', () => {
    const [a, b] = witnesses;
    const text = `witness a ${a.vkey} ${a.url}\nwitness b ${b.vkey}\ngroup g any a b\nquorum g\n`;
    expect(witnessesOfPolicy(text).connections.map(({ vkey }) => vkey)).toEqual([a.vkey]);
    // Readers get the policy without the addresses.
    expect(witnessesOfPolicy(text, 7)).toMatchObject({ policy: text.replace(` ${a.url}`, ''), deadlineSeconds: 7 });
    expect(() => witnessesOfPolicy(text.replace('http:', 'ftp:'))).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => witnessesOfPolicy('quorum x\n')).toThrow(expect.objectContaining({ code: 'LOG_POLICY_INVALID' }));
  });
});

describe('fetchWitness', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((done) => (server === undefined ? done(undefined) : server.close(done)));
    server = undefined;
  });
  const serve = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    server = createServer(answer as never);
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('posts the body and nothing about this machine', async () => {
    let seen: object = {};
    const url = await serve((request, response) => {
      seen = { method: request.method, url: request.url, agent: request.headers['user-agent'] ?? '', cookie: request.headers.cookie };
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('7\n');
    });
    const answer = await fetchWitness(`${url}/prefix/`, 'x').send('body');
    expect(answer).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '7\n' });
    expect(seen).toEqual({ method: 'POST', url: '/prefix/add-checkpoint', agent: '', cookie: undefined });
  });

  it('follows no redirect', async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const sent = fetchWitness(url, 'x').send('body');
    expect((await sent).status).toBe(307);
    expect(calls).toBe(1);
  });

  it('cuts long answers, and gives up on slow ones', async () => {
    const long = await serve((_request, response) => response.end('x'.repeat(20_000)));
    await expect(fetchWitness(long, 'x').send('body')).rejects.toMatchObject({ code: 'WITNESSES_TOO_FEW' });
    server?.closeAllConnections();
    server?.close();
    const drips = await serve((_request, response) => void response.write('x'));
    await expect(fetchWitness(drips, 'x', 200).send('body')).rejects.toThrow();
  });

  it.each(['ftp://w.example', 'w.example', 'https://user:secret@w.example', 'https://w.example/?x=1', 'https://w.example/#x', ''])(
    'refuses the address %s without repeating it',
    (url) => {
      const refusal = expect.objectContaining({ code: 'USAGE', message: expect.not.stringMatching(/secret|w\.example/) });
      expect(() => fetchWitness(url, 'x')).toThrow(refusal);
    },
  );
});
