/** An HTTP server for callbacks: reads each whole, within a limit, and writes what it is told to. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './forward.ts';

/** One POST. */
export interface Incoming {
  /** request target */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** aborts when the sender hangs up before it is answered */
  readonly signal: AbortSignal;
}

export interface Receiver {
  readonly port: number;
  /** Ends connections too. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

interface Behaviour {
  /** what to answer */
  readonly onCallback: (callback: Incoming) => Promise<Answer>;
  /** told of requests that are no callbacks */
  readonly onRefused: (what: string) => void;
}

/**
 * Start to listen.
 *
 * @throws whatever node:net throws for an address that can't be listened on
 */
export async function startReceiver(
  options: Behaviour & { readonly host: string; readonly port: number },
): Promise<Receiver> {
  const server = createServer((request, response) => {
    answerRequest(request, response, { ...options, isOpen: () => server.listening }).catch((error: Error) => {
      if (!response.destroyed) options.onRefused(`${request.method} ${request.url}: ${error.message}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { onCallback, onRefused, isOpen }: Behaviour & { readonly isOpen: () => boolean },
): Promise<void> {
  const { method, url = '/', headers } = request;
  const refuse = (status: number, why: string) => {
    onRefused(`${method} ${url}: answered ${status}, ${why}`);
    response.writeHead(status, { connection: 'close', 'content-type': 'text/plain', allow: 'POST' }).end(`${why}\n`);
  };
  if (method !== 'POST') return refuse(405, 'callbacks come as POST');
  const body = await readBody(request);
  if (!body) return refuse(413, `the body is longer than ${MAX_BODY_BYTES} bytes`);
  const hangUp = new AbortController();
  response.once('close', () => {
    if (isOpen()) hangUp.abort();
  });
  const answer = await onCallback({ url, headers, body, signal: hangUp.signal });
  if (response.destroyed) return;
  writeAnswer(response, answer);
}

function writeAnswer(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** @returns undefined if it is too long */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
