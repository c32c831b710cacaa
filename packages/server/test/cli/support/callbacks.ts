/** Signed callbacks as a server sends them, and receivers for them. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import {
  CALLBACK_PORTRAIT_SET,
  extendCallback,
  formatCallbackAnswer,
  formatCallbackUrl,
  formatPortraitSetCallback,
  signCallback,
  signStandardWebhook,
} from '@portrait/wire';
import { atEnd } from './portrait.ts';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

export const EVENT_AT_MS = 1_795_428_000_000;

/** @returns body of a callback for alice's nickname, in its extended form */
export function callbackBody({ eventId = 'evt_1', sequence = 7 } = {}): string {
  const body = formatPortraitSetCallback({
    operatorId: 'administrator',
    userId: 'alice',
    atMs: EVENT_AT_MS,
    items: [
      { tag: 'Tag_Profile_IM_Nick', value: 'Alice' },
      { tag: 'Tag_Profile_Custom_Data', value: '\u001b[2J' },
    ],
  });
  const previousItems = [{ tag: 'Tag_Profile_IM_Nick', value: 'Al' }];
  return extendCallback(body, { eventId, sequence, previousItems });
}

/** POST a callback. What is not given is left out. */
export async function sendCallback(
  url: string,
  options: {
    readonly secret?: string;
    readonly token?: string;
    readonly body?: string;
    readonly id?: string;
    readonly sequence?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<{ readonly status: number; readonly text: string; readonly contentType: string | null }> {
  const { secret, token, body = callbackBody(), id = 'evt_1', sequence = 7, signal } = options;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const query = { sdkAppId: 1_400_000_001, command: CALLBACK_PORTRAIT_SET, clientIp: '10.1.2.3', platform: 'RESTAPI' };
  const sign = token === undefined ? undefined : await signCallback(token, nowSeconds);
  const target = formatCallbackUrl(url, { ...query, ...(sign && { sign: { sign, requestTimeSeconds: nowSeconds } }) });
  const message = { id, timestampSeconds: nowSeconds, body, secrets: secret === undefined ? [] : [secret] };
  const response = await fetch(target, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'portrait-sequence': String(sequence),
      'portrait-attempt': '2',
      ...(secret !== undefined && {
        'webhook-id': message.id,
        'webhook-timestamp': String(nowSeconds),
        'webhook-signature': await signStandardWebhook(message),
      }),
    },
    ...(signal && { signal }),
  });
  return { status: response.status, text: await response.text(), contentType: response.headers.get('content-type') };
}

/** What a receiver got. */
export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on a free port. */
export async function startReceiver(
  context: TestContext,
  answer: { readonly status?: number; readonly body?: string } = {},
): Promise<{ readonly url: string; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    received.push({ url: request.url ?? '', headers: request.headers, body });
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/x-test' });
    response.end(answer.body ?? formatCallbackAnswer(true));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`, received };
}
