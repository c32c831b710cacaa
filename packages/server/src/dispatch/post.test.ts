import assert from 'node:assert/strict';
import dns, { type LookupAddress } from 'node:dns';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import tls, { createServer as createTlsServer } from 'node:tls';
import { makeCertificate } from '../../test/support/certificate.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { httpLoopback, listen } from '../../test/support/loopback.ts';
import { until } from '../../test/support/until.ts';
import { type Clock, systemClock } from '../clock.ts';
import { addressRule, LOOPBACK_NETWORKS } from './addresses.ts';
import { Poster, type PostRequest, type PostResult } from './post.ts';

const OK = '{"ErrorCode":0}';
const LONG_MS = 60_000;

function request(members: Partial<PostRequest> = {}): PostRequest {
  return { path: '/cb?a=1', headers: ['content-type', 'application/json'], body: '{}', timeoutMs: LONG_MS, ...members };
}

/** A poster that the test closes. */
function posterTo(
  t: TestContext,
  origin: string,
  options: { clock?: Clock; connections?: number; connectTimeoutMs?: number; allow?: readonly string[] } = {},
): Poster {
  const { clock = systemClock, connections = 4, connectTimeoutMs = LONG_MS, allow = LOOPBACK_NETWORKS } = options;
  const poster = new Poster({ origin, connections, connectTimeoutMs, rule: addressRule(allow), clock });
  t.after(() => poster.close());
  return poster;
}

/** A port on which nobody listens. */
async function closedPort(t: TestContext): Promise<number> {
  const { port, close } = await listen(createServer(), t);
  await close();
  return port;
}

function assertFault(result: PostResult, reason: string, detail: RegExp): void {
  assert.equal(result.kind, 'fault');
  assert.ok(result.kind === 'fault');
  assert.deepEqual([result.reason, detail.test(result.detail)], [reason, true], result.detail);
  assert.doesNotMatch(result.detail, /: ?$/);
  assert.ok(result.durationMs >= 0);
}

const never: RequestListener = () => {};

describe('Poster, an answer', () => {
  test('the request arrives as it is, and the answer comes back whole', async (t) => {
    const { origin, seen } = await httpLoopback(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] });
      response.end('{"ErrorCode":0,"ErrorInfo":"gut 😀"}');
    });
    const headers = ['X-Tenant', 'blue', 'webhook-id', 'evt_1'];
    const result = await posterTo(t, origin).post(request({ path: '/a/b?c=%20', headers, body: '{"Nick":"用户"}' }));
    assert.ok(result.kind === 'answer');
    assert.deepEqual([result.status, result.text], [200, '{"ErrorCode":0,"ErrorInfo":"gut 😀"}']);
    assert.deepEqual(
      [result.headers['content-type'], result.headers['set-cookie']],
      ['application/json', ['a=1', 'b=2']],
    );
    assert.ok(result.durationMs > 0);
    const [came] = seen;
    assert.deepEqual([came?.method, came?.url, came?.body], ['POST', '/a/b?c=%20', '{"Nick":"用户"}']);
    const raw = came?.rawHeaders ?? [];
    assert.equal(raw[raw.indexOf('X-Tenant') + 1], 'blue');
    assert.equal(raw[raw.indexOf('webhook-id') + 1], 'evt_1');
    assert.equal(raw[raw.findIndex((name) => name.toLowerCase() === 'host') + 1], new URL(origin).host);
    assert.equal(raw[raw.findIndex((name) => name.toLowerCase() === 'content-length') + 1], '17');
  });

  test('every status is an answer, and a redirect is not followed', async (t) => {
    const { origin, seen } = await httpLoopback(t, ({ url = '' }, response) => {
      response.writeHead(Number(url.slice(1)), { location: '/200' }).end();
    });
    const poster = posterTo(t, origin);
    const statuses = [200, 204, 301, 302, 307, 308, 400, 410, 429, 500, 503];
    for (const status of statuses) {
      const result = await poster.post(request({ path: `/${status}` }));
      assert.ok(result.kind === 'answer');
      assert.deepEqual([result.status, result.text], [status, '']);
    }
    assert.equal(seen.length, statuses.length);
  });

  test('interim answers are passed over', async (t) => {
    const { origin } = await httpLoopback(t, (_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(200).end(OK);
    });
    const result = await posterTo(t, origin).post(request());
    assert.ok(result.kind === 'answer');
    assert.deepEqual([result.status, result.text], [200, OK]);
  });

  test('an answer in many pieces, cut within a character, comes back whole', async (t) => {
    const bytes = Buffer.from('{"ErrorInfo":"😀用户"}');
    const { origin } = await httpLoopback(t, (_request, response) => {
      const write = (at: number): void => {
        if (at === bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 1), () => setImmediate(write, at + 1));
      };
      write(0);
    });
    const result = await posterTo(t, origin).post(request());
    assert.ok(result.kind === 'answer' && result.text === bytes.toString());
  });

  test('64 KiB of answer are taken', async (t) => {
    const { origin } = await httpLoopback(t, (_request, response) => response.end('x'.repeat(65_536)));
    const result = await posterTo(t, origin).post(request());
    assert.ok(result.kind === 'answer' && result.text.length === 65_536);
  });

  test('connections are kept and used again', async (t) => {
    const { origin, connections } = await httpLoopback(t, (_request, response) => response.end(OK));
    const poster = posterTo(t, origin, { connections: 1 });
    for (let i = 0; i < 5; i += 1) assert.equal((await poster.post(request())).kind, 'answer');
    assert.equal(connections(), 1);
  });

  test('no more connections are opened than allowed; who finds none waits', async (t) => {
    const waiting: (() => void)[] = [];
    const { origin, seen, connections } = await httpLoopback(t, (_request, response) => {
      waiting.push(() => response.end(OK));
    });
    const poster = posterTo(t, origin, { connections: 2 });
    const posts = [1, 2, 3].map((number) => poster.post(request({ path: `/${number}` })));
    await until(() => waiting.length === 2, { what: () => 'two requests' });
    waiting.shift()?.();
    await until(() => waiting.length === 2, { what: () => 'the third request' });
    for (const answer of waiting) answer();
    assert.deepEqual(
      (await Promise.all(posts)).map(({ kind }) => kind),
      ['answer', 'answer', 'answer'],
    );
    assert.deepEqual([seen.length, connections()], [3, 2]);
  });
});

describe('Poster, a deadline', () => {
  test('an endpoint that hangs is left when its time is up, and its connection with it', async (t) => {
    const clock = new FakeClock();
    const { origin, seen, sockets } = await httpLoopback(t, never);
    const post = posterTo(t, origin, { clock }).post(request({ timeoutMs: 2_000 }));
    await until(() => seen.length === 1, { what: () => 'the request' });
    clock.advance(1_999);
    assert.equal(await Promise.race([post, 'waits']), 'waits');
    clock.advance(1);
    assert.deepEqual(await post, {
      kind: 'fault',
      reason: 'timeout',
      detail: 'no answer in 2000 ms: the request was sent, and nothing came back',
      stage: 'answer',
      sent: { url: `${origin}/cb?a=1`, headers: ['content-type', 'application/json'] },
      durationMs: 2_000,
      timings: { reusedConnection: false, connectMs: 0 },
    });
    await until(() => sockets.size === 0, { what: () => 'the connection to be closed' });
    assert.equal(clock.pending, 0);
  });

  test('an answer that begins and does not end is none', async (t) => {
    const clock = new FakeClock();
    const { origin, seen } = await httpLoopback(t, ({ url }, response) => {
      if (url === '/quick') response.end(OK);
      else response.writeHead(200).write('{"ErrorCode"');
    });
    const poster = posterTo(t, origin, { clock });
    const post = poster.post(request({ timeoutMs: 2_000 }));
    await until(() => seen.length === 1, { what: () => 'the request' });
    // A whole exchange later the beginning, which was sent before, has come.
    for (let i = 0; i < 3; i += 1) await poster.post(request({ path: '/quick' }));
    clock.advance(2_000);
    assertFault(await post, 'timeout', /^the answer began, but did not end in 2000 ms$/);
  });

  test('a real clock ends it too', async (t) => {
    const { origin } = await httpLoopback(t, never);
    const result = await posterTo(t, origin).post(request({ timeoutMs: 20 }));
    assertFault(result, 'timeout', /in 20 ms/);
    assert.ok(result.kind === 'fault' && result.durationMs >= 19);
  });

  test('waiting for a free connection counts', async (t) => {
    const clock = new FakeClock();
    const { origin, seen } = await httpLoopback(t, never);
    const poster = posterTo(t, origin, { clock, connections: 1 });
    const first = poster.post(request({ timeoutMs: 5_000 }));
    const second = poster.post(request({ timeoutMs: 1_000, path: '/second' }));
    await until(() => seen.length === 1, { what: () => 'the first request' });
    clock.advance(1_000);
    assertFault(await second, 'timeout', /no answer in 1000 ms/);
    clock.advance(4_000);
    assertFault(await first, 'timeout', /no answer in 5000 ms/);
    const after = poster.post(request({ path: '/after' }));
    await until(() => seen.length === 2, { what: () => 'the next request' });
    assert.equal(seen[1]?.url, '/after', 'what was given up is not sent any more');
    clock.advance(LONG_MS);
    await after;
  });

  test('a deadline ends with its exchange', async (t) => {
    const clock = new FakeClock();
    const { origin } = await httpLoopback(t, (_request, response) => response.end(OK));
    await posterTo(t, origin, { clock }).post(request());
    assert.equal(clock.pending, 0);
  });
});

describe('Poster, faults of the endpoint', () => {
  test('an endless answer is cut off', async (t) => {
    const { origin, sockets } = await httpLoopback(t, (_request, response) => {
      const write = (): void => {
        if (!response.destroyed) response.write('x'.repeat(16_384), () => setImmediate(write));
      };
      write();
    });
    const result = await posterTo(t, origin).post(request());
    assertFault(result, 'body-too-large', /65536 bytes/);
    await until(() => sockets.size === 0, { what: () => 'the connection to be closed' });
  });

  test('one byte too many is too large', async (t) => {
    const { origin } = await httpLoopback(t, (_request, response) => response.end('x'.repeat(65_537)));
    assertFault(await posterTo(t, origin).post(request()), 'body-too-large', /65536 bytes/);
  });

  test('how far it got is told: with a connection something was sent, before one nothing was', async (t) => {
    const { origin } = await httpLoopback(t, (request) => request.socket.resetAndDestroy());
    const reset = await posterTo(t, origin).post(request());
    const refused = await posterTo(t, `http://127.0.0.1:${await closedPort(t)}`).post(request());
    const hanging = await httpLoopback(t, never);
    const poster = posterTo(t, hanging.origin, { connections: 1 });
    const [hung, queued] = await Promise.all([1, 2].map(() => poster.post(request({ timeoutMs: 30 }))));
    assert.deepEqual(
      [reset, refused, hung, queued].map((result) => result?.kind === 'fault' && [result.reason, result.stage]),
      [
        ['connect', 'answer'],
        ['connect', 'connect'],
        ['timeout', 'answer'],
        ['timeout', 'connect'],
      ],
    );
  });

  test('nobody listens', async (t) => {
    const port = await closedPort(t);
    assertFault(await posterTo(t, `http://127.0.0.1:${port}`).post(request()), 'connect', /ECONNREFUSED/);
  });

  test('nobody listens on any address of a name', async (t) => {
    const port = await closedPort(t);
    assertFault(await posterTo(t, `http://localhost:${port}`).post(request()), 'connect', /ECONNREFUSED/);
  });

  const answers: Readonly<Record<string, (socket: Socket) => void>> = {
    'a reset before the answer': (socket) => socket.resetAndDestroy(),
    'an end before the answer': (socket) => socket.end(),
    'a reset in the middle': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"Err', () => socket.resetAndDestroy());
    },
    'an end in the middle': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"Err'),
    'a piece that is cut off': (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nabc'),
    'something that is no HTTP': (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
    'a header without end': (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`),
  };
  for (const [name, answer] of Object.entries(answers)) {
    test(`${name} is a fault of the connection`, async (t) => {
      const server = createServer((socket) => socket.once('data', () => answer(socket)));
      const { port } = await listen(server, t);
      assertFault(await posterTo(t, `http://127.0.0.1:${port}`).post(request()), 'connect', /./);
    });
  }

  test('after a fault the next request has a new connection', async (t) => {
    let isBroken = true;
    const server = createHttpServer((_request, response) => {
      if (isBroken) response.socket?.resetAndDestroy();
      else response.end(OK);
    });
    const { port } = await listen(server, t);
    const poster = posterTo(t, `http://127.0.0.1:${port}`, { connections: 1 });
    assertFault(await poster.post(request()), 'connect', /./);
    isBroken = false;
    assert.equal((await poster.post(request())).kind, 'answer');
  });

  test('what can not be a header is a fault of the request, not of the process', async (t) => {
    const { origin, seen } = await httpLoopback(t, (_request, response) => response.end(OK));
    const poster = posterTo(t, origin);
    const result = await poster.post(request({ headers: ['x-a', 'b\r\nx-injected: 1'] }));
    assert.equal(result.kind, 'fault');
    assert.equal(seen.length, 0);
    assert.equal((await poster.post(request())).kind, 'answer');
  });
});

describe('Poster, names and addresses', () => {
  function resolveTo(t: TestContext, answer: readonly string[] | NodeJS.ErrnoException): string[] {
    const asked: string[] = [];
    const look = (
      hostname: string,
      _options: unknown,
      callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
    ): void => {
      asked.push(hostname);
      if (answer instanceof Error) callback(answer, []);
      else
        callback(
          null,
          answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
    };
    t.mock.method(dns, 'lookup', look as unknown as typeof dns.lookup);
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    return asked;
  }

  test('a name is resolved, checked, and connected to, and stays in the Host header', async (t) => {
    const { port, seen } = await httpLoopback(t, (_request, response) => response.end(OK));
    const asked = resolveTo(t, ['127.0.0.1']);
    const result = await posterTo(t, `http://app.test:${port}`).post(request());
    assert.equal(result.kind, 'answer');
    assert.deepEqual(asked, ['app.test']);
    const raw = seen[0]?.rawHeaders ?? [];
    assert.equal(raw[raw.findIndex((name) => name.toLowerCase() === 'host') + 1], `app.test:${port}`);
  });

  test('a name that does not resolve', async (t) => {
    resolveTo(t, Object.assign(new Error('getaddrinfo ENOTFOUND app.test'), { code: 'ENOTFOUND' }));
    assertFault(
      await posterTo(t, 'http://app.test').post(request()),
      'dns',
      /app\.test does not resolve \(ENOTFOUND\)/,
    );
  });

  test('a name with one forbidden address among good ones is not connected to', async (t) => {
    const { port, connections } = await httpLoopback(t, never);
    resolveTo(t, ['127.0.0.1', '169.254.169.254']);
    const result = await posterTo(t, `http://app.test:${port}`).post(request());
    assertFault(result, 'address-refused', /app\.test: 169\.254\.169\.254 is cloud metadata/);
    assert.equal(connections(), 0);
  });

  test('the machine’s own name service knows localhost', async (t) => {
    const { port, connections } = await httpLoopback(t, (_request, response) => response.end(OK));
    assert.equal((await posterTo(t, `http://localhost:${port}`).post(request())).kind, 'answer');
    const refused = await posterTo(t, `http://localhost:${port}`, { allow: [] }).post(request());
    assertFault(refused, 'address-refused', /localhost: .*loopback/);
    assert.equal(connections(), 1);
  });

  for (const host of [
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '[::ffff:127.0.0.1]',
    '[::1]',
    '10.0.0.1',
    '169.254.169.254',
    '[fd00::1]',
  ]) {
    test(`http://${host} is refused before a connection is made`, async (t) => {
      const { port, connections } = await httpLoopback(t, never);
      const result = await posterTo(t, `http://${host}:${port}`, { allow: [] }).post(request());
      assertFault(result, 'address-refused', /--webhook-allow/);
      assert.equal(connections(), 0);
    });
  }
});

describe('Poster, TLS', () => {
  const trusted = makeCertificate({ name: 'localhost' });
  const elsewhere = makeCertificate({ name: 'elsewhere.test' });
  const expired = makeCertificate({ name: 'localhost', endsInDays: -1 });

  function trust(t: TestContext): void {
    const before = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...before, trusted.cert, elsewhere.cert, expired.cert]);
    t.after(() => tls.setDefaultCACertificates(before));
  }

  test('a certificate that nobody vouches for', async (t) => {
    const server = createHttpsServer(makeCertificate(), (_request, response) => response.end(OK));
    const { port } = await listen(server, t);
    assertFault(await posterTo(t, `https://localhost:${port}`).post(request()), 'tls', /SELF_SIGNED/);
  });

  for (const [name, certificate, detail] of [
    ['a certificate of another name', elsewhere, /ALTNAME/],
    ['a certificate that has run out', expired, /EXPIRED/],
  ] as const) {
    test(name, async (t) => {
      trust(t);
      const { port } = await listen(
        createHttpsServer(certificate, (_request, response) => response.end(OK)),
        t,
      );
      assertFault(await posterTo(t, `https://localhost:${port}`).post(request()), 'tls', detail);
    });
  }

  test('a port that does not speak TLS', async (t) => {
    const { port } = await httpLoopback(t, (_request, response) => response.end(OK));
    assertFault(await posterTo(t, `https://localhost:${port}`).post(request()), 'tls', /./);
  });

  test('a protocol that is too old', async (t) => {
    trust(t);
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { port } = await listen(createTlsServer({ ...trusted, ...old }), t);
    assertFault(await posterTo(t, `https://localhost:${port}`).post(request()), 'tls', /./);
  });

  test('a trusted certificate is fine, over HTTP/1.1', async (t) => {
    trust(t);
    const { port } = await listen(
      createHttpsServer(trusted, (_request, response) => response.end(OK)),
      t,
    );
    const result = await posterTo(t, `https://localhost:${port}`).post(request());
    assert.ok(result.kind === 'answer' && result.text === OK);
  });

  test('and over HTTP/2, if the endpoint speaks it', async (t) => {
    trust(t);
    const bodies: string[] = [];
    const server = createSecureServer({ ...trusted, allowHTTP1: true }, (incoming, response) => {
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => bodies.push(chunk));
      incoming.on('end', () => response.end(incoming.httpVersion));
    });
    const { port } = await listen(server, t);
    const poster = posterTo(t, `https://localhost:${port}`);
    for (let i = 0; i < 3; i += 1) {
      const result = await poster.post(request({ body: `{"n":${i}}` }));
      assert.ok(result.kind === 'answer', JSON.stringify(result));
      assert.equal(result.status, 200);
    }
    assert.deepEqual(bodies, ['{"n":0}', '{"n":1}', '{"n":2}']);
  });

  test('an endpoint whose handshakes hung for a while is reached again when it is back', async (t) => {
    trust(t);
    let hangs = true;
    const https = createHttpsServer(trusted, (_request, response) => response.end(OK));
    const server = createServer((socket) => {
      if (!hangs) https.emit('connection', socket);
    });
    const { port } = await listen(server, t);
    const poster = posterTo(t, `https://localhost:${port}`, { connections: 2, connectTimeoutMs: 50 });
    for (let i = 0; i < 3; i += 1) {
      assertFault(await poster.post(request({ timeoutMs: 50 })), 'timeout', /in 50 ms/);
    }
    hangs = false;
    await until(async () => (await poster.post(request({ timeoutMs: 200 }))).kind === 'answer', {
      what: () => 'an answer of the endpoint, which is back',
      withinMs: 10_000,
    });
  });
});

describe('Poster, the end', () => {
  test('what runs is taken back, and nobody is to blame', async (t) => {
    const { origin, seen, sockets } = await httpLoopback(t, never);
    const clock = new FakeClock();
    const poster = posterTo(t, origin, { clock, connections: 2 });
    const posts = [1, 2, 3].map(() => poster.post(request()));
    await until(() => seen.length === 2, { what: () => 'the requests' });
    await poster.close();
    assert.deepEqual(await Promise.all(posts), [{ kind: 'shutdown' }, { kind: 'shutdown' }, { kind: 'shutdown' }]);
    await until(() => sockets.size === 0, { what: () => 'the connections to be closed' });
    assert.equal(clock.pending, 0);
  });

  test('what is still on its way to a connection is taken back too', async (t) => {
    const { port } = await listen(createServer(), t);
    const poster = posterTo(t, `https://localhost:${port}`);
    const post = poster.post(request());
    await poster.close();
    assert.deepEqual(await post, { kind: 'shutdown' });
  });

  test('idle connections are closed', async (t) => {
    const { origin, sockets } = await httpLoopback(t, (_request, response) => response.end(OK));
    const poster = posterTo(t, origin);
    await poster.post(request());
    assert.equal(sockets.size, 1);
    await poster.close();
    await until(() => sockets.size === 0, { what: () => 'the connection to be closed' });
  });

  test('a request that comes after the end is no fault of the endpoint', async (t) => {
    const { origin, seen } = await httpLoopback(t, (_request, response) => response.end(OK));
    const poster = posterTo(t, origin);
    await poster.close();
    assert.deepEqual(await poster.post(request()), { kind: 'shutdown' });
    assert.equal(seen.length, 0);
  });

  test('it can be closed twice', async (t) => {
    const poster = posterTo(t, 'http://127.0.0.1:9');
    await poster.close();
    await poster.close();
  });
});
