/** What breaks below the protocol: the server stays, and nothing is written. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { exchange } from '../support/live/http-exchange.ts';
import { RawConnection } from '../support/live/raw-socket.ts';
import { restQuery } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const BODY = JSON.stringify({ From_Account: 'id1', ProfileItem: nick('changed') });

describe('bad transport', () => {
  const owner = suiteOwner();
  let server: TestServer;
  let app: TestApp;

  before(async () => {
    server = await startTestServer(owner);
    app = await server.createApp();
    await app.importUsers('id1');
    await app.set('id1', nick('Ann'));
  });

  function target(): string {
    return `/v4/profile/portrait_set?${restQuery(app.caller())}`;
  }

  /** Head of a well-formed request for `body`. */
  function head(body: string, extra = ''): string {
    return `POST ${target()} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${extra}\r\n`;
  }

  async function assertUnchanged(): Promise<void> {
    assert.deepEqual(await app.get('id1'), { Tag_Profile_IM_Nick: 'Ann' });
  }

  const MALFORMED = [
    { name: 'garbage', text: () => 'hello\r\n\r\n', status: 400 },
    { name: 'TLS', text: () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', status: 400 },
    { name: 'no Host', text: () => `POST ${target()} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`, status: 400 },
    {
      name: 'two lengths',
      text: () => `POST ${target()} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n`,
      status: 400,
    },
    { name: 'length and chunks', text: () => head(BODY, 'Transfer-Encoding: chunked\r\n') + BODY, status: 400 },
    {
      name: 'a bad chunk',
      text: () => `POST ${target()} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      status: 400,
    },
    { name: '30 kB of headers', text: () => head(BODY, `X-Long: ${'x'.repeat(30_000)}\r\n`), status: 431 },
  ];
  for (const { name, text, status } of MALFORMED) {
    test(`${name} is answered with ${status}`, async () => {
      const connection = await RawConnection.open(server.port);
      connection.send(Buffer.from(text(), 'latin1'));
      assert.match(await connection.untilClosed(), new RegExp(`^HTTP/1.1 ${status} `));
      await assertUnchanged();
    });
  }

  test('a body that ends before its length writes nothing', async () => {
    const connection = await RawConnection.open(server.port);
    connection.send(head(BODY) + BODY.slice(0, -1));
    connection.finish();
    await connection.untilClosed();
    await assertUnchanged();
  });

  test('a caller who goes away leaves a server that goes on', async () => {
    await app.importUsers('away', 'stays');
    for (let call = 0; call < 50; call += 1) {
      const connection = await RawConnection.open(server.port);
      const body = JSON.stringify({ From_Account: 'away', ProfileItem: nick(`n${call}`) });
      connection.send(head(body) + body);
      connection.destroy();
    }
    await app.set('stays', nick('x'));
    assert.deepEqual(await app.get('stays'), { Tag_Profile_IM_Nick: 'x' });
  });

  test('20 MB are not read', async () => {
    const connection = await RawConnection.open(server.port);
    const megabyte = Buffer.alloc(1_000_000, ' ');
    connection.send(`POST ${target()} HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n`);
    for (let sent = 0; sent < 20; sent += 1) connection.send(megabyte);
    const answer = await connection.untilClosed();
    assert.ok(answer === '' || answer.startsWith('HTTP/1.1 413 '), answer.slice(0, 100));
    await assertUnchanged();
  });

  test('two calls in one segment are answered in order', async () => {
    await app.importUsers('pipe');
    const set = JSON.stringify({ From_Account: 'pipe', ProfileItem: nick('first') });
    const bad = '{}';
    const connection = await RawConnection.open(server.port);
    connection.send(head(set) + set + head(bad, 'Connection: close\r\n') + bad);
    const codes = [...(await connection.untilClosed()).matchAll(/"ErrorCode":(\d+)/g)].map(([, code]) => code);
    assert.deepEqual(codes, ['0', '40001']);
  });

  test('a caller who waits for 100 Continue gets it', async () => {
    await app.importUsers('continue');
    const body = JSON.stringify({ From_Account: 'continue', ProfileItem: nick('x') });
    const connection = await RawConnection.open(server.port);
    connection.send(head(body, 'Expect: 100-continue\r\nConnection: close\r\n'));
    await until(() => connection.received.startsWith('HTTP/1.1 100 '), { what: () => '100 Continue' });
    connection.send(body);
    assert.match(await connection.untilClosed(), /"ErrorCode":0/);
  });

  for (const [path, code] of [
    ['/v4/profile/portrait_set?sdkappid=%zz', 60002],
    ['/v4/profile/%E0%A4%A', 60012],
    ['/v4/profile/portrait_set?%00=%ff', 60002],
    ['/v4/profile', 60002],
    ['/v4/', 60002],
    ['/v4//portrait_set', 60002],
    ['/v4/profile/portrait_set/more', 60002],
    [`/v4/profile/${'x'.repeat(1_000)}`, 60012],
    ['/v4/profile/portrait_set?', 60012],
    ['/v4/profile/portrait_set?&&=&=&sdkappid', 60012],
  ] as const) {
    test(`${path.slice(0, 50)} is answered with ${code}`, async () => {
      const { status, text } = await exchange(`${server.url}${path}`, { method: 'POST', body: BODY });
      const { ErrorCode, ErrorInfo } = JSON.parse(text);
      assert.deepEqual([status, ErrorCode], [200, code]);
      assert.ok(ErrorInfo.length > 0);
    });
  }

  test('HEAD is answered without a body', async () => {
    const { status, text } = await exchange(server.url + target(), { method: 'HEAD' });
    assert.deepEqual([status, text], [200, '']);
  });

  test('other paths are not found, and no fault', async () => {
    for (const path of ['/v4', '/v5/profile/portrait_set', '/..%2f..%2fetc/passwd', '/%', '//', '/console/%00']) {
      const { status } = await exchange(`${server.url}${path}`, { method: 'POST', body: '{}' });
      assert.ok(status >= 400 && status < 500, `${path} is answered with ${status}`);
    }
  });
});
