/** Who sends too slowly is cut off: takes as long as a request may, 15 s. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection } from '../support/live/raw-socket.ts';
import { restQuery } from '../support/live/rest-call.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';

const BODY = JSON.stringify({ From_Account: 'id1', ProfileItem: nick('changed') });

test('headers and bodies that come too slowly hold a connection for 15 s, and write nothing', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.importUsers('id1');
  const head = `POST /v4/profile/portrait_set?${restQuery(app.caller())} HTTP/1.1\r\nHost: x\r\n`;
  const whole = `${head}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
  await Promise.all(
    [
      { name: 'nothing after the request line', bytes: head.slice(0, -9) },
      { name: 'half of the headers', bytes: head },
      { name: 'no body', bytes: whole.slice(0, -BODY.length) },
      { name: 'all but one byte', bytes: whole.slice(0, -1) },
    ].map(async ({ name, bytes }) => {
      const connection = await RawConnection.open(server.port);
      const startedAt = performance.now();
      connection.send(bytes);
      const answer = await connection.untilClosed();
      const tookMs = performance.now() - startedAt;
      assert.match(answer, /^HTTP\/1.1 408 /, name);
      assert.ok(tookMs > 14_000 && tookMs < 25_000, `${name} was cut off after ${tookMs} ms`);
    }),
  );
  assert.deepEqual(await app.get('id1'), {});
  await app.set('id1', nick('in time'));
});
