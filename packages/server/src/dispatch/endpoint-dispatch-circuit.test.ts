/** What an endpoint that is down costs, and what happens when it is back. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { FakeStore, LANE, OK, SpiedSlots, seqOf, startDispatch as start } from '../../test/support/dispatch.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { sampleEvent } from '../../test/support/samples.ts';
import { StoreError } from '../errors.ts';

const HOUR_MS = 3_600_000;

/** With pauses of middling length. */
const startDispatch: typeof start = (t, options) => start(t, { random: 0.5, ...options });

/** A receiver that can be turned off: 503 then. */
function receiver(): { isDown: boolean; running: number; mostRunning: number; readonly answer: RequestListener } {
  const state = {
    isDown: true,
    running: 0,
    mostRunning: 0,
    answer: ((_request, response) => {
      state.running += 1;
      state.mostRunning = Math.max(state.mostRunning, state.running);
      setImmediate(() => {
        state.running -= 1;
        response.writeHead(state.isDown ? 503 : 200).end(OK);
      });
    }) as RequestListener,
  };
  return state;
}

const users = (count: number): string[] => Array.from({ length: count }, (_, i) => `id${i}`);

describe('EndpointDispatch, the circuit', () => {
  test('one user whose endpoint is down for hours loses nothing, and gets all in order when it is back', async (t) => {
    const backend = receiver();
    const {
      clock,
      goUntil,
      offer,
      receiver: seen,
      states,
      store,
    } = await startDispatch(t, { ...backend, stepMs: 10_000 });
    offer(store.add('a', 'a', 'a'));
    const startedAt = clock.monotonic();
    await goUntil('three hours', () => clock.monotonic() - startedAt > 3 * HOUR_MS, 60_000);
    const probes = seen.seen.length;
    assert.ok(probes > 200 && probes < 300, `${probes} attempts in three hours`);
    assert.ok(store.attempts.every((line) => line.endsWith('failed')));
    const { attempts, uncounted = 0 } = store.parked.get('a') ?? {};
    assert.deepEqual([attempts, 5 + uncounted], [5, probes]);
    backend.isDown = false;
    await goUntil('nobody parked', () => store.parked.size === 0, 60_000);
    assert.deepEqual(seen.seen.slice(probes).map(seqOf), [1, 2, 3]);
    assert.equal(store.attempts.at(-3), `1 ${probes + 1} delivered`, 'numbers count on');
    assert.deepEqual(states.kinds, ['circuit-opened', 'circuit-half-open', 'circuit-closed']);
    assert.deepEqual(states.notes[0]?.reason, 'status');
    assert.match(states.notes[0]?.detail ?? '', /^5 attempts failed in a row \(users: 1\); the last: status 503$/);
    assert.match(states.notes[2]?.detail ?? '', /^nothing waits any more, 1\d{4} s after it opened$/);
  });

  test('while it is open the log is the backlog: nothing is taken in, and one POST runs at a time', async (t) => {
    const backend = receiver();
    const { clock, dispatch, goUntil, offer, slots, states, store } = await startDispatch(t, {
      ...backend,
      stepMs: 5_000,
    });
    offer(store.add(...users(64)));
    await goUntil('it to open', () => states.kinds.includes('circuit-opened') && slots.out === 0);
    const [reads, parked] = [store.reads, store.parked.size];
    backend.mostRunning = 0;
    const startedAt = clock.monotonic();
    offer(store.add(...users(5_000)));
    dispatch.headIs(LANE, store.events.length);
    await goUntil('an hour', () => clock.monotonic() - startedAt > HOUR_MS, 60_000);
    assert.equal(backend.mostRunning, 1);
    assert.ok(store.reads - reads < 250, `${store.reads - reads} reads of a few events, for 100 probes`);
    assert.ok(store.parked.size - parked < 130, `${store.parked.size} users parked`);
    assert.ok(store.attempts.every((line) => line.endsWith('failed')));
    backend.isDown = false;
    await goUntil('the whole backlog', () => store.cursor.seq === 5_064 && store.parked.size === 0, 60_000);
    const delivered = store.attempts.filter((line) => line.endsWith('delivered'));
    assert.equal(delivered.length, 5_064);
  });

  test('when it is back all who wait are due at once, more and more at a time', async (t) => {
    const backend = receiver();
    const batches: number[] = [];
    let waiting: (() => void)[] = [];
    const { clock, goUntil, offer, slots, states, store } = await startDispatch(t, {
      stepMs: 1_000,
      answer: (request, response) => {
        if (backend.isDown) backend.answer(request, response);
        else waiting.push(() => response.end(OK));
      },
    });
    offer(store.add(...users(200)));
    await goUntil('it to open', () => states.kinds.includes('circuit-opened') && slots.out === 0);
    const startedAt = clock.monotonic();
    await goUntil('ten minutes', () => clock.monotonic() - startedAt > 600_000);
    backend.isDown = false;
    const probedAt = clock.monotonic();
    while (batches.reduce((sum, size) => sum + size, 0) < 200) {
      await goUntil('a batch', () => waiting.length > 0 && waiting.length === slots.out);
      batches.push(waiting.length);
      for (const answer of waiting.splice(0)) answer();
      await goUntil('its end', () => slots.out !== batches.at(-1) || waiting.length > 0 || store.cursor.seq === 200);
    }
    waiting = [];
    await goUntil('all', () => store.cursor.seq === 200 && store.parked.size === 0);
    assert.deepEqual(batches.slice(0, 6), [1, 1, 2, 4, 8, 16]);
    assert.ok(Math.max(...batches) <= 64);
    assert.ok(clock.monotonic() - probedAt < 90_000, 'nobody waits for a pause of his own');
  });

  test('an event that fails by itself can not keep it open, and spends its attempts when it is closed', async (t) => {
    let isDown = true;
    const { goUntil, offer, states, store } = await startDispatch(t, {
      stepMs: 1_000,
      endpoint: { maxAttempts: 4 },
      answer: (request, response) => {
        const isPoison = seqOf(request) === 1;
        response.writeHead(isDown ? 503 : isPoison ? 500 : 200).end(OK);
      },
    });
    offer(store.add('poison', 'poison', ...users(20)));
    await goUntil('it to open', () => states.kinds.includes('circuit-opened'));
    isDown = false;
    await goUntil('all', () => store.cursor.seq === 22 && store.parked.size === 0, 60_000);
    assert.ok(states.kinds.includes('circuit-closed'));
    const ofPoison = store.attempts.filter((line) => line.startsWith('1 '));
    assert.ok(ofPoison.at(-1)?.endsWith('dead'));
    assert.ok(store.attempts.includes('2 1 delivered'));
  });

  test('an event that fails by itself while others are delivered never opens it', async (t) => {
    const { goUntil, offer, states, store } = await startDispatch(t, {
      stepMs: 60_000,
      endpoint: { maxAttempts: 20 },
      answer: (request, response) => response.writeHead(seqOf(request) === 1 ? 500 : 200).end(OK),
    });
    offer(store.add('poison', 'a'));
    await goUntil('it to be dead', () => store.attempts.includes('1 20 dead'), 60_000);
    assert.deepEqual(states.notes, []);
  });

  test('events that wait unread are probed too, so that a parked one that fails by itself is not every probe', async (t) => {
    const store = new FakeStore();
    store.add('poison', 'a', 'b');
    store.cursor = { lane: LANE, seq: 1, doneAhead: [] };
    store.parked.set('poison', {
      userId: 'poison',
      lane: LANE,
      attempts: 1,
      nextTryAtMs: Number.MAX_SAFE_INTEGER,
      reason: 'status',
      waiting: [1],
    });
    const {
      dispatch,
      goUntil,
      receiver: seen,
    } = await startDispatch(t, {
      store,
      stepMs: 1_000,
      endpoint: { circuit: { state: 'open', sinceMs: 0, reason: 'connect' }, maxAttempts: 3 },
      answer: (request, response) => response.writeHead(seqOf(request) === 1 ? 500 : 200).end(OK),
    });
    dispatch.headIs(LANE, 3);
    await goUntil('all', () => store.cursor.seq === 3 && store.parked.size === 0, 60_000);
    assert.deepEqual(seen.seen.slice(0, 2).map(seqOf), [1, 2]);
  });

  test('after a restart the first thing is one probe', async (t) => {
    const answers: (() => void)[] = [];
    const store = new FakeStore();
    store.add(...users(100), ...users(100));
    const {
      clock,
      dispatch,
      goUntil,
      receiver: seen,
    } = await startDispatch(t, {
      store,
      endpoint: { circuit: { state: 'half-open', sinceMs: 0, reason: 'connect' }, timeoutMs: 30_000 },
      answer: (_request, response) => void answers.push(() => response.end(OK)),
    });
    dispatch.headIs(LANE, 200);
    await goUntil('a probe', () => seen.seen.length > 0);
    clock.advance(10_000);
    dispatch.headIs(LANE, 201);
    assert.equal(seen.seen.length, 1);
    for (let most = 1; store.cursor.seq < 200; most = Math.max(most, answers.length)) {
      for (const answer of answers.splice(0)) answer();
      await goUntil('more', () => answers.length > 0 || store.cursor.seq === 200);
    }
    assert.equal(seen.seen.length, 200);
  });

  for (const [what, act] of [
    ['a person resumes it', 'resume'],
    ['its settings are changed', 'update'],
  ] as const) {
    test(`when ${what} the next probe is sent at once`, async (t) => {
      const backend = receiver();
      const {
        clock,
        dispatch,
        goUntil,
        offer,
        receiver: seen,
        settings,
        slots,
        states,
        store,
      } = await startDispatch(t, {
        ...backend,
        stepMs: 1_000,
      });
      offer(store.add(...users(20)));
      await goUntil('it to open', () => states.kinds.includes('circuit-opened') && slots.out === 0);
      await goUntil('long pauses', () => (states.circuits.at(-1)?.nextProbeAtMs ?? 0) - clock.now() > 25_000);
      const before = seen.seen.length;
      if (act === 'resume') dispatch.resume();
      else dispatch.update({ ...settings, headers: {} });
      assert.equal(slots.out, 1);
      await goUntil('the probe', () => seen.seen.length === before + 1 && slots.out === 0);
      const { nextProbeAtMs = 0 } = states.circuits.at(-1) ?? {};
      assert.ok(nextProbeAtMs - clock.now() <= 1_000, 'pauses begin anew');
    });
  }

  test('a Retry-After of an endpoint that is down is honoured', async (t) => {
    const {
      clock,
      goUntil,
      offer,
      receiver: seen,
      slots,
      states,
      store,
    } = await startDispatch(t, {
      stepMs: 1_000,
      answer: (_request, response) => response.writeHead(429, { 'retry-after': '600' }).end(),
    });
    offer(store.add(...users(64)));
    await goUntil('it to open', () => states.kinds.includes('circuit-opened') && slots.out === 0);
    const [at, count] = [clock.monotonic(), seen.seen.length];
    await goUntil('the probe', () => seen.seen.length > count, 60_000);
    assert.ok(clock.monotonic() - at >= 599_000);
  });

  test('attempts under way when it opens count: with one attempt each they are dead, and what comes later is not', async (t) => {
    const backend = receiver();
    const { clock, goUntil, offer, states, store } = await startDispatch(t, {
      ...backend,
      stepMs: 5_000,
      endpoint: { maxAttempts: 1, concurrency: 16 },
    });
    offer(store.add(...users(100)));
    await goUntil('it to open', () => states.kinds.includes('circuit-opened'));
    const startedAt = clock.monotonic();
    await goUntil('an hour', () => clock.monotonic() - startedAt > HOUR_MS, 60_000);
    const dead = store.attempts.filter((line) => line.endsWith('dead')).length;
    assert.ok(dead >= 10 && dead <= 26, `${dead} are dead`);
    backend.isDown = false;
    await goUntil('the others', () => store.cursor.seq === 100 && store.parked.size === 0, 60_000);
    assert.equal(store.attempts.filter((line) => line.endsWith('delivered')).length, 100 - dead);
  });

  test('an endpoint that comes and goes loses nothing, whatever its events have left', async (t) => {
    let count = 0;
    const { goUntil, offer, store } = await startDispatch(t, {
      stepMs: 5_000,
      endpoint: { maxAttempts: 3, concurrency: 8 },
      answer: (_request, response) => {
        count += 1;
        response.writeHead(count % 40 < 25 ? 503 : 200).end(OK);
      },
    });
    offer(store.add(...users(300)));
    await goUntil('all', () => store.cursor.seq === 300 && store.parked.size === 0, 60_000);
    const dead = store.attempts.filter((line) => line.endsWith('dead'));
    assert.ok(dead.length <= 20, `${dead.length} of 300 are dead`);
  });

  test('a state that can not be stored is stored later, in order', async (t) => {
    const backend = receiver();
    const { goUntil, offer, states, store } = await startDispatch(t, { ...backend, stepMs: 1_000 });
    states.faults.push(new StoreError('full'), new StoreError('unavailable'), new StoreError('full'));
    offer(store.add(...users(30)));
    await goUntil('a probe', () => store.attempts.length > 30);
    backend.isDown = false;
    await goUntil('all', () => store.cursor.seq === 30 && states.kinds.includes('circuit-closed'));
    assert.deepEqual(states.kinds, ['circuit-opened', 'circuit-half-open', 'circuit-closed']);
    assert.deepEqual(states.circuits.at(-1)?.state, 'closed');
  });

  test('a stop in the middle of a probe takes it back, and stores what is known', async (t) => {
    let isHanging = false;
    const {
      closeNow,
      goUntil,
      offer,
      receiver: seen,
      slots,
      states,
      store,
    } = await startDispatch(t, {
      endpoint: { timeoutMs: 30_000 },
      answer: (_request, response) => void (isHanging || response.writeHead(503).end()),
    });
    offer(store.add(...users(20)));
    await goUntil('it to open', () => states.kinds.includes('circuit-opened') && slots.out === 0);
    isHanging = true;
    const before = [seen.seen.length, store.attempts.length];
    await goUntil('a probe', () => seen.seen.length > (before[0] ?? 0));
    await closeNow();
    assert.equal(store.attempts.length, seen.seen.length - 1, 'the probe is no attempt');
    assert.equal(states.circuits.at(-1)?.state, 'open');
  });

  test('two endpoints, one of them down for an hour: the other has all of its events within the moment', async (t) => {
    const clock = new FakeClock();
    const slots = new SpiedSlots(100);
    const down = await startDispatch(t, {
      clock,
      slots,
      stepMs: 5_000,
      endpoint: { endpointId: 'ep_down' },
      answer: (_request, response) => response.writeHead(503).end(),
    });
    const up = await startDispatch(t, { clock, slots, stepMs: 5_000, endpoint: { endpointId: 'ep_up' } });
    for (let minute = 0; minute < 60; minute += 1) {
      for (let i = 0; i < 5; i += 1) {
        const { events } = up.store;
        const event = sampleEvent({
          seq: events.length + 1,
          userId: `id${events.length % 50}`,
          version: events.length,
        });
        for (const { store, offer } of [down, up]) {
          store.events.push(event);
          offer([event]);
        }
      }
      const at = clock.monotonic();
      await up.goUntil('its events', () => up.store.cursor.seq === up.store.events.length);
      assert.ok(clock.monotonic() - at <= 5_000, 'its POSTs are at once, and stored at the next step');
      await up.goUntil('the minute', () => clock.monotonic() - at >= 60_000 && slots.out === 0);
    }
    assert.equal(up.receiver.seen.length, 300);
    assert.ok(down.receiver.seen.length < 200, `${down.receiver.seen.length} POSTs to the one that is down`);
    assert.deepEqual(up.states.notes, []);
  });
});

describe('EndpointDispatch, 410', () => {
  test('it is left alone from then on, and nothing is lost', async (t) => {
    let isGone = true;
    const {
      clock,
      dispatch,
      goUntil,
      offer,
      receiver: seen,
      settings,
      slots,
      states,
      store,
    } = await startDispatch(t, {
      endpoint: { maxAttempts: 1, concurrency: 2 },
      answer: (_request, response) => response.writeHead(isGone ? 410 : 200).end(OK),
    });
    states.faults.push(new StoreError('full'));
    offer(store.add(...users(10)));
    await goUntil('the pause', () => states.gone === 1 && slots.out === 0 && store.attempts.length > 0);
    const count = seen.seen.length;
    assert.ok(count <= 2, `${count} POSTs`);
    clock.advance(HOUR_MS);
    dispatch.update({ ...settings, state: 'paused', pauseReason: 'gone' });
    offer(store.add('id1'));
    clock.advance(HOUR_MS);
    assert.deepEqual([seen.seen.length, states.gone], [count, 1]);
    assert.ok(store.attempts.every((line) => line.endsWith('failed')));
    isGone = false;
    dispatch.update({ ...settings, state: 'active' });
    await goUntil('all', () => store.cursor.seq === 11 && store.parked.size === 0);
    assert.equal(store.attempts.filter((line) => line.endsWith('delivered')).length, 11);
  });
});
