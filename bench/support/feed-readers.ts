/** The process behind feed.ts: streams of the change feed, and when each change came over them. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';

const { port, sdkAppId, streams } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly port: number;
  readonly sdkAppId: number;
  readonly streams: number;
};
const NICK = /^data: .*?"value":"Nick (\d+)"/gm;
const arrivals: [number: number, at: number][] = [];

/** Resolves when the stream has begun. */
function follow(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `GET /admin/v1/apps/${sdkAppId}/changes?after=now HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
          'Authorization: Bearer bench\r\nAccept: text/event-stream\r\n\r\n',
      );
    });
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n\n');
      rest = text.slice(end + 1);
      const at = performance.timeOrigin + performance.now();
      for (const [, number] of text.slice(0, end + 1).matchAll(NICK)) arrivals.push([Number(number), at]);
      if (end >= 0) resolve();
    });
  });
}

await Promise.all(Array.from({ length: streams }, follow));
const server = createServer((request, response) => {
  const answer = request.url === '/control/arrivals' ? arrivals : { count: arrivals.length };
  request.resume().on('end', () => response.end(JSON.stringify(answer)));
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
process.once('SIGTERM', () => process.exit(0));
