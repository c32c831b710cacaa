/**
 * The REST door: `POST /v4/<service>/<command>`.
 *
 * It stands on node:http itself, beside Fastify, which serves everything else: the framework took about
 * 10 of 46 µs a call (docs/decisions/0005-rest-door.md).
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, formatFault, type Reply } from '@portrait/wire';
import { ApiError } from '../../errors.ts';
import { type HandleContext, handle } from '../handle.ts';
import { parseRestTarget, type RestTarget } from './parse-target.ts';
import { BodyTooLargeError, ConnectionEndedError, readBody } from './read-body.ts';

/** More of a body than this is refused with HTTP 413. The largest request that makes sense has about 200 kB. */
const MAX_BODY_BYTES = 1_048_576;

/** Headers of every answer, as the documented sample has them. */
const ANSWER_HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'X-Requested-With',
  'Access-Control-Allow-Methods': 'POST',
} as const;

/** What the door needs besides the calls' own context. */
export interface RestDoorOptions {
  readonly context: HandleContext;
  /** the address of the client, also behind a trusted proxy */
  readonly clientAddress: (request: IncomingMessage) => string;
}

/** Whether a request is this door's. */
export function isRestRequest(request: IncomingMessage): boolean {
  return request.url?.startsWith('/v4/') ?? false;
}

/**
 * Answer one call. Every outcome of the protocol is HTTP 200; other codes tell of faults in the transport. Never rejects.
 *
 * @see Tencent Cloud Chat, "RESTful API Overview", document 1047/34620
 */
export async function onRestRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: RestDoorOptions,
): Promise<void> {
  try {
    const body = await readBody(request, MAX_BODY_BYTES);
    const reply = await answer(request, body, options);
    send(response, 200, reply);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) return answerFault(response, error, options);
    response.setHeader('Connection', 'close');
    const message = `HTTP parse Error: the body is longer than ${MAX_BODY_BYTES} bytes`;
    send(response, 413, formatFault({ code: 60002, message }));
  }
}

/** The connection broke, and nobody is there to be answered; or it is a fault of ours. */
function answerFault(response: ServerResponse, error: unknown, { context }: RestDoorOptions): void {
  if (error instanceof ConnectionEndedError || response.destroyed || response.headersSent) return;
  context.log.error({ err: error }, 'request.fault');
  send(response, 200, formatFault({ code: 60008, message: errorText(60008) }));
}

async function answer(request: IncomingMessage, body: Buffer, options: RestDoorOptions): Promise<Reply> {
  if (request.method !== 'POST') {
    return formatFault({ code: 60002, message: `HTTP parse Error: expected the method POST, got ${request.method}` });
  }
  const target = parseRestTarget(request.url ?? '');
  if (!target) {
    const message = 'HTTP parse Error: expected /v4/<service>/<command>?sdkappid=…&identifier=…&usersig=…';
    return formatFault({ code: 60002, message });
  }
  const { service, command, query } = target;
  const [sdkAppId, identifier, userSig] = [query.get('sdkappid'), query.get('identifier'), query.get('usersig')];
  const credentials = { kind: 'userSig', sdkAppId, identifier, userSig } as const;
  const origin = { clientIp: options.clientAddress(request), platform: 'RESTAPI' };
  const call = {
    door: 'rest',
    service,
    command,
    credentials,
    readBody: () => readJson(target, body),
    ...origin,
  } as const;
  return handle(call, options.context);
}

function send(response: ServerResponse, status: number, reply: Reply): void {
  const text = JSON.stringify(reply);
  response.writeHead(status, { ...ANSWER_HEADERS, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/**
 * The body is JSON whatever its type says: clients in the wild send text/plain.
 *
 * @throws ApiError 60025 for another contenttype in the URL, 60003 if the bytes are not JSON in UTF-8
 */
function readJson({ query }: RestTarget, body: Buffer): unknown {
  const contentType = query.get('contenttype');
  if (contentType !== undefined && String(contentType).toLowerCase() !== 'json') {
    throw new ApiError(60025, 'contenttype: expected "json"');
  }
  if (body.length === 0) throw new ApiError(60003, 'body: expected a JSON object, got nothing');
  if (!isUtf8(body)) throw new ApiError(60003, 'body: the bytes are not UTF-8');
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new ApiError(60003, `body: not valid JSON (${body.length} bytes)`);
  }
}
