/** One HTTP request of a test client, as it stands: nothing is added, followed or parsed. */
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

const NO_ANSWER_MS = 30_000;

/** What is sent. */
export interface HttpRequest {
  readonly method: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Send a request; a body gets its length, whatever the method, unless it goes in chunks.
 *
 * @throws the socket's error when no whole answer came
 */
export function exchange(url: string, { method, headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
  const isPlain = body !== undefined && headers['transfer-encoding'] === undefined;
  const framed = { ...headers, ...(isPlain && { 'content-length': Buffer.byteLength(body) }) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: framed, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.setTimeout(NO_ANSWER_MS, () => outgoing.destroy(new Error(`no answer to ${method} ${url} for 30 s`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
