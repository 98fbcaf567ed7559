import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Registry, RegistryError } from 'cryptonym';
import { encodePublicKeys, SUBMISSION_LENGTH } from 'cryptonym/intake';

const STATUS: Readonly<Record<string, number>> = {
  SUBMISSION_INVALID: 400,
  EPOCH_UNKNOWN: 400,
  EPOCH_EXPIRED: 410,
  CLAIM_THROTTLED: 429,
  STORE_BUSY: 503,
};
/** `Claim.locator` of `cryptonym/person`. */
const LOCATOR_LENGTH = 32;

/**
 * Intake and public pages on Node's own HTTP server. It logs nothing: neither bodies nor addresses; a proxy before it must not either.
 * Every valid submission gets the same answer, new or repeated. It never sees a name: devices seal with `/public-keys`.
 */
export function registryServer(registry: Registry): Server {
  return createServer((request, response) => {
    route(registry, request, response).catch((error: unknown) => {
      const code = error instanceof RegistryError ? error.code : 'INTERNAL';
      problem(response, STATUS[code] ?? 500, STATUS[code] === undefined ? 'INTERNAL' : code);
    });
  });
}

async function route(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const endpoint = `${request.method} ${pathname}`;
  if (endpoint === 'POST /submissions') return takeSubmission(registry, request, response);
  if (endpoint === 'POST /look-ups') return lookUp(registry, request, response);
  if (endpoint === 'GET /public-keys') return send(response, 200, 'application/json', encodePublicKeys(await registry.publicKeys()));
  if (endpoint === 'GET /counts') return send(response, 200, 'application/json', JSON.stringify(await registry.counts()));
  if (endpoint !== 'GET /entries') return problem(response, 404, 'NOT_FOUND');
  const from = searchParams.get('from') ?? '0';
  if (!/^\d{1,12}$/.test(from)) return problem(response, 400, 'QUERY_INVALID');
  const entries = [];
  for await (const entry of registry.entries({ from: Number(from), limit: 100 })) entries.push(entry);
  send(response, 200, 'application/json', JSON.stringify({ entries }));
}

async function takeSubmission(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, response, SUBMISSION_LENGTH);
  if (body === undefined) return;
  await registry.accept(body);
  response.writeHead(202).end();
}

/** For `findClaim`: the locator in the body, for an address would stand in logs. Found, unknown and dummy rows are answered alike. */
async function lookUp(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const locator = await readBody(request, response, LOCATOR_LENGTH);
  if (locator === undefined) return;
  if (locator.length !== LOCATOR_LENGTH) return problem(response, 400, 'LOCATOR_INVALID');
  send(response, 200, 'application/octet-stream', await registry.lookUp(locator));
}

/** At most `limit` bytes of a binary body; `undefined` once it was refused. */
async function readBody(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Uint8Array | undefined> {
  const refuse = (status: number, code: string): undefined => {
    problem(response, status, code);
    return undefined;
  };
  // Refused by its headers, before a byte of the body is read; then the connection is closed.
  if (request.headers['content-type'] !== 'application/octet-stream') return refuse(415, 'MEDIA_TYPE');
  if (Number(request.headers['content-length'] ?? 0) > limit) return refuse(413, 'TOO_LARGE');
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not tear down the connection: the refusal still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return refuse(413, 'TOO_LARGE');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** RFC 9457. The code says which rule, never a value. */
function problem(response: ServerResponse, status: number, code: string): void {
  response.shouldKeepAlive = false;
  send(response, status, 'application/problem+json', JSON.stringify({ type: 'about:blank', title: code, status, code }));
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
