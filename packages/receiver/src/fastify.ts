/** For Fastify 4 and 5. */
import type { CallbackHandler } from './create-handler.ts';
import type { CallbackHeaders } from './incoming.ts';

/** What is used of Fastify's request. */
export interface FastifyRequestLike {
  readonly method: string;
  readonly url: string;
  readonly headers: CallbackHeaders;
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

type Done = (error: Error | null, body?: unknown) => void;

/** What is used of a Fastify instance. */
export interface FastifyLike {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(type: string, parser: (request: unknown, payload: unknown, done: Done) => void): unknown;
  post(path: string, handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>): unknown;
}

const REMEDY =
  'In Fastify register fastifyReceiver(receiver), or keep the bytes with two lines in the scope of the route: ' +
  'app.removeAllContentTypeParsers(); ' +
  "app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))";

/**
 * Make a plugin with its own scope, in which bodies stay raw: `app.register(fastifyReceiver(receiver), { prefix: '/callback' })`.
 */
export function fastifyReceiver(handler: CallbackHandler): (scope: FastifyLike) => Promise<void> {
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post('/', fastifyHandler(handler));
  };
}

/** Make a route's handler, for those who keep bodies raw themselves. */
export function fastifyHandler(
  handler: CallbackHandler,
): (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown> {
  return async ({ method, url, headers, body: parsed, rawBody }, reply) => {
    const body = [rawBody, parsed].find(isRaw);
    const bodyUsed = body === undefined && parsed !== undefined && parsed !== null;
    const answer = await handler.receive({ method, url, headers, body, bodyUsed, bodyRemedy: REMEDY });
    reply.code(answer.status);
    reply.headers({ ...answer.headers });
    return reply.send(answer.body);
  };
}

/** The bytes, or the stream of them that fastifyReceiver lets through. */
function isRaw(body: unknown): body is Uint8Array | string | AsyncIterable<Uint8Array> {
  if (typeof body === 'string' || body instanceof Uint8Array) return true;
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
