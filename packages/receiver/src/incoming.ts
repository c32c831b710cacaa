/** Headers of a request: Fetch's own, or the plain object of Node's http module (names in any letter case). */
export type CallbackHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A callback as it came in over HTTP. A `Request` is one; what is not a web-standard server makes its own. */
export interface IncomingCallback {
  /** `POST`; left out when the server has looked at it already. */
  readonly method?: string | undefined;
  /** Absolute URL, or the request target only (`/callback?SdkAppid=…`), query included. */
  readonly url: string;
  readonly headers: CallbackHeaders;
  /** Raw body, not parsed and not changed: the signature covers its bytes. A text counts as its UTF-8. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | null | undefined;
  /** Whether somebody has read the body already. */
  readonly bodyUsed?: boolean | undefined;
  /** What to write so that nobody does, one sentence for BodyConsumedError. */
  readonly bodyRemedy?: string | undefined;
}

/** Value of a header, or undefined; of a repeated one the first. */
export function readHeader(headers: CallbackHeaders, name: string): string | undefined {
  if (isFetchHeaders(headers)) return headers.get(name) ?? undefined;
  const found = headers[name] ?? findHeader(headers, name);
  return typeof found === 'string' ? found : found?.[0];
}

function findHeader(headers: Exclude<CallbackHeaders, Headers>, name: string): string | readonly string[] | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Asks for the method, since a framework may bring a Headers class of its own. */
function isFetchHeaders(headers: CallbackHeaders): headers is Headers {
  return typeof headers.get === 'function';
}
