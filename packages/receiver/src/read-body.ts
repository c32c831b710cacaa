import { BodyConsumedError } from './body-consumed-error.ts';
import type { IncomingCallback } from './incoming.ts';

/** The body as text, or why there is none. */
export type ReadBody =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'too-large' | 'body'; readonly detail: string };

/**
 * Read a body, at most `maxBytes` of it: what is longer is left where it is, whatever length was announced.
 *
 * @throws BodyConsumedError when somebody has read it already
 */
export async function readBody(request: IncomingCallback, maxBytes: number): Promise<ReadBody> {
  const { body, bodyUsed, bodyRemedy = 'Call the receiver first.' } = request;
  if (bodyUsed) throw new BodyConsumedError(bodyRemedy);
  // fatal, and with the byte order mark kept: the text's UTF-8 must be the very bytes that were signed
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let length = 0;
  try {
    // no for-await: leaving it early would end Node's socket before the answer is written
    const chunks = chunksOf(body);
    for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) {
      length += chunk.value.length;
      if (length > maxBytes) return refuse('too-large', `the body is longer than ${maxBytes} bytes`);
      text += decoder.decode(chunk.value, { stream: true });
    }
    return { ok: true, text: text + decoder.decode() };
  } catch (error) {
    return refuse('body', `the body broke off, or is not UTF-8: ${error}`);
  }
}

type Chunks = Pick<AsyncIterator<Uint8Array> | Iterator<Uint8Array>, 'next'>;

function chunksOf(body: IncomingCallback['body']): Chunks {
  if (typeof body === 'string') return [new TextEncoder().encode(body)].values();
  if (!body || body instanceof Uint8Array) return (body ? [body] : []).values();
  return body[Symbol.asyncIterator]();
}

function refuse(reason: 'too-large' | 'body', detail: string): ReadBody {
  return { ok: false, reason, detail };
}
