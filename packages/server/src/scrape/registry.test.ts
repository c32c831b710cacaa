import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { type PrometheusPage, parsePrometheus } from '../../test/support/prometheus.ts';
import { APP, OTHER_APP, sampleEndpoint, sampleEvent } from '../../test/support/samples.ts';
import { until } from '../../test/support/until.ts';
import type { EndpointProgress } from '../dispatch/endpoint-progress.ts';
import { StoreError } from '../errors.ts';
import { MAX_APP_LABELS, MAX_ENDPOINT_LABELS, Metrics } from '../metrics.ts';
import type { Endpoint } from '../storage/store.ts';
import { MetricsRegistry, type ScrapeSources } from './registry.ts';

/** What the test gives; all else is as in a server that does nothing. */
interface Given {
  readonly endpoints?: readonly Endpoint[];
  readonly progress?: readonly EndpointProgress[];
  readonly readEvents?: ScrapeSources['store']['readEvents'];
}

const clock = new FakeClock();

function progressOf(endpointId: string, members: Partial<EndpointProgress> = {}): EndpointProgress {
  return { endpointId, running: 0, parkedUsers: 0, parkedEvents: 0, backlog: 0, oldest: [], ...members };
}

function given(t: TestContext, { endpoints = [], progress, readEvents }: Given = {}) {
  const metrics = new Metrics();
  const registry = new MetricsRegistry({
    metrics,
    directory: { endpoints: () => endpoints },
    dispatcher: progress && { progress: () => progress },
    store: { engine: 'sqlite', readEvents: readEvents ?? (() => Promise.reject(new Error('unused'))) },
    sessions: { count: 0 },
    clock,
    version: '1.2.3',
  });
  t.after(() => registry.close());
  return { metrics, read: async (): Promise<PrometheusPage> => parsePrometheus(await registry.page()) };
}

describe('figures of endpoints', () => {
  test('where an endpoint stands', async (t) => {
    const { read } = given(t, {
      endpoints: [
        sampleEndpoint({ endpointId: 'ep_1' }),
        sampleEndpoint({ endpointId: 'ep_2', circuit: { state: 'half-open', sinceMs: 1 } }),
        sampleEndpoint({
          endpointId: 'ep_3',
          state: 'paused',
          sdkAppId: OTHER_APP,
          circuit: { state: 'open', sinceMs: 1 },
        }),
      ],
    });
    const page = await read();
    const of = (name: string): readonly (number | undefined)[] =>
      ['ep_1', 'ep_2', 'ep_3'].map((endpoint_id) => page.value(name, { endpoint_id }));
    assert.deepEqual(of('portrait_endpoint_circuit_state'), [0, 1, 2]);
    assert.deepEqual(of('portrait_endpoint_paused'), [0, 0, 1]);
    assert.deepEqual(of('portrait_endpoint_backlog_events'), [undefined, undefined, undefined], 'nothing is delivered');
    const [sample] = page.samples('portrait_endpoint_paused', { endpoint_id: 'ep_3' });
    assert.deepEqual(sample?.labels, { sdk_app_id: String(OTHER_APP), endpoint_id: 'ep_3' });
  });

  test('how far it has got, and how long the oldest event has waited over all its lanes', async (t) => {
    const oldest = [4, 9].map((seq, lane) => ({ lane, seq }));
    const { read } = given(t, {
      endpoints: [sampleEndpoint({ endpointId: 'ep_1' }), sampleEndpoint({ endpointId: 'ep_2' })],
      progress: [
        progressOf('ep_1', { backlog: 7, parkedUsers: 2, parkedEvents: 5, running: 3, oldest }),
        progressOf('ep_2'),
      ],
      readEvents: async ({ sdkAppId, lane, afterSeq, limit }) => {
        assert.deepEqual([sdkAppId, limit], [APP, 1]);
        return [sampleEvent({ seq: afterSeq + 1, lane, atMs: clock.now() - (afterSeq + 1) * 1_000 })];
      },
    });
    const page = await read();
    const of = (endpoint_id: string): readonly (number | undefined)[] =>
      ['backlog_events', 'parked_users', 'parked_events', 'attempts_running', 'oldest_undelivered_age_seconds'].map(
        (name) => page.value(`portrait_endpoint_${name}`, { endpoint_id }),
      );
    assert.deepEqual(of('ep_1'), [7, 2, 5, 3, 9]);
    assert.deepEqual(of('ep_2'), [0, 0, 0, 0, 0]);
  });

  test('while the store can not be read the ages are missing, and nothing else', async (t) => {
    const { read } = given(t, {
      endpoints: [sampleEndpoint({ endpointId: 'ep_1' })],
      progress: [progressOf('ep_1', { backlog: 7, oldest: [{ lane: 0, seq: 4 }] })],
      readEvents: () => Promise.reject(new StoreError('unavailable')),
    });
    const page = await read();
    assert.deepEqual(page.samples('portrait_endpoint_oldest_undelivered_age_seconds'), []);
    assert.equal(page.value('portrait_endpoint_backlog_events', { endpoint_id: 'ep_1' }), 7);
  });
});

describe('the number of lines is bounded', () => {
  const COUNT = MAX_ENDPOINT_LABELS + 20;
  const appOf = (index: number): number => 1_400_000_001 + index;
  const endpoints = Array.from({ length: COUNT }, (_, index) =>
    sampleEndpoint({ endpointId: `ep_${index}`, sdkAppId: appOf(index), state: 'paused' }),
  );

  test('apps and endpoints beyond the caps are put together', async (t) => {
    const { metrics, read } = given(t, {
      endpoints,
      progress: endpoints.map(({ endpointId }, index) =>
        progressOf(endpointId, { backlog: 1, oldest: [{ lane: 0, seq: index + 1 }] }),
      ),
      readEvents: async ({ afterSeq }) => [
        sampleEvent({ seq: afterSeq + 1, atMs: clock.now() - (afterSeq + 1) * 1_000 }),
      ],
    });
    for (const [index, { endpointId, sdkAppId }] of endpoints.entries()) {
      metrics.changed(appOf(index), 'set');
      metrics.attempted(endpointId, sdkAppId, [{ outcome: 'delivered', durationMs: 1 }]);
    }
    const page = await read();
    const count = (name: string): number => page.samples(name).length;
    assert.equal(count('portrait_changes_total'), MAX_APP_LABELS + 1);
    assert.equal(page.value('portrait_changes_total', { sdk_app_id: 'other' }), COUNT - MAX_APP_LABELS);
    assert.equal(count('portrait_attempts_total'), MAX_ENDPOINT_LABELS + 1);
    assert.equal(page.value('portrait_attempts_total', { endpoint_id: 'other' }), 20);
    assert.equal(count('portrait_endpoint_backlog_events'), MAX_ENDPOINT_LABELS + 1);
    const others = { endpoint_id: 'other', sdk_app_id: 'other' };
    assert.equal(page.value('portrait_endpoint_backlog_events', others), 20, 'sums');
    assert.equal(page.value('portrait_endpoint_paused', others), 20);
    assert.equal(page.value('portrait_endpoint_oldest_undelivered_age_seconds', others), COUNT, 'the worst');
  });

  test('what is removed makes room and leaves no line', async (t) => {
    const { metrics, read } = given(t);
    for (const { endpointId, sdkAppId } of endpoints) {
      metrics.changed(sdkAppId, 'set');
      metrics.attempted(endpointId, sdkAppId, [{ outcome: 'failed', reason: 'status', durationMs: 1 }]);
      metrics.forgetEndpoint(endpointId);
      metrics.forgetApp(sdkAppId);
    }
    const page = await read();
    for (const name of ['portrait_changes_total', 'portrait_attempts_total', 'portrait_attempt_seconds_total']) {
      assert.deepEqual(page.samples(name), [], name);
    }
  });
});

test('attempts are counted by outcome and reason, their time in seconds', async (t) => {
  const { metrics, read } = given(t);
  metrics.attempted('ep_1', APP, [
    { outcome: 'delivered', durationMs: 3 },
    { outcome: 'failed', reason: 'timeout', durationMs: 2_000 },
    { outcome: 'dead', reason: 'timeout', durationMs: 40_000 },
  ]);
  metrics.attempted('ep_2', APP, []);
  const page = await read();
  assert.deepEqual(
    page
      .samples('portrait_attempts_total')
      .map(({ labels: { endpoint_id, outcome, reason }, value }) => [endpoint_id, outcome, reason, value]),
    [
      ['ep_1', 'delivered', 'none', 1],
      ['ep_1', 'failed', 'timeout', 1],
      ['ep_1', 'dead', 'timeout', 1],
    ],
  );
  assert.equal(page.value('portrait_attempt_seconds_total'), 42.003);
  const failed = { outcome: 'failed' };
  const bucket = (le: string): number | undefined =>
    page.value('portrait_attempt_duration_seconds_bucket', { ...failed, le });
  assert.deepEqual([bucket('1'), bucket('2.5'), bucket('30'), bucket('+Inf')], [0, 1, 1, 2]);
  assert.equal(page.value('portrait_attempt_duration_seconds_sum', failed), 42);
});

test('what can be counted stands at 0 before it happens, and the build is named', async (t) => {
  const page = await given(t).read();
  const kinds = ['full', 'low-space', 'read-only', 'unavailable', 'overloaded', 'lease-lost'];
  for (const kind of kinds) assert.equal(page.value('portrait_store_errors_total', { kind }), 0);
  for (const name of ['pushes_total', 'clients_dropped_total', 'clients_connected', 'commit_writes_count']) {
    assert.equal(page.value(`portrait_${name}`), 0);
  }
  assert.equal(page.value('portrait_build_info', { version: '1.2.3', engine: 'sqlite' }), 1);
});

test('a blocked event loop is seen', async (t) => {
  const { read } = given(t);
  await read();
  await until(
    async () => {
      // the monitor tells the time between two of its turns, of which the first comes 10 ms after a page
      await delay(20);
      const blockedUntil = performance.now() + 30;
      while (performance.now() < blockedUntil);
      await delay(20);
      const longest = (await read()).value('portrait_event_loop_delay_seconds', { quantile: '1' });
      return longest !== undefined && longest > 0.01;
    },
    { what: () => 'a delay of more than 10 ms' },
  );
});
