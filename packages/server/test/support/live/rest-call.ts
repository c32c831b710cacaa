/** Calls of the REST door, as an app's backend makes them. */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { exchange, type HttpAnswer } from './http-exchange.ts';

/** Where to call, and as whom. */
export interface RestCaller {
  /** `http://host:port` */
  readonly url: string;
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly userSig: string;
}

/** What is unlike a well-formed call. */
export interface CallOverrides {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** parameters to set; undefined leaves one out, a list repeats it */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** bytes in place of the JSON of `body` */
  readonly rawBody?: string | Uint8Array;
}

/** Envelope and members of an answer. */
export interface RestReply {
  readonly ActionStatus: string;
  readonly ErrorCode: number;
  readonly ErrorInfo: string;
  readonly [member: string]: unknown;
}

/** An answer, parsed. */
export interface RestAnswer extends HttpAnswer {
  readonly reply: RestReply;
}

/**
 * `POST /v4/<path>` with the documented parameters.
 *
 * @param path  `service/command`
 * @throws the socket's error when no whole answer came; Error when it is not JSON
 */
export async function restCall(
  caller: RestCaller,
  path: string,
  body: unknown,
  overrides: CallOverrides = {},
): Promise<RestAnswer> {
  const { method = 'POST', headers = { 'content-type': 'application/json' }, query = {} } = overrides;
  const url = `${caller.url}/v4/${path}?${restQuery(caller, query)}`;
  const sent = method === 'GET' || method === 'HEAD' ? undefined : (overrides.rawBody ?? JSON.stringify(body));
  const answer = await exchange(url, { method, headers, ...(sent !== undefined && { body: sent }) });
  return { ...answer, reply: parseReply(answer, path) };
}

/** The documented parameters, changed by `query`. */
export function restQuery(caller: RestCaller, query: NonNullable<CallOverrides['query']> = {}): string {
  const parameters = {
    sdkappid: String(caller.sdkAppId),
    identifier: caller.identifier,
    usersig: caller.userSig,
    random: '99999999',
    contenttype: 'json',
    ...query,
  };
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value ?? []].flat()) search.append(name, one);
  }
  return search.toString();
}

/** Check that a call succeeded. @returns its answer */
export function assertOk(answer: RestAnswer): RestAnswer {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.reply.ErrorCode, 0, answer.text);
  return answer;
}

function parseReply({ status, text }: HttpAnswer, path: string): RestReply {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} answered ${status} with what is not JSON: ${text.slice(0, 200)}`, { cause });
  }
}
