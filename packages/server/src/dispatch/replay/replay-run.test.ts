import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { httpLoopback, type SeenRequest } from '../../../test/support/loopback.ts';
import { sampleEndpoint, sampleEvent } from '../../../test/support/samples.ts';
import { until } from '../../../test/support/until.ts';
import { StoreError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { Metrics } from '../../metrics.ts';
import type { DeliveryScan, Replay, ReplayLane, ReplaySettlement } from '../../storage/replay-store.ts';
import type { ChangeEvent, DeliveryState, Endpoint, Store } from '../../storage/store.ts';
import { addressRule, LOOPBACK_NETWORKS } from '../addresses.ts';
import type { EndpointTurn } from '../endpoint-dispatch.ts';
import { ReplayRun } from './replay-run.ts';

const OK = '{"ErrorCode":0}';
/** The clock takes long steps while a request is under way. */
const A_LONG_TIME_MS = 10_000_000;

/** Deliveries of some events, and what a run stored. */
class FakeStore {
  readonly deliveries: { readonly event: ChangeEvent; state: DeliveryState; lastNumber: number }[] = [];
  readonly settlements: ReplaySettlement[] = [];
  readonly ends: unknown[] = [];
  /** what the next calls end with */
  readonly settleFaults: Error[] = [];
  readonly readFaults: Error[] = [];

  add(count: number, state: DeliveryState, userOf: (seq: number) => string): void {
    for (let index = 0; index < count; index += 1) {
      const seq = this.deliveries.length + 1;
      this.deliveries.push({ event: sampleEvent({ seq, userId: userOf(seq) }), state, lastNumber: 1 });
    }
  }

  async scanDeliveries({ afterSeq, toSeq, maxEvents }: DeliveryScan) {
    const fault = this.readFaults.shift();
    if (fault) throw fault;
    const scannedTo = Math.min(toSeq, afterSeq + maxEvents);
    const items = this.deliveries.slice(afterSeq, scannedTo).map(({ event, state }) => ({ ...event, state }));
    return { items, scannedTo };
  }

  async readStand({ seq }: { seq: number }) {
    const fault = this.readFaults.shift();
    if (fault) throw fault;
    return this.deliveries[seq - 1];
  }

  async settleReplay(settlement: ReplaySettlement): Promise<void> {
    const fault = this.settleFaults.shift();
    if (fault) throw fault;
    this.settlements.push(settlement);
    for (const { seq, number, outcome } of settlement.attempts) {
      const delivery = this.deliveries[seq - 1];
      if (delivery)
        Object.assign(delivery, { state: outcome === 'delivered' ? 'delivered' : 'dead', lastNumber: number });
    }
  }

  async endReplay(end: unknown): Promise<boolean> {
    this.ends.push(end);
    return true;
  }
}

/** Turns of users, one at a time, as the dispatcher gives them. */
class FakeTurns {
  /** until when */
  readonly held = new Map<string, Promise<void>>();
  most = 0;
  /** these users' turns do not come */
  readonly busy = new Set<string>();

  readonly take = async (_endpointId: string, { userId }: { userId: string }): Promise<EndpointTurn | undefined> => {
    if (this.busy.has(userId)) return undefined;
    for (let holder = this.held.get(userId); holder; holder = this.held.get(userId)) await holder;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held.set(userId, promise);
    this.most = Math.max(this.most, this.held.size);
    const release = (): void => {
      this.held.delete(userId);
      resolve();
    };
    return { next: undefined, settleNext: async () => {}, release };
  };
}

const lines: string[] = [];
const silent: Log = {
  isLevelEnabled: () => false,
  debug() {},
  info() {},
  warn() {},
  error: (_fields, name) => void lines.push(String(name)),
  child: () => silent,
};

/** A job over all deliveries of the store, its receiver, and a clock that goes on while something is waited for. */
async function start(
  t: TestContext,
  options: {
    readonly store: FakeStore;
    readonly answer?: RequestListener;
    readonly job?: Partial<Replay>;
    readonly endpoint?: Partial<Endpoint>;
    readonly lane?: Partial<ReplayLane>;
  },
) {
  const { store, answer = (_request, response) => response.end(OK), job = {}, lane = {} } = options;
  const clock = new FakeClock();
  const receiver = await httpLoopback(t, answer);
  const turns = new FakeTurns();
  const ends: string[] = [];
  let endpoint: Endpoint | undefined = sampleEndpoint({
    url: receiver.origin,
    timeoutMs: A_LONG_TIME_MS,
    ...options.endpoint,
  });
  const range = { lane: 0, afterSeq: 0, toSeq: store.deliveries.length, seq: 0, doneAhead: [], tried: [] };
  const run = new ReplayRun({
    job: {
      jobId: 'rpl_1',
      sdkAppId: endpoint.sdkAppId,
      endpointId: endpoint.endpointId,
      fromMs: 0,
      toMs: 1,
      ratePerSecond: 1_000,
      total: store.deliveries.length,
      state: 'running',
      delivered: 0,
      failed: 0,
      skipped: 0,
      createdAtMs: 0,
      lanes: [{ ...range, ...lane }],
      ...job,
    },
    context: {
      store: store as unknown as Store,
      log: silent,
      metrics: new Metrics(),
      clock,
      random: () => 0,
      rule: addressRule(LOOPBACK_NETWORKS),
      version: '1',
      onAttempt() {},
      takeTurn: turns.take,
      epochOf: () => 3,
      share: () => 1,
    },
    endpoint: () => endpoint,
    onGone: async () => {
      if (endpoint) endpoint = { ...endpoint, state: 'paused' };
    },
    finish: async () => {
      await (store as unknown as Store).endReplay({ jobId: 'rpl_1', state: 'done' });
    },
    onEnd: (how) => void ends.push(how),
  });
  const close = (): Promise<void> => {
    const closed = run.close(0);
    clock.advance(0);
    return closed;
  };
  t.after(close);
  run.start();
  const goUntil = (what: string, look: () => boolean, stepMs = 20): Promise<true> =>
    until(
      () => {
        if (look()) return true;
        clock.advance(stepMs);
        return false;
      },
      { what: () => what },
    );
  const setEndpoint = (members: Partial<Endpoint> | undefined): void => {
    endpoint = members && endpoint && { ...endpoint, ...members };
  };
  return { clock, close, ends, goUntil, receiver, run, setEndpoint, turns };
}

/** The seq of a request that came. */
const seqOf = ({ rawHeaders }: Pick<SeenRequest, 'rawHeaders'>): number => {
  const id = rawHeaders[rawHeaders.indexOf('webhook-id') + 1] ?? '';
  return Number.parseInt(id.split('_').at(-1) ?? '', 36);
};

const last = (store: FakeStore): ReplaySettlement => store.settlements.at(-1) ?? assert.fail('nothing was settled');

describe('ReplayRun', () => {
  test('sends all of it, in order per user, at most eight at a time, and says what came of it', async (t) => {
    const store = new FakeStore();
    store.add(300, 'dead', (seq) => `id${seq % 20}`);
    const { ends, goUntil, receiver, turns } = await start(t, { store });
    await goUntil('the end', () => ends.length > 0);
    assert.deepEqual([ends, store.ends], [['done'], [{ jobId: 'rpl_1', state: 'done' }]]);
    for (const [, own] of Map.groupBy(receiver.seen.map(seqOf), (seq) => seq % 20)) {
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
      );
    }
    assert.equal(receiver.seen.length, 300);
    assert.equal(turns.most, 8);
    const { attempts: _, ...end } = last(store);
    const place = { jobId: 'rpl_1', endpointId: 'ep_1', lane: 0, epoch: 3 };
    const progress = { seq: 300, doneAhead: [], tried: [], delivered: 300, failed: 0, skipped: 0 };
    assert.deepEqual(end, { ...place, ...progress });
    const attempts = store.settlements.flatMap((settlement) => settlement.attempts);
    assert.deepEqual([attempts.length, new Set(attempts.map(({ number }) => number))], [300, new Set([2])]);
  });

  test('never more than its rate, which it reaches', async (t) => {
    const store = new FakeStore();
    store.add(200, 'delivered', (seq) => `id${seq}`);
    const sentAt: number[] = [];
    let now = (): number => 0;
    const { clock, ends, goUntil } = await start(t, {
      store,
      job: { ratePerSecond: 20 },
      answer: (_request, response) => {
        sentAt.push(now());
        response.end(OK);
      },
    });
    now = () => clock.monotonic();
    await goUntil('the end', () => ends.length > 0);
    for (const from of sentAt) {
      const inOneSecond = sentAt.filter((at) => at >= from && at < from + 1_000).length;
      assert.ok(inOneSecond <= 40, `${inOneSecond} in the second from ${from}`); // a burst of 20 at the start
    }
    assert.ok((sentAt.at(-1) ?? 0) >= 8_900, `${sentAt.at(-1)} ms for 180 after the burst`);
  });

  test('an endpoint’s concurrency holds for its replays too', async (t) => {
    const store = new FakeStore();
    store.add(40, 'dead', (seq) => `id${seq}`);
    const { ends, goUntil, turns } = await start(t, { store, endpoint: { concurrency: 3 } });
    await goUntil('the end', () => ends.length > 0);
    assert.equal(turns.most, 3);
  });

  test('only what is in the state that is asked for, also when it changes while it waits', async (t) => {
    const store = new FakeStore();
    store.add(2, 'dead', () => 'a');
    store.add(3, 'delivered', () => 'b');
    store.add(1, 'pending', () => 'c');
    const { ends, goUntil, receiver } = await start(t, {
      store,
      job: { deliveryState: 'dead' },
      answer: (_request, response) => {
        const second = store.deliveries[1];
        if (second) second.state = 'delivered'; // by a person
        response.end(OK);
      },
    });
    await goUntil('the end', () => ends.length > 0);
    assert.deepEqual(receiver.seen.map(seqOf), [1]);
    const { delivered, skipped } = last(store);
    assert.deepEqual([delivered, skipped], [1, 1]);
  });

  test('without a state all that is settled; the rest is skipped', async (t) => {
    const store = new FakeStore();
    for (const state of ['delivered', 'dead', 'skipped', 'pending', 'retrying', 'waiting', 'held'] as const) {
      store.add(1, state, (seq) => `id${seq}`);
    }
    const { ends, goUntil, receiver } = await start(t, { store });
    await goUntil('the end', () => ends.length > 0);
    assert.deepEqual(receiver.seen.map(seqOf).toSorted(), [1, 2, 3]);
    const { delivered, skipped } = last(store);
    assert.deepEqual([delivered, skipped], [3, 4]);
  });

  test('what fails is tried three times, its user waits, others go on', async (t) => {
    const store = new FakeStore();
    store.add(6, 'delivered', (seq) => (seq % 2 === 1 ? 'poisoned' : `id${seq}`));
    const { ends, goUntil, receiver } = await start(t, {
      store,
      answer: (request, response) => response.writeHead(seqOf(request) === 1 ? 500 : 200).end(OK),
    });
    await goUntil('the end', () => ends.length > 0);
    const seqs = receiver.seen.map(seqOf);
    assert.deepEqual(
      seqs.filter((seq) => seq % 2 === 1),
      [1, 1, 1, 3, 5],
    );
    const { delivered, failed } = last(store);
    assert.deepEqual([delivered, failed], [5, 1]);
    assert.deepEqual([store.deliveries[0]?.state, store.deliveries[0]?.lastNumber], ['dead', 4]);
    const resting = store.settlements.find(({ tried }) => tried.includes(1));
    assert.equal(resting?.seq, 0, 'what rests is not passed');
  });

  test('what was tried before a restart is tried again, though its state is another by now', async (t) => {
    const store = new FakeStore();
    store.add(1, 'delivered', () => 'a');
    store.add(2, 'dead', (seq) => `id${seq}`);
    const { ends, goUntil, receiver } = await start(t, {
      store,
      job: { deliveryState: 'delivered', delivered: 7 },
      lane: { tried: [3] },
    });
    await goUntil('the end', () => ends.length > 0);
    assert.deepEqual(receiver.seen.map(seqOf).toSorted(), [1, 3]);
    assert.equal(last(store).delivered, 9);
  });

  test('while the endpoint does not answer nothing is given up, and few attempts are made', async (t) => {
    const store = new FakeStore();
    store.add(30, 'dead', (seq) => `id${seq}`);
    let isDown = true;
    const { clock, ends, goUntil, receiver, run } = await start(t, {
      store,
      answer: (_request, response) => response.writeHead(isDown ? 503 : 200).end(OK),
    });
    await goUntil('it to count as down', () => run.obstacle === 'endpoint-down');
    const startedAt = clock.monotonic();
    await goUntil('ten minutes', () => clock.monotonic() - startedAt > 600_000, 1_000);
    assert.ok(receiver.seen.length < 40, `${receiver.seen.length} attempts`);
    isDown = false;
    await goUntil('the end', () => ends.length > 0, 1_000);
    const { delivered, failed } = last(store);
    assert.deepEqual([delivered, failed], [30, 0]);
  });

  test('a paused endpoint gets nothing, and the rest when it is active again', async (t) => {
    const store = new FakeStore();
    store.add(40, 'dead', (seq) => `id${seq}`);
    const { clock, ends, goUntil, receiver, run, setEndpoint } = await start(t, { store, job: { ratePerSecond: 10 } });
    await goUntil('a few', () => receiver.seen.length >= 10);
    setEndpoint({ state: 'paused' });
    await goUntil('those under way', () => store.settlements.at(-1)?.delivered === receiver.seen.length);
    const before = receiver.seen.length;
    assert.equal(run.obstacle, 'paused');
    const pausedAt = clock.monotonic();
    await goUntil('an hour', () => clock.monotonic() - pausedAt > 3_600_000, 60_000);
    assert.equal(receiver.seen.length, before);
    setEndpoint({ state: 'active' });
    await goUntil('the end', () => ends.length > 0);
    assert.equal(receiver.seen.length, 40);
  });

  test('an endpoint that answers 410 is paused, and nothing is given up', async (t) => {
    const store = new FakeStore();
    store.add(20, 'dead', (seq) => `id${seq}`);
    let isGone = true;
    const { ends, goUntil, receiver, run, setEndpoint } = await start(t, {
      store,
      answer: (_request, response) => response.writeHead(isGone ? 410 : 200).end(OK),
    });
    await goUntil('a pause', () => run.obstacle === 'paused');
    await goUntil(
      'those under way',
      () => store.settlements.flatMap(({ attempts }) => attempts).length === receiver.seen.length,
    );
    assert.ok(receiver.seen.length <= 8);
    isGone = false;
    setEndpoint({ state: 'active' });
    await goUntil('the end', () => ends.length > 0);
    const { delivered, failed } = last(store);
    assert.deepEqual([delivered, failed], [20, 0]);
  });

  test('an open circuit is waited for; if nobody probes it the job does, one at a time, and what fails costs nothing', async (t) => {
    const store = new FakeStore();
    store.add(12, 'dead', (seq) => `id${seq}`);
    let isDown = true;
    const { clock, ends, goUntil, receiver, run, setEndpoint, turns } = await start(t, {
      store,
      endpoint: { circuit: { state: 'open', sinceMs: 0, nextProbeAtMs: new FakeClock().now() + 10_000 } },
      answer: (_request, response) => response.writeHead(isDown ? 500 : 200).end(OK),
    });
    const startedAt = clock.monotonic();
    await goUntil('ten seconds', () => clock.monotonic() - startedAt >= 14_500, 100);
    assert.deepEqual([receiver.seen.length, run.obstacle], [0, 'circuit']);
    await goUntil('attempts that fail', () => receiver.seen.length > 40, 100);
    isDown = false;
    await goUntil('the end', () => ends.length > 0);
    const { delivered, failed } = last(store);
    assert.deepEqual([delivered, failed, turns.most], [12, 0, 1]);
    setEndpoint(undefined);
  });

  test('settings that change hold for what comes', async (t) => {
    const store = new FakeStore();
    store.add(30, 'dead', (seq) => `id${seq}`);
    const other = await httpLoopback(t, (_request, response) => response.end(OK));
    const { ends, goUntil, receiver, setEndpoint } = await start(t, { store, job: { ratePerSecond: 10 } });
    await goUntil('a few', () => receiver.seen.length >= 10);
    setEndpoint({ url: other.origin });
    await goUntil('the end', () => ends.length > 0);
    assert.equal(receiver.seen.length + other.seen.length, 30);
    assert.ok(other.seen.length > 10);
  });

  test('faults of the store are waited out; nothing is lost or sent twice', async (t) => {
    const store = new FakeStore();
    store.add(20, 'dead', (seq) => `id${seq}`);
    const fault = () => new StoreError('full');
    store.readFaults.push(fault());
    store.settleFaults.push(fault(), fault());
    const { ends, goUntil, receiver } = await start(t, { store });
    await goUntil('some', () => receiver.seen.length > 5);
    store.readFaults.push(fault(), fault());
    await goUntil('the end', () => ends.length > 0);
    assert.deepEqual(
      receiver.seen.map(seqOf).toSorted((a, b) => a - b),
      store.deliveries.map(({ event }) => event.seq),
    );
    assert.ok(lines.includes('replay.fault') && lines.includes('replay.settle-fault'));
  });

  test('a user whose turn does not come holds up nobody for good', async (t) => {
    const store = new FakeStore();
    store.add(20, 'dead', (seq) => `id${seq}`);
    const { ends, goUntil, receiver, turns } = await start(t, { store });
    turns.busy.add('id15');
    await goUntil('all but one', () => store.settlements.at(-1)?.delivered === 19);
    turns.busy.clear();
    await goUntil('the end', () => ends.length > 0);
    assert.equal(receiver.seen.length, 20);
  });

  test('a store that says that the job is not ours ends the run', async (t) => {
    for (const kind of ['missing', 'lease-lost'] as const) {
      const store = new FakeStore();
      store.add(20, 'dead', (seq) => `id${seq}`);
      store.settleFaults.push(new StoreError(kind));
      const { ends, goUntil } = await start(t, { store });
      await goUntil('the end', () => ends.length > 0);
      assert.deepEqual([ends, store.ends], [['lost'], []]);
    }
  });

  test('an endpoint that is gone is sent nothing more', async (t) => {
    const store = new FakeStore();
    store.add(40, 'dead', (seq) => `id${seq}`);
    const { close, ends, goUntil, receiver, setEndpoint } = await start(t, { store, job: { ratePerSecond: 10 } });
    await goUntil('a few', () => receiver.seen.length >= 10);
    setEndpoint(undefined);
    await close();
    assert.deepEqual([ends, store.ends], [[], []]);
    assert.ok(receiver.seen.length < 40);
  });

  test('a stop takes back what hangs, and stores what has ended', async (t) => {
    const store = new FakeStore();
    store.add(20, 'dead', (seq) => `id${seq}`);
    const { close, ends, goUntil, receiver, turns } = await start(t, {
      store,
      answer: (request, response) => {
        if (seqOf(request) % 2 === 0) response.end(OK);
      },
    });
    await goUntil('eight that hang', () => receiver.seen.filter((request) => seqOf(request) % 2 === 1).length === 8);
    await close();
    assert.deepEqual([turns.held.size, ends], [0, []]);
    const answered = receiver.seen.map(seqOf).filter((seq) => seq % 2 === 0);
    assert.equal(last(store).delivered, answered.length);
    assert.deepEqual(
      [...last(store).doneAhead].toSorted((a, b) => a - b),
      answered.toSorted((a, b) => a - b),
    );
  });

  test('lanes come one after the other', async (t) => {
    const store = new FakeStore();
    store.add(30, 'dead', (seq) => `id${seq % 3}`);
    const lane = (number: number, afterSeq: number, toSeq: number): ReplayLane => {
      return { lane: number, afterSeq, toSeq, seq: afterSeq, doneAhead: [], tried: [] };
    };
    const lanes = [lane(0, 0, 10), lane(1, 10, 10), lane(2, 10, 30)];
    const { ends, goUntil, receiver } = await start(t, { store, job: { lanes } });
    await goUntil('the end', () => ends.length > 0);
    assert.equal(receiver.seen.length, 30);
    assert.deepEqual([...new Set(store.settlements.map((settlement) => settlement.lane))], [0, 2]);
  });

  test('a job with nothing to send is done at once', async (t) => {
    const store = new FakeStore();
    const { ends, goUntil } = await start(t, { store, job: { lanes: [] } });
    await goUntil('the end', () => ends.length > 0);
    assert.deepEqual(ends, ['done']);
  });
});
