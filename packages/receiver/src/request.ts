/** Headers of a request: Fetch's own, or the plain object of Node's http module (names in any letter case). */
export type CallbackHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A callback as it came in over HTTP. */
export interface CallbackRequest {
  /** Absolute URL, or the request target only (`/callback?SdkAppid=…`), query included. */
  readonly url: string;
  readonly headers: CallbackHeaders;
  /** Raw body as UTF-8 text, not parsed and not changed: the signature covers its bytes. */
  readonly body: string;
}

/** Value of a header, or undefined; of a repeated one the first. */
export function readHeader(headers: CallbackHeaders, name: string): string | undefined {
  if (isFetchHeaders(headers)) return headers.get(name) ?? undefined;
  const wanted = name.toLowerCase();
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === wanted)?.[1];
  return typeof found === 'string' ? found : found?.[0];
}

/** Asks for the method, since a framework may bring a Headers class of its own. */
function isFetchHeaders(headers: CallbackHeaders): headers is Headers {
  return typeof headers.get === 'function';
}
