import { createServer, type Server } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../../support/cli-shell.js';
import { draftOf, exportOf, SMALL_PLAN, TRUST } from '../../support/export-world.js';

type Files = ReadonlyMap<string, Uint8Array>;

describe('a server that lies and then says nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'silent-'));
  const key = ['--key', TRUST.key];
  let server: Server;
  let url: string;
  let files: Files = new Map();
  /** What it answers to every reading of the checkpoint but the first; undefined: the same again. */
  let later: 'silence' | Files | undefined;
  let asked = 0;

  beforeAll(async () => {
    server = createServer(({ url: path = '' }, answer) => {
      const name = path.slice(1);
      const again = name === 'checkpoint' && asked++ > 0;
      if (again && later === 'silence') return void answer.writeHead(503).end();
      if (again && later !== undefined) files = later as Files;
      const file = files.get(name);
      if (file === undefined) answer.writeHead(404).end();
      else answer.end(file);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(root, { recursive: true });
  });
  const serve = (now: Files, then?: 'silence' | Files): void => {
    [files, later, asked] = [now, then, 0];
  };
  const lieOf = (people: number): Promise<Files> =>
    exportOf(
      draftOf([...SMALL_PLAN.slice(0, 1), { date: '2026-11-23', statements: Array.from({ length: people }, (_, i) => ({ of: 60 + i })) }]),
    );

  it('cannot make wrong counts look like a lost connection', async () => {
    serve(await exportOf(draftOf(SMALL_PLAN), { counts: (counts) => ({ ...counts, total: 999 }) }), 'silence');
    expect((await cli(['verify', url, ...key])).code).toBe(3);
  });

  it('cannot switch off the alarm of a fork, neither by silence nor by going back to the truth; every proof is kept', async () => {
    const honest = await exportOf(draftOf(SMALL_PLAN.slice(0, 2)));
    const state = join(root, 'state');
    serve(honest);
    expect((await cli(['monitor', url, '--state', state, ...key])).code).toBe(0);
    for (const [people, then] of [
      [9, 'silence'],
      [8, honest],
    ] as const) {
      serve(await lieOf(people), then);
      const { code, err } = await cli(['monitor', url, '--state', state, ...key]);
      expect([code, err]).toEqual([3, expect.stringMatching(/ALARM/)]);
    }
    const proofs = readdirSync(root).filter((name) => name.endsWith('.fork'));
    expect(proofs.sort()).toEqual(['state.2.fork', 'state.fork']);
    const [one, other] = proofs.map((name) => readFileSync(join(root, name), 'utf8'));
    expect(one).not.toBe(other);
  });
});
