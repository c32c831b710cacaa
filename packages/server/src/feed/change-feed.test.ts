/** The feed over a log in memory, in time that stands still. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { randomFrom, testSeed } from '../../test/support/live/random.ts';
import { LogStore } from '../../test/support/log-store.ts';
import { OTHER_APP, sampleApp } from '../../test/support/samples.ts';
import { until } from '../../test/support/until.ts';
import { Directory } from '../directory.ts';
import type { ChangeEvent, Store } from '../storage/store.ts';
import { ChangeFeed, type FeedQuery, MAX_STREAMS, MAX_STREAMS_PER_APP } from './change-feed.ts';
import { FeedError } from './feed-error.ts';
import type { FeedBatch, FeedStream } from './feed-stream.ts';

const app = sampleApp();

async function begin(t: TestContext, laneCount = 1) {
  const log = new LogStore(laneCount);
  const store = log as unknown as Store;
  const directory = await Directory.load(store);
  const clock = new FakeClock();
  const faults: string[] = [];
  const feed = new ChangeFeed({
    store,
    directory,
    clock,
    log: { error: (_fields: object, name: string) => void faults.push(name) },
  });
  t.after(() => feed.close());
  const announce = (userId: string): ChangeEvent => {
    const event = log.append(userId);
    feed.offer(event);
    return event;
  };
  return { log, directory, clock, feed, faults, announce };
}

/** All pages from there on. */
async function readAll(feed: ChangeFeed, query: FeedQuery, limit: () => number) {
  const events: ChangeEvent[] = [];
  let after = query.after;
  for (;;) {
    const page = await feed.readPage({ ...query, after, limit: limit() });
    for (const { event } of page.changes) events.push(event);
    after = page.nextCursor;
    if (!page.hasMore) return { events, cursor: page.nextCursor };
  }
}

/** Lane by lane, each in the order in which it came. */
function byLane(events: readonly ChangeEvent[], { lanes }: LogStore): readonly ChangeEvent[] {
  return lanes.flatMap((_, lane) => events.filter((event) => event.lane === lane));
}

/** Reads a stream into a list, in the background. */
function collect(stream: FeedStream, onBatch: (batch: FeedBatch) => Promise<void> = async () => {}) {
  const batches: FeedBatch[] = [];
  const done = (async () => {
    for await (const batch of stream.batches()) {
      batches.push(batch);
      await onBatch(batch);
    }
  })();
  return { batches, done, seqs: () => batches.flatMap(({ changes }) => changes.map(({ event }) => event.seq)) };
}

/** Lets second after second go by. */
function untilLater(clock: FakeClock, look: () => boolean, what: string): Promise<unknown> {
  const passing = (): boolean => {
    clock.advance(1_000);
    return look();
  };
  return until(passing, { what: () => what });
}

function kindOf(kind: FeedError['kind']): (error: unknown) => boolean {
  return (error) => error instanceof FeedError && error.kind === kind;
}

describe('change feed: pages', () => {
  for (const laneCount of [1, 4, 256]) {
    test(`give everything once, in the order of its lane (lanes: ${laneCount})`, async (t) => {
      const { log, feed } = await begin(t, laneCount);
      const seed = testSeed();
      const random = randomFrom(seed);
      for (let i = 0; i < 900; i += 1) log.append(`user${random.between(1, 300)}`);
      const limit = () => random.between(1, 150);
      const first = await readAll(feed, { app }, limit);
      assert.deepEqual(byLane(first.events, log), log.all, `seed ${seed}`);
      for (let i = 0; i < 50; i += 1) log.append(`user${random.between(1, 300)}`);
      const rest = await readAll(feed, { app, after: first.cursor }, limit);
      assert.deepEqual(byLane([...first.events, ...rest.events], log), log.all, `seed ${seed}`);
    });
  }

  test('each cursor leads to what follows on its change', async (t) => {
    const { log, feed } = await begin(t, 4);
    for (let i = 0; i < 40; i += 1) log.append(`user${i}`);
    const { changes } = await feed.readPage({ app, limit: 1_000 });
    assert.equal(changes.length, 40);
    for (const [index, { cursor }] of changes.entries()) {
      const { events } = await readAll(feed, { app, after: cursor }, () => 1_000);
      assert.deepEqual(byLane([...changes.slice(0, index + 1).map(({ event }) => event), ...events], log), log.all);
    }
  });

  test('a clock that went back does not change the order of a lane', async (t) => {
    const { log, feed } = await begin(t, 2);
    for (const atMs of [9_000, 8_000, 9_500, 1_000, 7_000]) {
      for (let user = 0; user < 5; user += 1) log.append(`user${user}`, { atMs });
    }
    const { events } = await readAll(feed, { app }, () => 7);
    assert.deepEqual(byLane(events, log), log.all);
  });

  test('now is behind the newest change, and gives a cursor', async (t) => {
    const { log, feed } = await begin(t, 4);
    log.append('ann');
    const page = await feed.readPage({ app, after: 'now', limit: 10 });
    assert.deepEqual([page.changes, page.hasMore], [[], false]);
    const event = log.append('ann');
    const next = await feed.readPage({ app, after: page.nextCursor, limit: 10 });
    assert.deepEqual(
      next.changes.map((change) => change.event),
      [event],
    );
  });

  test('a filter that finds little looks at 5,000 events a page', async (t) => {
    const { log, feed } = await begin(t);
    for (let i = 0; i < 5_001; i += 1) log.append('ann');
    const wanted = log.append('bob');
    const first = await feed.readPage({ app, userId: 'bob', limit: 10 });
    assert.deepEqual([first.changes, first.hasMore], [[], true]);
    const second = await feed.readPage({ app, userId: 'bob', after: first.nextCursor, limit: 10 });
    assert.deepEqual([second.changes.map(({ event }) => event), second.hasMore], [[wanted], false]);
  });

  test('large changes make small pages', async (t) => {
    const { log, feed } = await begin(t);
    for (let i = 0; i < 60; i += 1) log.append('ann', { body: 'x'.repeat(32_000) });
    const page = await feed.readPage({ app, limit: 1_000 });
    assert.ok(page.changes.length >= 30 && page.changes.length < 40 && page.hasMore, `${page.changes.length}`);
  });

  test('what was removed is told, with where the rest begins', async (t) => {
    const { log, feed } = await begin(t, 2);
    for (let i = 0; i < 60; i += 1) log.append(`user${i}`);
    const [first] = (await feed.readPage({ app, limit: 1 })).changes;
    assert.ok(first);
    const lane = first.event.lane;
    log.remove(lane, 1);
    await feed.readPage({ app, after: first.cursor, limit: 1 });
    log.remove(lane, 5);
    const error = await feed.readPage({ app, after: first.cursor, limit: 1 }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof FeedError && error.kind === 'gone' && error.oldestCursor !== undefined);
    const rest = await readAll(feed, { app, after: error.oldestCursor }, () => 10);
    const left = log.lanes.flatMap((events, of) => (of === lane ? events.slice(5) : events));
    assert.deepEqual(byLane(rest.events, log), left);
    // without a cursor one begins at what is there
    assert.deepEqual((await readAll(feed, { app }, () => 10)).events, rest.events);
    await assert.rejects(feed.follow({ app, after: first.cursor }), kindOf('gone'));
  });

  test('a cursor that the log never came to is gone: a backup was put back', async (t) => {
    const { log, feed } = await begin(t);
    log.append('ann');
    const { nextCursor } = await feed.readPage({ app, limit: 10 });
    log.lanes[0]?.pop();
    await assert.rejects(feed.readPage({ app, after: nextCursor, limit: 10 }), kindOf('gone'));
  });

  test('cursors of another app, of its forerunner, of other lanes, and other texts are refused', async (t) => {
    const { log, feed } = await begin(t);
    log.append('ann');
    const other = sampleApp({ sdkAppId: OTHER_APP });
    const { nextCursor } = await feed.readPage({ app, limit: 1 });
    const wide = await (await begin(t, 4)).feed.readPage({ app, limit: 1 });
    await assert.rejects(feed.readPage({ app: other, after: nextCursor, limit: 1 }), kindOf('foreign'));
    await assert.rejects(feed.readPage({ app, after: wide.nextCursor, limit: 1 }), kindOf('foreign'));
    await assert.rejects(feed.readPage({ app, after: 'yesterday', limit: 1 }), kindOf('foreign'));
    const anew = { ...app, createdAtMs: app.createdAtMs + 1 };
    await assert.rejects(feed.readPage({ app: anew, after: nextCursor, limit: 1 }), kindOf('gone'));
  });
});

describe('change feed: streams', () => {
  test('whatever is announced, cut off and held up, each change comes once and in the order of its lane', async (t) => {
    const seed = testSeed();
    const random = randomFrom(seed);
    const { log, feed, clock } = await begin(t, 4);
    log.delay = async () => {
      if (random.next() < 0.3) await nextTurn();
    };
    const seen: ChangeEvent[] = [];
    let after = 'beginning';
    let isWriting = true;
    const write = async (): Promise<void> => {
      for (let i = 0; i < 3_000; i += 1) {
        const event = log.append(`user${random.between(1, 40)}`);
        if (random.next() < 0.8) feed.offer(event);
        if (random.next() < 0.05) clock.advance(random.between(1, 700));
        if (random.next() < 0.1) await nextTurn();
      }
      isWriting = false;
    };
    const read = async (): Promise<void> => {
      while (isWriting || seen.length < log.all.length) {
        const stream = await feed.follow({ app, after });
        let left = random.between(0, 60);
        for await (const { changes, cursor } of stream.batches()) {
          for (const change of changes) {
            seen.push(change.event);
            after = change.cursor;
            left -= 1;
            if (left === 0) break;
          }
          if (left > 0) after = cursor;
          if (left === 0 || (!isWriting && seen.length >= log.all.length)) break;
          if (random.next() < 0.3) await nextTurn();
          if (!isWriting) clock.advance(1_000);
        }
        stream.end('closed');
      }
    };
    await Promise.all([write(), read()]);
    assert.equal(seen.length, log.all.length, `seed ${seed}`);
    assert.deepEqual(byLane(seen, log), log.all, `seed ${seed}`);
  });

  test('what nobody announced comes with the next poll', async (t) => {
    const { log, feed, clock } = await begin(t, 2);
    const { seqs, batches } = collect(await feed.follow({ app }));
    await until(() => batches.length === 1, { what: () => 'the first batch' });
    log.append('ann');
    clock.advance(999);
    await nextTurn();
    assert.deepEqual(seqs(), []);
    clock.advance(1);
    await until(() => seqs().length === 1, { what: () => 'the change' });
  });

  test('a fault of the store while polling is told and got over', async (t) => {
    const { log, feed, clock, faults } = await begin(t);
    const { seqs } = collect(await feed.follow({ app }));
    log.append('ann');
    log.isBroken = true;
    await untilLater(clock, () => faults.length > 0, 'the fault');
    assert.equal(faults[0], 'changes.poll-fault');
    log.isBroken = false;
    await untilLater(clock, () => seqs().length === 1, 'the change');
  });

  test('what is announced is read by all from memory, by who is late from the store', async (t) => {
    const { log, feed, announce } = await begin(t);
    const streams = await Promise.all([1, 2, 3].map(() => feed.follow({ app, after: 'now' })));
    const hold = Promise.withResolvers<void>();
    const quick = streams.slice(1).map((stream) => collect(stream));
    const slow = collect(streams[0] as FeedStream, () => hold.promise);
    for (let i = 0; i < 600; i += 1) announce('ann');
    const expected = log.all.map(({ seq }) => seq);
    await until(() => quick.every(({ seqs }) => seqs().length === 600), { what: () => 'the quick ones' });
    // 512 are kept
    const readsOfQuick = log.reads;
    assert.ok(readsOfQuick <= 4, `${readsOfQuick}`);
    hold.resolve();
    await until(() => slow.seqs().length === 600, { what: () => 'the slow one' });
    for (const { seqs } of [...quick, slow]) assert.deepEqual(seqs(), expected);
  });

  test('what was erased is not sent from memory', async (t) => {
    const { log, feed, announce } = await begin(t);
    const stream = await feed.follow({ app, after: 'now' });
    const hold = Promise.withResolvers<void>();
    const { batches } = collect(stream, () => hold.promise);
    const event = announce('ann');
    log.lanes[0]?.splice(0, 1, { ...event, body: 'erased' });
    feed.forget(app.sdkAppId);
    hold.resolve();
    await until(() => batches.length === 2, { what: () => 'the change' });
    assert.equal(batches[1]?.changes[0]?.event.body, 'erased');
  });

  test('a wake-up while the reader is busy is not missed', async (t) => {
    const { feed, announce } = await begin(t);
    const { seqs } = collect(await feed.follow({ app }), async ({ changes }) => {
      const [first] = changes;
      if (changes.length === 0 || (first && first.event.seq < 20)) {
        announce('ann');
        await nextTurn();
        await nextTurn();
      }
    });
    await until(() => seqs().length === 20, { what: () => `20 changes, got ${seqs().length}` });
  });

  test('a silent stream gives its place every 15 s, past what its filter leaves out', async (t) => {
    const { feed, clock, announce } = await begin(t);
    const { batches } = collect(await feed.follow({ app, userId: 'bob' }));
    await until(() => batches.length === 1, { what: () => 'the place at once' });
    announce('ann');
    await untilLater(clock, () => batches.length === 2, 'the first heartbeat');
    assert.ok(clock.monotonic() >= 15_000, `${clock.monotonic()}`);
    assert.deepEqual(
      batches.map(({ changes }) => changes),
      [[], []],
    );
    assert.notEqual(batches[1]?.cursor, batches[0]?.cursor);
    const { nextCursor } = await feed.readPage({ app, after: 'now', limit: 1 });
    assert.equal(batches[1]?.cursor, nextCursor);
  });

  test('a stream ends when what it is to send next was removed', async (t) => {
    const { log, feed, clock } = await begin(t);
    for (let i = 0; i < 300; i += 1) log.append('ann');
    const hold = Promise.withResolvers<void>();
    const stream = await feed.follow({ app });
    const { done, seqs } = collect(stream, () => hold.promise);
    await nextTurn();
    log.remove(0, 200);
    hold.resolve();
    clock.advance(1);
    await done;
    assert.deepEqual([stream.ending, seqs()], ['cut', []]);
  });

  test('there are as many streams as there may be, and room again when one ends', async (t) => {
    const { feed } = await begin(t);
    const follow = (number: number) => feed.follow({ app: sampleApp({ sdkAppId: app.sdkAppId + number }) });
    const fill = (number: number) => Promise.all(Array.from({ length: MAX_STREAMS_PER_APP }, () => follow(number)));
    const [first] = await fill(0);
    await assert.rejects(follow(0), kindOf('app-full'));
    first?.end('closed');
    first?.end('closed');
    await follow(0);
    await assert.rejects(follow(0), kindOf('app-full'));
    for (let number = 1; number < MAX_STREAMS / MAX_STREAMS_PER_APP; number += 1) await fill(number);
    await assert.rejects(follow(9), kindOf('full'));
  });

  test('a stream of an app that was removed while it was asked for ends at once', async (t) => {
    const { feed } = await begin(t);
    assert.equal((await feed.follow({ app: sampleApp({ sdkAppId: 77 }) })).ending, 'app-deleted');
  });

  test('streams of a removed app end, and those of others go on', async (t) => {
    const { feed, directory } = await begin(t);
    const mine = collect(await feed.follow({ app }));
    const other = await feed.follow({ app: sampleApp({ sdkAppId: OTHER_APP }) });
    await directory.deleteApp(app.sdkAppId);
    await mine.done;
    assert.equal(other.ending, undefined);
  });

  test('close ends all and takes no more', async (t) => {
    const { feed, log, clock } = await begin(t);
    for (let i = 0; i < 500; i += 1) log.append('ann');
    const streams = await Promise.all([1, 2, 3].map(() => feed.follow({ app })));
    const held = collect(streams[0] as FeedStream, () => new Promise(() => {}));
    const read = streams.slice(1).map((stream) => collect(stream));
    await nextTurn();
    await feed.close();
    await Promise.all(read.map(({ done }) => done));
    assert.deepEqual(
      streams.map(({ ending }) => ending),
      ['stopping', 'stopping', 'stopping'],
    );
    assert.ok(held.batches.length >= 1);
    await assert.rejects(feed.follow({ app }), kindOf('stopping'));
    assert.equal(clock.pending, 0, 'no timer is left');
  });
});
