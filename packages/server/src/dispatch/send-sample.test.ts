import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { parseCallbackUrl, parsePortraitSetCallback } from '@portrait/wire';
import { Webhook } from 'standardwebhooks';
import { httpLoopback, listen } from '../../test/support/loopback.ts';
import { sampleEndpoint } from '../../test/support/samples.ts';
import { until } from '../../test/support/until.ts';
import { systemClock } from '../clock.ts';
import type { Endpoint } from '../storage/store.ts';
import { addressRule, LOOPBACK_NETWORKS } from './addresses.ts';
import { type SampleExchange, sendSample } from './send-sample.ts';

function send(members: Partial<Endpoint>, allow: readonly string[] = LOOPBACK_NETWORKS): Promise<SampleExchange> {
  return sendSample(sampleEndpoint(members), { clock: systemClock, rule: addressRule(allow), version: '1.2.3' });
}

describe('sendSample', () => {
  test('the whole exchange is told, as it went over the wire', async (t) => {
    const { origin, seen, sockets } = await httpLoopback(t, (_request, response) => {
      response.writeHead(200, { 'x-a': ['1', '2'] }).end('{"ErrorCode":0}');
    });
    const { request, answer, outcome, durationMs, timings, ...rest } = await send({ url: `${origin}/cb` });
    assert.deepEqual([request.method, request.url, request.body], ['POST', `${origin}${seen[0]?.url}`, seen[0]?.body]);
    for (const [name, value] of Object.entries(request.headers)) {
      const raw = seen[0]?.rawHeaders ?? [];
      assert.equal(raw[raw.indexOf(name) + 1], value, name);
    }
    assert.deepEqual([answer?.status, answer?.headers['x-a'], answer?.body], [200, '1, 2', '{"ErrorCode":0}']);
    assert.deepEqual([outcome, rest], ['delivered', {}]);
    assert.ok(durationMs > 0);
    assert.deepEqual(Object.keys(timings ?? {}), ['reusedConnection', 'connectMs', 'firstByteMs', 'bodyMs']);
    await until(() => sockets.size === 0, { what: () => 'the connection to be closed' });
  });

  test('a receiver can verify it, and can tell that it is no user’s change', async (t) => {
    const { origin, seen } = await httpLoopback(t, (_request, response) => response.end('{"ErrorCode":0}'));
    const { request } = await send({ url: origin });
    const secret = sampleEndpoint().signingSecrets[0] ?? '';
    new Webhook(secret).verify(seen[0]?.body ?? '', request.headers);
    const [url, body] = [parseCallbackUrl(request.url), parsePortraitSetCallback(request.body)];
    assert.ok(url.ok && body.ok);
    assert.deepEqual([url.value.command, body.value.userId], ['Profile.CallbackPortraitSet', 'portrait-test']);
    assert.equal(request.headers['portrait-sequence'], '0');
  });

  test('no more than 4 KiB of an answer are shown', async (t) => {
    const { origin } = await httpLoopback(t, (_request, response) => response.end('x'.repeat(10_000)));
    const { answer, outcome, reason } = await send({ url: origin });
    assert.deepEqual([answer?.body.length, outcome, reason], [4_096, 'failed', 'not-json']);
  });

  test('what is not a success is a failure with its reason', async (t) => {
    const { origin } = await httpLoopback(t, (_request, response) => response.writeHead(500).end('oops'));
    const { outcome, reason, detail, answer } = await send({ url: origin });
    assert.deepEqual([outcome, reason, answer?.status, answer?.body], ['failed', 'status', 500, 'oops']);
    assert.match(detail ?? '', /500/);
  });

  test('no answer is a failure without one', async (t) => {
    const { port, close } = await listen(createServer(), t);
    await close();
    const { outcome, reason, ...rest } = await send({ url: `http://127.0.0.1:${port}/` });
    assert.deepEqual([outcome, reason, 'answer' in rest], ['failed', 'connect', false]);
  });

  test('the endpoint’s own deadline holds', async (t) => {
    const { origin } = await httpLoopback(t, () => {});
    const { reason, detail, stage } = await send({ url: origin, timeoutMs: 30 });
    assert.equal(reason, 'timeout');
    assert.match(detail ?? '', /^no answer in 30 ms: /);
    assert.ok(stage);
  });

  test('addresses are checked here too', async (t) => {
    const { origin, connections } = await httpLoopback(t, () => {});
    const { outcome, reason } = await send({ url: origin }, []);
    assert.deepEqual([outcome, reason, connections()], ['failed', 'address-refused', 0]);
  });
});
