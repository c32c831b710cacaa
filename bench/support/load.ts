/** A load of HTTP/1.1 requests over raw sockets: costs a tenth of what an HTTP client costs, so that the server is what is measured. */
import { connect, type Socket } from 'node:net';
import { percentile } from './measure.ts';

/** What a run came to. */
export interface LoadResult {
  readonly perSecond: number;
  /** milliseconds */
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

/** One connection: sends the next request when the answer to the last one is whole. */
interface Connection {
  readonly socket: Socket;
  sentAt: number;
  buffer: string;
}

/**
 * Keep `connections` busy for `durationMs`.
 *
 * @param next   the next request's bytes
 * @param check  whether an answer's body is a good one
 */
export async function runLoad(options: {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  readonly next: () => Buffer;
  readonly check: (answer: string) => boolean;
  /** asked after each answer: true ends the run early */
  readonly enough?: () => boolean;
}): Promise<LoadResult> {
  const { port, connections, durationMs, next, check, enough = () => false } = options;
  const latencies: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  let stopAt = startedAt + durationMs;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const connection: Connection = { socket: connect(port, '127.0.0.1'), sentAt: 0, buffer: '' };
      const { socket } = connection;
      const send = () => {
        connection.sentAt = performance.now();
        socket.write(next());
      };
      socket.setNoDelay(true);
      socket.once('connect', send);
      socket.once('error', reject);
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        connection.buffer += chunk;
        const answer = wholeAnswer(connection);
        if (answer === undefined) return;
        latencies.push(performance.now() - connection.sentAt);
        if (!check(answer)) failures += 1;
        if (enough()) stopAt = 0;
        if (performance.now() < stopAt) return send();
        socket.destroy();
        resolve();
      });
    });
  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (performance.now() - startedAt) / 1_000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    failures,
  };
}

function wholeAnswer(connection: Connection): string | undefined {
  const headEnd = connection.buffer.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(connection.buffer.slice(0, headEnd))?.[1]);
  const end = headEnd + 4 + length;
  if (connection.buffer.length < end) return undefined;
  const answer = connection.buffer.slice(headEnd + 4, end);
  connection.buffer = connection.buffer.slice(end);
  return answer;
}

/** The bytes of a POST with a JSON body. */
export function postBytes(path: string, body: string): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
  );
}
