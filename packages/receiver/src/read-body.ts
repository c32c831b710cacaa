import { fitsUtf8Bytes } from '@portrait/wire';
import { BodyConsumedError } from './body-consumed-error.ts';
import type { IncomingCallback } from './incoming.ts';

/** The body as text, or why there is none. */
export type ReadBody =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'too-large' | 'incomplete' | 'body'; readonly detail: string };

/**
 * Read a body, at most `maxBytes` of it: what is longer is left where it is, whatever length was announced.
 *
 * @throws BodyConsumedError when somebody has read it already
 */
export async function readBody(request: IncomingCallback, maxBytes: number): Promise<ReadBody> {
  const {
    body,
    bodyUsed,
    bodyRemedy = 'Call the receiver before anything calls json() or text() of the request.',
  } = request;
  if (bodyUsed) throw new BodyConsumedError(bodyRemedy);
  if (typeof body === 'string') {
    return fitsUtf8Bytes(body, maxBytes) ? { ok: true, text: body } : tooLarge(maxBytes);
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = body instanceof Uint8Array ? body : await readChunks(chunksOf(body), maxBytes);
  } catch (error) {
    return { ok: false, reason: 'incomplete', detail: `the body broke off: ${error}` };
  }
  return bytes === undefined || bytes.length > maxBytes ? tooLarge(maxBytes) : decode(bytes);
}

function tooLarge(maxBytes: number): ReadBody {
  return { ok: false, reason: 'too-large', detail: `the body is longer than ${maxBytes} bytes` };
}

type Chunks = () => Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;

function chunksOf(body: Exclude<IncomingCallback['body'], string | Uint8Array>): Chunks {
  if (!body) return async () => ({ done: true });
  if ('getReader' in body) {
    const reader = body.getReader();
    return () => reader.read();
  }
  // no for-await: leaving it early would end Node's socket before the answer is written
  const iterator = body[Symbol.asyncIterator]();
  return () => iterator.next();
}

async function readChunks(next: Chunks, maxBytes: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let { done, value } = await next(); !done; { done, value } = await next()) {
    if (value === undefined) continue;
    length += value.length;
    if (length > maxBytes) return undefined;
    parts.push(value);
  }
  return joined(parts, length);
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Fatal, and with the byte order mark kept: the text's UTF-8 must be the very bytes that were signed. */
function decode(bytes: Uint8Array): ReadBody {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { ok: false, reason: 'body', detail: 'the body is not UTF-8' };
  }
}
