import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Witness } from './witness.js';

/** A checkpoint of 64 KiB at most, 63 hashes of 45 bytes and the line before them. */
const MAX_BODY = 68 * 1024;
const MONITORING = /^\/([0-9a-f]{64})\/checkpoint$/;

/**
 * The witness on Node's own HTTP server. It logs nothing. Connections are kept alive; what is slow or too long is cut off.
 * `onFault` hears of faults of this machine (a full disk, a damaged file): then the answer is 500, and nothing was cosigned.
 */
export function witnessServer(witness: Witness, onFault: (error: unknown) => void = () => undefined): Server {
  const server = createServer((request, response) => {
    route(witness, request, response).catch((error: unknown) => {
      onFault(error);
      if (!response.headersSent) close(response, 500, 'fault\n');
    });
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 60_000;
  return server;
}

/** Takes no more calls, lets those under way end, and resolves when the last cosignature is written. */
export async function stopServer(server: Server, witness: Witness): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await witness.idle();
  await closed;
}

async function route(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const [, originHash] = MONITORING.exec(path) ?? [];
  if (path !== '/add-checkpoint' && originHash === undefined) return close(response, 404, 'nothing here\n');
  const method = originHash === undefined ? 'POST' : 'GET';
  if (request.method !== method) return close(response.setHeader('allow', method), 405, `${method} only\n`);
  if (originHash !== undefined) {
    const { status, contentType, body } = await witness.checkpoint(originHash);
    return send(response, status, contentType, body);
  }
  const body = await bodyOf(request);
  if (body === undefined) return close(response, 413, 'too long\n');
  const answer = await witness.addCheckpoint(body);
  send(response, answer.status, answer.contentType, answer.body);
}

/** Undefined: too long. Bytes that are no UTF-8 become something that no request is made of. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not tear down the connection: the refusal still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return '';
  }
}

/** A refusal after which the connection ends: the rest of the request is not worth reading. */
function close(response: ServerResponse, status: number, body: string): void {
  response.shouldKeepAlive = false;
  send(response, status, 'text/plain; charset=utf-8', body);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' };
  response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff' }).end(body);
}
