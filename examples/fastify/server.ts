import { type Registry, RegistryError } from 'cryptonym';
import { encodePublicKeys, SUBMISSION_LENGTH } from 'cryptonym/intake';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';

/** Our codes and Fastify's own, the latter under names of ours. */
const PROBLEMS: Readonly<Record<string, readonly [status: number, code: string]>> = {
  SUBMISSION_INVALID: [400, 'SUBMISSION_INVALID'],
  EPOCH_UNKNOWN: [400, 'EPOCH_UNKNOWN'],
  EPOCH_EXPIRED: [410, 'EPOCH_EXPIRED'],
  CLAIM_THROTTLED: [429, 'CLAIM_THROTTLED'],
  STORE_BUSY: [503, 'STORE_BUSY'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'TOO_LARGE'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'MEDIA_TYPE'],
  FST_ERR_VALIDATION: [400, 'QUERY_INVALID'],
};

/** `Claim.locator` of `cryptonym/person`. */
const LOCATOR_LENGTH = 32;

/**
 * Intake and public pages on Fastify. The logger is off: neither bodies nor addresses are written anywhere; a proxy before it must not
 * either. Every valid submission gets the same answer, new or repeated. It never sees a name: devices seal with `/public-keys`.
 */
export function registryApp(registry: Registry): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: SUBMISSION_LENGTH });
  // Only one kind of body exists here; without this Fastify would parse JSON and text too.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body);

  app.get('/public-keys', async (_request, reply) => {
    return reply.type('application/json').send(Buffer.from(encodePublicKeys(await registry.publicKeys())));
  });
  app.post('/submissions', async (request, reply) => {
    if (!(request.body instanceof Uint8Array)) return problem(reply, 415, 'MEDIA_TYPE');
    await registry.accept(new Uint8Array(request.body));
    return reply.code(202).send();
  });
  // For `findClaim`: the locator in the body, for an address would stand in logs. Found, unknown and dummy rows are answered alike.
  app.post('/look-ups', { bodyLimit: LOCATOR_LENGTH }, async ({ body }, reply) => {
    if (!(body instanceof Uint8Array)) return problem(reply, 415, 'MEDIA_TYPE');
    if (body.length !== LOCATOR_LENGTH) return problem(reply, 400, 'LOCATOR_INVALID');
    return reply.type('application/octet-stream').send(Buffer.from(await registry.lookUp(new Uint8Array(body))));
  });
  app.get('/counts', async () => registry.counts());
  app.get<{ Querystring: { from?: number } }>('/entries', { schema: { querystring: FROM } }, async ({ query }) => {
    const entries = [];
    for await (const entry of registry.entries({ from: query.from ?? 0, limit: 100 })) entries.push(entry);
    return { entries };
  });

  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  app.setNotFoundHandler(async (_request, reply) => problem(reply, 404, 'NOT_FOUND'));
  app.setErrorHandler(async (error, _request, reply) => {
    const { code } = error instanceof RegistryError ? error : (error as { code?: string });
    const [status, shown] = PROBLEMS[code ?? ''] ?? [500, 'INTERNAL'];
    return problem(reply, status, shown);
  });
  return app;
}

const FROM = { type: 'object', properties: { from: { type: 'integer', minimum: 0, maximum: 999_999_999_999 } } };

/** RFC 9457. The code says which rule, never a value. */
async function problem(reply: FastifyReply, status: number, code: string): Promise<FastifyReply> {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: code, status, code }));
}
