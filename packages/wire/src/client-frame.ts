/** Frames between Tencent's Web SDK and a server: one JSON object each, `{"head":{…},"body":{…}}`, whichever way they go. */
import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import { isRawObject, type RawObject } from './raw-object.ts';

const NOT_JSON = 60003;
const MALFORMED = 60002;

/** `<service>.<command>`, as `profile.portrait_set`. */
const SERVCMD = /^([A-Za-z0-9_]{1,64})\.([A-Za-z0-9_]{1,64})$/;

/** A request of a client. Nothing in it is proven; what the head may lack is undefined. */
export interface ClientFrame {
  readonly service: string;
  readonly command: string;
  /** Both are echoed in the reply, which is how the client finds the request. */
  readonly servcmd: string;
  readonly seq: number;
  readonly sdkAppId: unknown;
  /** Before login only. */
  readonly identifier: unknown;
  readonly userSig: unknown;
  /** After login only: names the user and proves it. */
  readonly a2: unknown;
  /** Number of the platform, see client-platforms.ts. */
  readonly platform: unknown;
  /** `{}` when the frame has none. */
  readonly body: unknown;
}

/**
 * Read a frame of a client.
 *
 * @param text  of any length; the caller caps it
 * @returns the frame; 60003 when it is not JSON, 60002 when it has no head with `servcmd` and a whole number `seq`
 */
export function parseClientFrame(text: string): Parsed<ClientFrame> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return parsedFault(NOT_JSON, `frame: not valid JSON (${text.length} characters)`);
  }
  if (!isRawObject(raw) || !isRawObject(raw.head)) {
    return parsedFault(MALFORMED, `frame: expected {"head":{…},"body":{…}}, got ${describeValue(raw)}`);
  }
  return parseHead(raw.head, raw.body);
}

function parseHead(head: RawObject, body: unknown): Parsed<ClientFrame> {
  const { servcmd, seq } = head;
  const [, service, command] = (typeof servcmd === 'string' && SERVCMD.exec(servcmd)) || [];
  if (service === undefined || command === undefined) {
    return parsedFault(MALFORMED, `head.servcmd: expected <service>.<command>, got ${describeValue(servcmd)}`);
  }
  if (!Number.isSafeInteger(seq)) {
    return parsedFault(MALFORMED, `head.seq: expected a whole number, got ${describeValue(seq)}`);
  }
  return parsedOk({
    service,
    command,
    servcmd: servcmd as string,
    seq: seq as number,
    sdkAppId: head.sdkappid,
    identifier: head.identifier,
    userSig: head.usersig,
    a2: head.a2,
    platform: head.platform,
    body: body ?? {},
  });
}

/** The frame that answers a request. @param body  an envelope (reply.ts) with what the command adds */
export function formatReplyFrame(request: { readonly servcmd: string; readonly seq: number }, body: object): string {
  return JSON.stringify({ head: { ver: 'v4', servcmd: request.servcmd, seq: request.seq }, body });
}

/** What a server sends unasked. */
export interface ClientPush {
  readonly servcmd: 'im_open_push.msg_push' | 'im_open_status.stat_forceoffline';
  readonly body: object;
}

/** The frame of a push. @param seq  any number that no request of the client has: those begin at eight digits */
export function formatPushFrame({ servcmd, body }: ClientPush, seq: number): string {
  return JSON.stringify({ head: { ver: 'v4', servcmd, seq }, body });
}
