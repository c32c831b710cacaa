/** A fast receiver: answers at once, and tells over HTTP how many callbacks it has got for the first time, and when. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const ANSWER = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';
let count = 0;
let target = Number.POSITIVE_INFINITY;
let firstAt = 0;
let whenReached: (() => void) | undefined;
/** epoch milliseconds at which each body's EventTime was received, kept only when asked for */
let arrivals: [eventTime: number, at: number][] | undefined;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url?.startsWith('/control/'))
      return control(request.url.slice(9), Buffer.concat(chunks).toString(), (text) => response.end(text));
    if (request.headers['portrait-attempt'] === '1') take(Buffer.concat(chunks).toString());
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
    response.end(ANSWER);
  });
});

function take(body: string): void {
  if (count === 0) firstAt = performance.now();
  count += 1;
  arrivals?.push([Number(/"Nick (\d+(?:\.\d+)?)"/.exec(body)?.[1]), performance.timeOrigin + performance.now()]);
  if (count >= target) whenReached?.();
}

function control(verb: string, body: string, answer: (text: string) => void): void {
  if (verb === 'reset') {
    const options = JSON.parse(body) as { target?: number; arrivals?: boolean };
    count = 0;
    target = options.target ?? Number.POSITIVE_INFINITY;
    arrivals = options.arrivals ? [] : undefined;
    answer('{}');
  } else if (verb === 'reached') {
    target = (JSON.parse(body || '{}') as { target?: number }).target ?? target;
    const tell = () => answer(JSON.stringify({ count, milliseconds: performance.now() - firstAt }));
    if (count >= target) tell();
    else {
      whenReached = () => {
        whenReached = undefined;
        tell();
      };
    }
  } else answer(JSON.stringify(arrivals ?? []));
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
process.once('SIGTERM', () => process.exit(0));
