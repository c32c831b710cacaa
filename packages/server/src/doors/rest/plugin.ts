/** The REST door: `POST /v4/<service>/<command>`. */
import { isUtf8 } from 'node:buffer';
import { formatFault, type Reply } from '@portrait/wire';
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../../errors.ts';
import { type HandleContext, handle } from '../handle.ts';

/** More of a body than this is refused with HTTP 413. The largest request that makes sense has about 200 kB. */
const MAX_BODY_BYTES = 1_048_576;

/** Headers of every answer, as the documented sample has them. */
const ANSWER_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'X-Requested-With',
  'access-control-allow-methods': 'POST',
} as const;

type CommandRequest = FastifyRequest<{
  Params: { service: string; command: string };
  Querystring: Record<string, unknown>;
}>;

/**
 * Serve the REST commands. Every outcome of the protocol is HTTP 200; other codes tell of faults in the transport.
 *
 * @see Tencent Cloud Chat, "RESTful API Overview", document 1047/34620
 */
export const restDoor: FastifyPluginAsync<{ readonly context: HandleContext }> = async (app, { context }) => {
  app.removeAllContentTypeParsers();
  // The body is JSON whatever its type says: clients in the wild send text/plain.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => answerTransportFault(error, reply, context));
  app.post('/v4/:service/:command', (request: CommandRequest, reply) => onRequest(request, reply, context));
  app.all('/v4/*', (request, reply) => {
    const isPost = request.method === 'POST';
    const message = isPost
      ? 'expected the path /v4/<service>/<command>'
      : `expected the method POST, got ${request.method}`;
    return send(
      reply,
      formatFault({ code: isPost ? 60009 : 60002, message: isPost ? message : `HTTP parse Error: ${message}` }),
    );
  });
};

async function onRequest(request: CommandRequest, reply: FastifyReply, context: HandleContext): Promise<FastifyReply> {
  const { service, command } = request.params;
  const { sdkappid: sdkAppId, identifier, usersig: userSig } = request.query;
  const answer = await handle(
    {
      service,
      command,
      credentials: { sdkAppId, identifier, userSig },
      readBody: () => readJson(request.query.contenttype, request.body),
      clientIp: plainAddress(request.ip),
      platform: 'RESTAPI',
    },
    context,
  );
  return send(reply, answer);
}

function send(reply: FastifyReply, answer: Reply): FastifyReply {
  return reply.headers(ANSWER_HEADERS).send(JSON.stringify(answer));
}

/** @throws ApiError 60025 for another contenttype, 60003 if the bytes are not JSON in UTF-8 */
function readJson(contentType: unknown, body: unknown): unknown {
  if (contentType !== undefined && String(contentType).toLowerCase() !== 'json') {
    throw new ApiError(60025, 'contenttype: expected "json"');
  }
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ApiError(60003, 'body: expected a JSON object, got nothing');
  if (!isUtf8(body)) throw new ApiError(60003, 'body: the bytes are not UTF-8');
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ApiError(60003, `body: not valid JSON (${body.length} bytes)`);
  }
}

/** An IPv4 client of an IPv6 socket is shown in its usual spelling. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function answerTransportFault(error: FastifyError, reply: FastifyReply, { log }: HandleContext): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    log.error({ err: error }, 'request.fault');
    return send(reply, formatFault(new ApiError(60008)));
  }
  const message =
    status === 413
      ? `HTTP parse Error: the body is longer than ${MAX_BODY_BYTES} bytes`
      : `HTTP parse Error: ${error.message}`;
  return send(reply.code(status), formatFault({ code: 60002, message }));
}
