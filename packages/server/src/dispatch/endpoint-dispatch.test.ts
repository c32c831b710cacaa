import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FakeStore, LANE, OK, SpiedSlots, seqOf, startDispatch as start } from '../../test/support/dispatch.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { httpLoopback } from '../../test/support/loopback.ts';
import { OTHER_APP, sampleEvent } from '../../test/support/samples.ts';
import { until } from '../../test/support/until.ts';
import { StoreError } from '../errors.ts';
import type { ChangeEvent } from '../storage/store.ts';

describe('EndpointDispatch', () => {
  test('offered events are sent, and the cursor follows', async (t) => {
    const { goUntil, offer, receiver, store } = await start(t);
    offer(store.add('a', 'b', 'a', 'c'));
    await goUntil('the cursor at 4', () => store.cursor.seq === 4);
    assert.deepEqual(receiver.seen.map(seqOf).toSorted(), [1, 2, 3, 4]);
    assert.deepEqual(store.attempts.toSorted(), ['1 1 delivered', '2 1 delivered', '3 1 delivered', '4 1 delivered']);
    assert.equal(store.reads, 0);
  });

  test('what no offer told is read, once the head is known', async (t) => {
    const { dispatch, goUntil, offer, store } = await start(t);
    const events = store.add(...Array.from({ length: 700 }, (_, i) => `id${i % 50}`));
    offer(events.slice(-1));
    dispatch.headIs(LANE, 700);
    await goUntil('the cursor at 700', () => store.cursor.seq === 700);
    assert.equal(store.attempts.length, 700);
  });

  test('a command that the endpoint does not want is skipped without an attempt', async (t) => {
    const { goUntil, offer, receiver, store } = await start(t, { endpoint: { commands: ['Other.Command'] } });
    offer(store.add('a', 'b'));
    await goUntil('the cursor at 2', () => store.cursor.seq === 2);
    assert.deepEqual([receiver.seen.length, store.attempts], [0, []]);
  });

  test('a user who becomes due between two looks at the clock is not forgotten', async (t) => {
    // timers come early, as Node's do, and time passes while the dispatcher works
    class CreepingClock extends FakeClock {
      #calls = 0;
      #crept = 0;
      override monotonic(): number {
        this.#calls += 1;
        this.#crept += 0.4 * ((this.#calls * 0.618) % 1);
        return super.monotonic() + this.#crept;
      }
      override after(ms: number, run: () => void): () => void {
        return super.after(Math.max(0, ms - 0.9), run);
      }
    }
    const { goUntil, offer, store } = await start(t, {
      endpoint: { maxAttempts: 100_000 },
      answer: (_request, response) => response.writeHead(400).end(OK),
      clock: new CreepingClock(),
      random: 0.5,
      stepMs: 60_000,
    });
    offer(store.add('a'));
    await goUntil('thirty attempts', () => store.attempts.length >= 30);
  });

  test('a failing user is tried again while others go on; what he changes meanwhile waits behind', async (t) => {
    let fails = true;
    const { goUntil, offer, receiver, store } = await start(t, {
      endpoint: { maxAttempts: 100_000 },
      answer: (request, response) => {
        const isA = [1, 3, 4].includes(seqOf(request));
        response.writeHead(isA && fails ? 500 : 200).end(OK);
      },
    });
    offer(store.add('a', 'b', 'a'));
    await goUntil(
      'three attempts of the first',
      () => store.attempts.filter((line) => line.startsWith('1 ')).length >= 3,
    );
    offer(store.add('a', 'c'));
    await goUntil('the cursor at 5', () => store.cursor.seq === 5);
    assert.deepEqual(store.parked.get('a')?.waiting, [1, 3, 4]);
    fails = false;
    await goUntil('nobody parked', () => store.parked.size === 0);
    const ofA = receiver.seen.map(seqOf).filter((seq) => [1, 3, 4].includes(seq));
    assert.deepEqual([...new Set(ofA)], [1, 3, 4]);
    assert.deepEqual(ofA.slice(ofA.indexOf(3)), [3, 4]);
  });

  test('after its last attempt an event is dead, and the user’s next one comes', async (t) => {
    const { goUntil, offer, store } = await start(t, {
      endpoint: { maxAttempts: 3 },
      answer: (request, response) => response.writeHead(seqOf(request) === 1 ? 500 : 200).end(OK),
    });
    offer(store.add('a', 'a'));
    await goUntil('the second', () => store.attempts.includes('2 1 delivered'));
    assert.deepEqual(store.attempts, ['1 1 failed', '1 2 failed', '1 3 dead', '2 1 delivered']);
    assert.equal(store.parked.size, 0);
  });

  test('with onDead hold the user waits for a person', async (t) => {
    const { clock, goUntil, offer, receiver, store } = await start(t, {
      endpoint: { maxAttempts: 2, onDead: 'hold' },
      answer: (request, response) => response.writeHead(seqOf(request) === 1 ? 500 : 200).end(OK),
    });
    offer(store.add('a', 'a', 'b'));
    await goUntil('the dead one', () => store.attempts.includes('1 2 dead') && store.cursor.seq === 3);
    clock.advance(86_400_000);
    const { nextTryAtMs, waiting, attempts } = store.parked.get('a') ?? {};
    assert.deepEqual([nextTryAtMs, waiting, attempts], [undefined, [1, 2], 2]);
    assert.deepEqual(receiver.seen.map(seqOf).toSorted(), [1, 1, 3]);
  });

  test('what was delivered before a restart does not come again behind a later change of its user', async (t) => {
    const store = new FakeStore();
    store.add('b', 'a', 'a', 'c');
    // Before the restart: 2 was delivered, 3 failed; the cursor is held back by 1.
    store.cursor = { lane: LANE, seq: 0, doneAhead: [2, 3] };
    store.parked.set('a', { userId: 'a', lane: LANE, attempts: 1, nextTryAtMs: 0, reason: 'status', waiting: [3] });
    const { dispatch, goUntil, receiver } = await start(t, { store });
    dispatch.headIs(LANE, 4);
    await goUntil('the cursor at 4, nobody parked', () => store.cursor.seq === 4 && store.parked.size === 0);
    assert.deepEqual(receiver.seen.map(seqOf).toSorted(), [1, 3, 4]);
  });

  test('a fault of the store costs no attempt and no second POST', async (t) => {
    const { goUntil, offer, receiver, store } = await start(t);
    store.settleFaults.push(new StoreError('full'), new StoreError('unavailable'));
    offer(store.add('a', 'b'));
    await goUntil('the cursor at 2', () => store.cursor.seq === 2);
    assert.equal(receiver.seen.length, 2);
    assert.deepEqual(store.attempts.toSorted(), ['1 1 delivered', '2 1 delivered']);
  });

  test('a log that can not be read is read again a little later', async (t) => {
    const { dispatch, goUntil, store } = await start(t);
    store.add('a', 'b');
    store.readFaults.push(new StoreError('unavailable'), new StoreError('unavailable'));
    dispatch.headIs(LANE, 2);
    await goUntil('the cursor at 2', () => store.cursor.seq === 2);
  });

  test('a parked event that can not be read is tried again, at no cost', async (t) => {
    const store = new FakeStore();
    store.add('a');
    store.cursor = { lane: LANE, seq: 1, doneAhead: [] };
    store.parked.set('a', { userId: 'a', lane: LANE, attempts: 1, nextTryAtMs: 0, reason: 'status', waiting: [1] });
    store.readFaults.push(new StoreError('unavailable'));
    const { goUntil } = await start(t, { store });
    await goUntil('nobody parked', () => store.parked.size === 0);
    assert.deepEqual(store.attempts, ['1 2 delivered']);
  });

  test('nothing is begun that the lease may not outlast', async (t) => {
    const { clock, goUntil, leases, offer, receiver, slots, store, dispatch } = await start(t, {
      endpoint: { timeoutMs: 2_000 },
      leaseMs: 2_200,
    });
    offer(store.add('a'));
    assert.equal(slots.out, 0);
    leases.renew([{ lane: LANE, epoch: 1, leaseMs: 10_000 }], clock.monotonic());
    dispatch.headIs(LANE, 2);
    offer(store.add('b'));
    await goUntil('the cursor at 2', () => store.cursor.seq === 2);
    assert.equal(receiver.seen.length, 2);
  });

  test('a paused endpoint is sent nothing; when it is active again, all that came meanwhile', async (t) => {
    const { dispatch, goUntil, offer, receiver, settings, slots, store } = await start(t, {
      endpoint: { state: 'paused' },
    });
    offer(store.add('a', 'b'));
    assert.deepEqual([slots.out, receiver.seen.length], [0, 0]);
    dispatch.update({ ...settings, state: 'active' });
    await goUntil('the cursor at 2', () => store.cursor.seq === 2);
    dispatch.update({ ...settings, state: 'paused' });
    offer(store.add('a'));
    assert.equal(slots.out, 0);
  });

  test('no more attempts begin than the rate allows', async (t) => {
    const { clock, goUntil, offer, receiver, slots, store } = await start(t, { endpoint: { ratePerSecond: 2 } });
    const startedAt = clock.monotonic();
    offer(store.add('a', 'b', 'c', 'd'));
    await goUntil('two', () => receiver.seen.length === 2 && slots.out === 0);
    assert.ok(clock.monotonic() - startedAt < 500);
    await goUntil('the third', () => receiver.seen.length === 3);
    assert.ok(clock.monotonic() - startedAt >= 500);
    await goUntil('the fourth', () => receiver.seen.length === 4);
    assert.ok(clock.monotonic() - startedAt >= 1_000);
  });

  test('no more attempts run than its concurrency allows', async (t) => {
    const waiting: (() => void)[] = [];
    const { goUntil, offer, slots, store } = await start(t, {
      endpoint: { concurrency: 2 },
      answer: (_request, response) => void waiting.push(() => response.end(OK)),
    });
    offer(store.add('a', 'b', 'c'));
    await goUntil('two', () => waiting.length === 2);
    assert.equal(slots.out, 2);
    waiting.shift()?.();
    await goUntil('the third', () => waiting.length === 2);
    assert.equal(slots.out, 2);
    for (const answer of waiting) answer();
    await goUntil('the cursor at 3', () => store.cursor.seq === 3);
  });

  test('while no slot is free it waits for one in one place, however much is offered', async (t) => {
    const slots = new SpiedSlots(1);
    const other = slots.join(OTHER_APP, () => {});
    slots.take(other);
    const { goUntil, offer, store } = await start(t, { slots });
    offer(store.add(...Array.from({ length: 200 }, (_, i) => `id${i}`)));
    const waiters = slots.waiting.size;
    slots.release(other);
    await goUntil('the cursor at 200', () => store.cursor.seq === 200);
    assert.equal(waiters, 1, 'each offer asked anew, and would be woken before others who wait as long');
  });

  test('a lane that goes and comes back does not use up the room for parked events', async (t) => {
    const store = new FakeStore();
    const waiting = Array.from({ length: 60_000 }, (_, i) => i + 1);
    store.cursor = { lane: LANE, seq: 60_000, doneAhead: [] };
    store.parked.set('a', { userId: 'a', lane: LANE, attempts: 7, nextTryAtMs: undefined, reason: 'status', waiting });
    const { dispatch, goUntil } = await start(t, { store });
    for (let i = 0; i < 3; i += 1) {
      dispatch.dropLane(LANE);
      dispatch.addLanes(store.progress, [LANE]);
    }
    const event = sampleEvent({ seq: 60_001, userId: 'b' });
    store.events.push(event);
    dispatch.offer(event);
    await goUntil('the cursor at 60001', () => store.cursor.seq === 60_001, 2_000);
  });

  test('a lane that is lost is settled no more', async (t) => {
    const answers: (() => void)[] = [];
    const { closeNow, dispatch, goUntil, offer, slots, store } = await start(t, {
      answer: (_request, response) => void answers.push(() => response.end(OK)),
    });
    offer(store.add('a'));
    await goUntil('the request', () => answers.length === 1);
    dispatch.dropLane(LANE);
    answers[0]?.();
    await goUntil('the end of the attempt', () => slots.out === 0);
    await closeNow();
    assert.deepEqual(store.settlements, []);
  });

  test('a close takes back what runs: it costs no attempt, and the cursor stays before it', async (t) => {
    const { closeNow, goUntil, offer, receiver, store } = await start(t, {
      answer: (request, response) => {
        if (seqOf(request) === 2) response.end(OK);
      },
    });
    offer(store.add('a', 'b'));
    await goUntil('the second settled', () => store.cursor.doneAhead.includes(2) && receiver.seen.length === 2);
    await closeNow();
    assert.deepEqual([store.attempts, store.cursor], [['2 1 delivered'], { lane: LANE, seq: 0, doneAhead: [2] }]);
  });

  test('a close waits for what runs, and stores what came of it', async (t) => {
    const answers: (() => void)[] = [];
    const { dispatch, goUntil, offer, store } = await start(t, {
      answer: (_request, response) => void answers.push(() => response.end(OK)),
    });
    offer(store.add('a', 'b'));
    await goUntil('the requests', () => answers.length === 2);
    const closed = dispatch.close(10_000);
    for (const answer of answers) answer();
    await closed;
    assert.equal(store.cursor.seq, 2);
    assert.equal(store.attempts.length, 2);
  });

  test('new settings hold from the next attempt on', async (t) => {
    const other = await httpLoopback(t, (_request, response) => response.end(OK));
    const { dispatch, goUntil, offer, receiver, settings, store } = await start(t);
    offer(store.add('a'));
    await goUntil('the first', () => store.cursor.seq === 1);
    dispatch.update({ ...settings, url: `${other.origin}/new`, token: 'new' });
    offer(store.add('a'));
    await goUntil('the second', () => store.cursor.seq === 2);
    assert.deepEqual([receiver.seen.length, other.seen.length], [1, 1]);
    assert.match(other.seen[0]?.url ?? '', /^\/new\?.*Sign=/);
  });

  test('who rests is tried at once when the settings say otherwise how to send, and waits on if they do not', async (t) => {
    const { clock, dispatch, goUntil, offer, receiver, store } = await start(t, {
      endpoint: { maxAttempts: 100 },
      random: 1, // 5 s of rest after the second attempt
      answer: (request, response) => response.writeHead(request.headers.cure ? 200 : 500).end(OK),
    });
    offer(store.add('a'));
    await goUntil('two attempts', () => store.attempts.length >= 2);
    const [seen, beforeMs] = [receiver.seen.length, clock.monotonic()];
    dispatch.update({ ...dispatch.endpoint, maxAttempts: 99 });
    assert.equal(receiver.seen.length, seen);
    dispatch.update({ ...dispatch.endpoint, headers: { cure: 'yes' } });
    await until(() => receiver.seen.length > seen, { what: () => 'the next attempt' });
    assert.equal(clock.monotonic(), beforeMs, 'no time has passed');
  });

  test('whatever the endpoint answers, every event ends delivered or dead, in order per user, one at a time', async () => {
    const users = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 40, size: 'max' });
    const chances = fc.infiniteStream(fc.nat(9));
    const property = fc.asyncProperty(users, chances, fc.constantFrom(1, 3, 64), async (names, chance, concurrency) => {
      const closers: (() => Promise<void>)[] = [];
      const owner = { after: (close: () => Promise<void>) => closers.unshift(close) } as unknown as TestContext;
      const running = new Map<string, number>();
      const finished: number[] = [];
      let failuresInARow = 0; // an endpoint that fails for ever is none whose events end
      const store = new FakeStore();
      try {
        const { goUntil, offer } = await start(owner, {
          store,
          // a circuit that opens rests for minutes: they pass at once while nothing is under way
          stepMs: 1_000,
          endpoint: { concurrency, maxAttempts: 3 },
          answer: (request, response) => {
            const { userId, seq } = store.events[seqOf(request) - 1] as ChangeEvent;
            const now = (running.get(userId) ?? 0) + 1;
            running.set(userId, now);
            assert.equal(now, 1, `two at a time for ${userId}`);
            setImmediate(() => {
              running.set(userId, 0);
              finished.push(seq);
              const dice = failuresInARow < 5 ? ([...chance.take(1)][0] ?? 0) : 9;
              failuresInARow = dice > 3 ? 0 : failuresInARow + 1;
              if (dice < 3) response.writeHead(500).end();
              else if (dice === 3) response.socket?.resetAndDestroy();
              else response.end(OK);
            });
          },
        });
        offer(store.add(...names));
        await goUntil('all settled', () => store.cursor.seq === names.length && store.parked.size === 0);
        for (const own of Map.groupBy(store.events, ({ userId }) => userId).values()) {
          const seqs = own.map(({ seq }) => seq);
          assert.deepEqual(
            finished.filter((seq) => seqs.includes(seq)),
            finished.filter((seq) => seqs.includes(seq)).toSorted((a, b) => a - b),
          );
        }
        const ends = store.attempts
          .filter((line) => !line.endsWith('failed'))
          .map((line) => Number(line.split(' ')[0]));
        assert.deepEqual(
          ends.toSorted((a, b) => a - b),
          names.map((_, index) => index + 1),
        );
      } finally {
        for (const close of closers) await close();
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });
});
