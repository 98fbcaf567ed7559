import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceOf } from '../../../src/edges/cli/export-source.js';
import { witnessesOfPolicy } from '../../../src/edges/cli/witnesses.js';
import { encodeVerifierKey } from '../../../src/log/note.js';
import { makeSigner, verifierOf } from '../../../src/log/signer-key.js';
import type { ExportReader } from '../../../src/verify.js';

const root = mkdtempSync(join(tmpdir(), 'source-'));
afterAll(() => rmSync(root, { recursive: true }));

async function readerOf(place: string): Promise<ExportReader> {
  const source = await sourceOf(place);
  if ('file' in source) throw new Error('no folder');
  return source.reader;
}

describe('an export on a web server', () => {
  let server: Server;
  let reader: ExportReader;
  const asked: IncomingMessage[] = [];
  beforeAll(async () => {
    server = createServer((request, answer) => {
      asked.push(request);
      if (request.url === '/checkpoint') answer.writeHead(302, { location: '/elsewhere' }).end();
      else if (request.url === '/tile/0/000') answer.end(Buffer.alloc(8 * 1024 + 1));
      else answer.end('here');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    reader = await readerOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('sends the reader nowhere else, learns no name of his program, and can send no more than the file may have', async () => {
    expect(await reader.read('counts.json')).toEqual(new Uint8Array(Buffer.from('here')));
    expect(asked[0]?.headers['user-agent'] ?? '').toBe('');
    await expect(reader.read('checkpoint')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(reader.read('tile/0/000')).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
    expect(asked.map(({ url }) => url)).toEqual(['/counts.json', '/checkpoint', '/tile/0/000']);
  });
});

describe('an export in a folder', () => {
  it('is made of regular files: a pipe is not waited for', async () => {
    execFileSync('mkfifo', [join(root, 'checkpoint')]);
    mkdirSync(join(root, 'batch'));
    writeFileSync(join(root, 'batch', '1.tlog-proof'), Buffer.alloc(160 * 1024 + 1));
    const reader = await readerOf(root);
    await expect(reader.read('checkpoint')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(reader.read('batch')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(reader.read('batch/1.tlog-proof')).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
  });
});

describe('the file of the witnesses', () => {
  it('is published without comments and addresses', () => {
    const key = encodeVerifierKey(verifierOf(makeSigner('w.example', new Uint8Array(32).fill(7), 4)));
    const text = `# Wei, +46 70 123 45 67\n\nwitness\tlund  ${key} https://w.example.se/secret-path\n  # home\ngroup one 1 lund\nquorum one\n`;
    const { policy, connections } = witnessesOfPolicy(text);
    expect(policy).toBe(`witness lund ${key}\ngroup one 1 lund\nquorum one\n`);
    expect(connections).toHaveLength(1);
  });
});
