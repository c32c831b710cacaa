/** Receivers with the mistakes that public ones have, each under a name that says which, and two without any. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHandler, type VerifyOptions, verify } from '@portrait/receiver';
import { nodeHandler } from '@portrait/receiver/node';
import { formatCallbackAnswer } from '@portrait/wire';
import { SECRET } from './callbacks.ts';

export const SDK_APP_ID = 1_400_000_001;
export const TOKEN = 'xxxxyyyy';

const BOTH = { sdkAppId: SDK_APP_ID, token: TOKEN, signingSecrets: [SECRET] };
const OK = formatCallbackAnswer(true);

/** A callback as the mistaken ones have it. */
interface Whole {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What to answer: body, status and content type. */
type Answer = readonly [body: string, status?: number, contentType?: string];

export const goodOfPortrait: RequestListener = nodeHandler(createHandler({ ...BOTH, on: {} }));
export const goodOfTencent: RequestListener = nodeHandler(
  createHandler({ sdkAppId: SDK_APP_ID, token: TOKEN, on: {} }),
);

/** Verifies everything but how old it is. */
export const withoutTimeCheck = receiver(async (callback) => {
  const nowMs = Number(callback.headers['webhook-timestamp']) * 1000;
  return await answerVerified(callback, { ...BOTH, clock: { now: () => nowMs } });
});

/** Believes whoever posts. */
export const withoutSignatureCheck = receiver(async ({ body }) => {
  const { From_Account: userId, ProfileItem: items } = JSON.parse(body);
  return userId && items ? [OK] : [formatCallbackAnswer(false, 'no user'), 400];
});

/** Verifies Sign, as Tencent's guide says, and not the body. */
export const withSignAlone = receiver((callback) => answerVerified(callback, { ...BOTH, require: 'token' }));

/** Verifies a signature if there is one. */
export const withoutSignatureRequired = receiver(async (callback) => {
  const isSigned = callback.headers['webhook-signature'] !== undefined;
  return await answerVerified(callback, isSigned ? BOTH : { sdkAppId: SDK_APP_ID, require: 'none' });
});

/** Verifies all, for whatever app it is. */
export const withoutAppCheck = receiver(async (callback) => {
  const sdkAppId = Number(new URL(callback.url, 'http://a').searchParams.get('SdkAppid'));
  return await answerVerified(callback, { ...BOTH, sdkAppId });
});

/** Verifies, answers OK, and only then looks at what came. */
export const withEarlyAnswer = receiver(async (callback) => {
  const checked = await verify(callback, BOTH);
  return checked.ok || checked.reason === 'body' ? [OK] : [formatCallbackAnswer(false), 401];
});

/** Says success in its own words. */
export const withoutJson = receiver(async () => ['success', 200, 'text/plain']);

/** Says success in another API's words. */
export const withOtherJson = receiver(async () => ['{"code":0,"msg":"ok"}']);

/** Has the number as a text. */
export const withTextCode = receiver(async () => ['{"ActionStatus":"OK","ErrorCode":"0","ErrorInfo":""}']);

/** Takes each id once and refuses it then. */
export function refusingRepeats(): RequestListener {
  const seen = new Set<unknown>();
  return receiver(async (callback) => {
    const answer = await answerVerified(callback, BOTH);
    const id = callback.headers['webhook-id'];
    if (seen.has(id)) return [formatCallbackAnswer(false, 'duplicate'), 409];
    seen.add(id);
    return answer;
  });
}

/** Verifies, and is late with its first answer. */
export function slowOnce(delayMs: number): RequestListener {
  let isFirst = true;
  return receiver(async (callback) => {
    if (isFirst) await new Promise((resolve) => setTimeout(resolve, delayMs));
    isFirst = false;
    return await answerVerified(callback, BOTH);
  });
}

/** Crashes where it should refuse. */
export const crashingAtForgeries = receiver(async (callback) => {
  const [body, status] = await answerVerified(callback, BOTH);
  return [body, status === 401 ? 500 : 200];
});

/** Answers always the same. */
export function answering(body: string, status = 200, headers: Record<string, string> = {}): RequestListener {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

/** Never answers. */
export const silent: RequestListener = (request) => void request.resume();

async function answerVerified(callback: Whole, options: VerifyOptions): Promise<Answer> {
  const { ok } = await verify(callback, options);
  return ok ? [OK] : [formatCallbackAnswer(false, 'refused'), 401];
}

function receiver(answer: (callback: Whole) => Promise<Answer>): RequestListener {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const [body, status = 200, contentType = 'application/json'] = await answer({
      ...{ method, url, headers },
      body: await text(request),
    });
    response.writeHead(status, { 'content-type': contentType }).end(body);
  };
  return (request, response) => {
    respond(request, response).catch(() => response.writeHead(500).end());
  };
}
