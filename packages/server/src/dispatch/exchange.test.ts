import assert from 'node:assert/strict';
import dns from 'node:dns';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, type Server } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { makeCertificate } from '../../test/support/certificate.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { listen } from '../../test/support/loopback.ts';
import { until } from '../../test/support/until.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Timings } from '../storage/store.ts';
import { addressRule, LOOPBACK_NETWORKS } from './addresses.ts';
import { Poster, type PostResult } from './post.ts';

const OK = '{"ErrorCode":0}';
const TIMEOUT_MS = 2_000;

function posterTo(t: TestContext, origin: string, clock: Clock = systemClock): Poster {
  const rule = addressRule(LOOPBACK_NETWORKS);
  const poster = new Poster({ origin, connections: 1, connectTimeoutMs: 60_000, rule, clock });
  t.after(() => poster.close());
  return poster;
}

function post(poster: Poster, body = '{}'): Promise<PostResult> {
  return poster.post({ path: '/cb', headers: ['x-a', 'b'], body, timeoutMs: TIMEOUT_MS });
}

async function originOf(t: TestContext, server: Server, scheme = 'http', host = '127.0.0.1'): Promise<string> {
  return `${scheme}://${host}:${(await listen(server, t)).port}`;
}

const answerOk: RequestListener = (_request, response) => response.end(OK);

/** Names of the parts that took time, each of them 0 ms or more. */
function partsOf(result: PostResult): string[] {
  assert.ok(result.kind !== 'shutdown');
  const { reusedConnection: _, ...parts } = result.timings;
  for (const ms of Object.values(parts)) assert.ok(ms >= 0);
  return Object.keys(parts);
}

function sumOf({ dnsMs = 0, connectMs = 0, tlsMs = 0, firstByteMs = 0, bodyMs = 0 }: Timings): number {
  return dnsMs + connectMs + tlsMs + firstByteMs + bodyMs;
}

describe('an exchange, its timings', () => {
  test('the first on a connection has the connection’s parts, the next ones do not', async (t) => {
    const poster = posterTo(t, await originOf(t, createHttpServer(answerOk)));
    const first = await post(poster);
    assert.deepEqual(partsOf(first), ['connectMs', 'firstByteMs', 'bodyMs']);
    assert.ok(first.kind === 'answer' && !first.timings.reusedConnection);
    assert.ok(sumOf(first.timings) <= first.durationMs + 0.1, 'the parts are no more than the whole');
    for (const next of [await post(poster), await post(poster)]) {
      assert.ok(next.kind === 'answer' && next.timings.reusedConnection);
      assert.deepEqual(partsOf(next), ['firstByteMs', 'bodyMs']);
    }
  });

  test('a name is looked up, a certificate is checked', async (t) => {
    const certificate = makeCertificate({ name: 'localhost' });
    const before = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...before, certificate.cert]);
    t.after(() => tls.setDefaultCACertificates(before));
    const poster = posterTo(t, await originOf(t, createHttpsServer(certificate, answerOk), 'https', 'localhost'));
    const first = await post(poster);
    assert.deepEqual(partsOf(first), ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'bodyMs']);
    assert.ok(first.kind === 'answer' && first.timings.tlsMs !== undefined && first.timings.tlsMs > 0);
    assert.deepEqual(partsOf(await post(poster)), ['firstByteMs', 'bodyMs']);
  });

  test('a connection that broke is made anew, and that shows', async (t) => {
    let answered = 0;
    const server = createHttpServer((_request, response) => {
      answered += 1;
      response.setHeader('connection', answered === 1 ? 'close' : 'keep-alive');
      response.end(OK);
    });
    const poster = posterTo(t, await originOf(t, server));
    const shown: boolean[] = [];
    for (let i = 0; i < 3; i += 1) {
      const result = await post(poster);
      assert.ok(result.kind === 'answer');
      shown.push(result.timings.reusedConnection);
      assert.equal('connectMs' in result.timings, !result.timings.reusedConnection);
    }
    assert.deepEqual(shown, [false, false, true]);
  });

  test('what takes time is what is told', async (t) => {
    const clock = new FakeClock();
    const poster = posterTo(
      t,
      await originOf(
        t,
        createHttpServer((_request, response) => {
          clock.advance(300);
          response.writeHead(200).write('{"ErrorCode"', () => {
            response.end(':0}');
          });
        }),
      ),
      clock,
    );
    const result = await post(poster);
    assert.ok(result.kind === 'answer');
    assert.deepEqual([result.durationMs, result.timings.firstByteMs, result.timings.bodyMs], [300, 300, 0]);
  });

  test('what was sent is told with it', async (t) => {
    const origin = await originOf(t, createHttpServer(answerOk));
    const result = await post(posterTo(t, origin));
    assert.ok(result.kind === 'answer');
    assert.deepEqual(result.sent, { url: `${origin}/cb`, headers: ['x-a', 'b'] });
  });
});

describe('an exchange, how far it got', () => {
  /** Lets the time run out once `isThere`. @returns stage, detail, and the parts that were done */
  async function timeOut(
    t: TestContext,
    { origin, isThere, body }: { origin: string; isThere: () => boolean; body?: string },
  ): Promise<[stage: string, detail: string, parts: string[]]> {
    const clock = new FakeClock();
    const running = post(posterTo(t, origin, clock), body);
    await until(isThere, { what: () => 'the exchange to get so far' });
    clock.advance(TIMEOUT_MS);
    const result = await running;
    assert.ok(result.kind === 'fault');
    assert.equal(result.reason, 'timeout');
    return [result.stage, result.detail, partsOf(result)];
  }

  test('dns', async (t) => {
    let isAsked = false;
    t.mock.method(dns, 'lookup', () => {
      isAsked = true;
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const [stage, detail, parts] = await timeOut(t, { origin: 'http://app.test', isThere: () => isAsked });
    assert.deepEqual([stage, parts], ['dns', []]);
    assert.match(detail, /^no answer in 2000 ms: the name was still being looked up$/);
  });

  test('connect', async (t) => {
    const clock = new FakeClock();
    const running = post(posterTo(t, await originOf(t, createServer()), clock));
    clock.advance(TIMEOUT_MS); // before the event loop can tell of the connection
    const result = await running;
    assert.ok(result.kind === 'fault');
    assert.deepEqual([result.stage, partsOf(result)], ['connect', []]);
    assert.match(result.detail, /there was no connection yet$/);
  });

  test('tls', async (t) => {
    let hello = 0;
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        hello += chunk.length;
      });
    });
    const [stage, detail, parts] = await timeOut(t, {
      origin: await originOf(t, server, 'https'),
      isThere: () => hello > 0,
    });
    assert.deepEqual([stage, parts], ['tls', ['connectMs']]);
    assert.match(detail, /the TLS handshake had not ended$/);
  });

  test('send', async (t) => {
    let isReading = false;
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.pause();
        isReading = true;
      });
    });
    const [stage, detail] = await timeOut(t, {
      origin: await originOf(t, server),
      isThere: () => isReading,
      body: 'x'.repeat(64 * 1024 * 1024), // more than all buffers on the way take
    });
    assert.equal(stage, 'send');
    assert.match(detail, /the request was not taken whole$/);
  });

  test('answer', async (t) => {
    let isAsked = false;
    const server = createHttpServer(() => {
      isAsked = true;
    });
    const [stage, , parts] = await timeOut(t, { origin: await originOf(t, server), isThere: () => isAsked });
    assert.deepEqual([stage, parts], ['answer', ['connectMs']]);
  });

  test('body', async (t) => {
    const server = createHttpServer((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"Err', () => request.socket.resetAndDestroy());
    });
    const result = await post(posterTo(t, await originOf(t, server)));
    assert.ok(result.kind === 'fault');
    assert.deepEqual([result.reason, result.stage], ['connect', 'body']);
    assert.deepEqual(partsOf(result), ['connectMs', 'firstByteMs']);
  });

  test('a refused address and a name that does not resolve never got beyond', async (t) => {
    const rule = addressRule([]);
    for (const [origin, reason, stage] of [
      ['http://127.0.0.1:9', 'address-refused', 'connect'],
      ['http://localhost:9', 'address-refused', 'dns'],
    ] as const) {
      const poster = new Poster({ origin, connections: 1, connectTimeoutMs: 60_000, rule, clock: systemClock });
      t.after(() => poster.close());
      const result = await post(poster);
      assert.ok(result.kind === 'fault');
      assert.deepEqual([result.reason, result.stage, partsOf(result)], [reason, stage, []]);
    }
  });
});
