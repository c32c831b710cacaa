/** Posts a callback on to another receiver. */
import type { IncomingHttpHeaders } from 'node:http';
import { formatCallbackAnswer } from '@portrait/wire';
import { request } from 'undici';
import { systemClock } from '../../clock.ts';

/** What is answered to the sender. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** for the reader of the terminal: where the answer is from */
  readonly note?: string | undefined;
  /** what another receiver took to answer */
  readonly durationMs?: number;
}

const DEADLINE_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Belong to the one connection; undici sets its own. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Post the same bytes and headers to `to`, with the query of the callback.
 *
 * @returns what came back; a failure becomes status 502 and names itself
 */
export async function forwardCallback(
  to: string,
  callback: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: Uint8Array },
): Promise<Answer> {
  const startedAt = systemClock.monotonic();
  const headers = Object.entries(callback.headers).filter(([name]) => !HOP_BY_HOP.has(name));
  try {
    const answer = await request(withQuery(to, callback.url), {
      method: 'POST',
      headers: Object.fromEntries(headers),
      body: callback.body,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const contentType = String(answer.headers['content-type'] ?? 'application/json');
    const body = await readAnswer(answer.body);
    const durationMs = Math.round((systemClock.monotonic() - startedAt) * 10) / 10;
    return { status: answer.statusCode, contentType, body, note: `as ${to} did after ${durationMs} ms`, durationMs };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const info = `portrait listen could not forward to ${to}: ${code ?? message}`;
    return { status: 502, contentType: 'application/json', body: formatCallbackAnswer(false, info), note: info };
  }
}

async function readAnswer(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of chunks) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function withQuery(to: string, url: string): string {
  const at = url.indexOf('?');
  if (at < 0) return to;
  return `${to}${to.includes('?') ? '&' : '?'}${url.slice(at + 1)}`;
}
