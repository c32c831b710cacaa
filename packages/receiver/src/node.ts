/** For node:http and node:https, and what is built like them. */
import type { CallbackHandler, CallbackReply } from './create-handler.ts';

/** What is used of Node's IncomingMessage. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether somebody has begun to read the body. */
  readonly readableDidRead?: boolean;
  /** What a framework has made of the body, if it has read it. */
  readonly body?: unknown;
  /** Where a framework was told to keep the bytes. */
  readonly rawBody?: unknown;
}

/** What is used of Node's ServerResponse. */
export interface NodeResponse {
  readonly destroyed?: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

const REMEDY = 'Do not read the request before nodeHandler, or keep its bytes: request.rawBody = bytes';

/**
 * Make a listener for `createServer`. It answers every path; mount it on one with your router.
 *
 * @param remedy  what BodyConsumedError tells to do about a framework that has read the body
 */
export function nodeHandler(
  handler: CallbackHandler,
  remedy: string = REMEDY,
): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  return async (request, response) => {
    const { method, url = '', headers } = request;
    write(response, await handler.receive({ method, url, headers, ...bodyOf(request), bodyRemedy: remedy }));
  };
}

function bodyOf(request: NodeRequest): { body: Uint8Array | string | NodeRequest; bodyUsed?: boolean } {
  const kept = [request.rawBody, request.body].find(isRaw);
  if (kept !== undefined) return { body: kept };
  return { body: request, bodyUsed: request.readableDidRead ?? request.body !== undefined };
}

function isRaw(body: unknown): body is Uint8Array | string {
  return typeof body === 'string' || body instanceof Uint8Array;
}

function write(response: NodeResponse, { status, headers, body }: CallbackReply): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers });
  response.end(body);
}
