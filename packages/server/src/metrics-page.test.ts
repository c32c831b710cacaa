import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { FakeClock } from '../test/support/fake-clock.ts';
import { exchange, type HttpAnswer, type HttpRequest } from '../test/support/live/http-exchange.ts';
import { parsePrometheus } from '../test/support/prometheus.ts';
import { createLog } from './log.ts';
import { Metrics } from './metrics.ts';
import { isMetricsRequest, MetricsPage } from './metrics-page.ts';

/** A page on a port, with a clock that stands still, and how often it was made. */
async function given(t: TestContext, { token, fault }: { token?: string; fault?: Error } = {}) {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const lines: string[] = [];
  const log = createLog('error', { write: (line: string) => lines.push(JSON.parse(line).msg) });
  let made = 0;
  const sources = {
    metrics,
    directory: {
      endpoints: () => {
        made += 1;
        if (fault) throw fault;
        return [];
      },
    },
    dispatcher: undefined,
    store: { engine: 'sqlite' as const, readEvents: async () => [] },
    sessions: { count: 0 },
    clock,
    version: '1',
  };
  const page = new MetricsPage({ token, log, sources });
  const server = createServer((request, response) => void page.answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await page.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const ask = (request: Partial<HttpRequest> = {}): Promise<HttpAnswer> => exchange(url, { method: 'GET', ...request });
  return { clock, metrics, lines, ask, made: () => made };
}

describe('the token', () => {
  test('without one the page is open', async (t) => {
    const { ask } = await given(t);
    const { status, headers, text } = await ask();
    assert.deepEqual(
      [status, headers['content-type'], headers['cache-control']],
      [200, 'text/plain; version=0.0.4; charset=utf-8', 'no-store'],
    );
    parsePrometheus(text);
  });

  test('with one nobody else reads it, and nothing is made for him', async (t) => {
    const { ask, made } = await given(t, { token: 's3cret' });
    for (const authorization of [undefined, 's3cret', 'Basic s3cret', 'Bearer', 'Bearer s3cre', 'Bearer s3cret2']) {
      const { status, headers, text } = await ask({ headers: authorization === undefined ? {} : { authorization } });
      assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer'], authorization);
      assert.doesNotMatch(text, /portrait_|s3cret/);
    }
    assert.equal(made(), 0);
    assert.equal((await ask({ headers: { authorization: 'Bearer s3cret' } })).status, 200);
  });
});

test('a flood costs one page a second', async (t) => {
  const { clock, metrics, ask, made } = await given(t);
  const pushes = async (): Promise<number | undefined> =>
    parsePrometheus((await ask()).text).value('portrait_pushes_total');
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, pushes)), new Array(20).fill(0));
  metrics.pushed();
  clock.advance(999);
  assert.deepEqual([await pushes(), made()], [0, 1]);
  clock.advance(1);
  assert.deepEqual([await pushes(), made()], [1, 2]);
});

test('a fault of ours gives no page at all, and a line in the log', async (t) => {
  const { lines, ask } = await given(t, { fault: new Error('broken') });
  const { status, text } = await ask();
  assert.deepEqual([status, text, lines], [500, 'the metrics can not be read\n', ['metrics.fault']]);
});

test('it is read with GET or HEAD', async (t) => {
  const { ask } = await given(t);
  const head = await ask({ method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask({ method });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
  }
});

test('its address may have a query, and is nothing else', () => {
  const isIts = (url: string): boolean => isMetricsRequest({ url } as Parameters<typeof isMetricsRequest>[0]);
  assert.deepEqual(['/metrics', '/metrics?x=1', '/metrics/', '/metricsx', '/', ''].map(isIts), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
