import assert from 'node:assert/strict';
import type { ChangeEvent } from '../../../src/storage/store.ts';
import { APP, OTHER_APP } from '../../support/samples.ts';
import { type AddCase, countTo } from './given.ts';

/** Reading the log of events. */
export function logCases(add: AddCase): void {
  add('events come in order, above a seq, and no more than asked for', async (given) => {
    const events = await given.announceAll(countTo(9).map(() => 'id1'));
    const lane = given.laneOf('id1');
    for (const [afterSeq, limit] of [
      [0, 3],
      [3, 100],
      [8, 1],
      [9, 5],
      [1_000, 5],
    ] as const) {
      const read = await given.store.readEvents({ sdkAppId: APP, lane, afterSeq, limit });
      assert.deepEqual(read, events.slice(afterSeq, afterSeq + limit), `${limit} after ${afterSeq}`);
    }
  });

  add('a reader sees one app and one lane', async (given) => {
    const users = countTo(20).map((number) => `id${number}`);
    await given.announceAll(users);
    await given.announceAll(['id1'], OTHER_APP);
    for (const lane of given.lanes) {
      const expected = users.filter((userId) => given.laneOf(userId) === lane);
      assert.deepEqual(
        (await given.readLane(lane)).map(({ userId }) => userId),
        expected,
      );
    }
    assert.equal((await given.log(OTHER_APP)).length, 1);
  });

  add('heads are those of the lanes asked for; an app without events has none', async (given) => {
    await given.importUser('id1', OTHER_APP);
    assert.deepEqual(await given.store.readHeads(given.lanes), []);
    const events = await given.announceAll(['id1', 'id1', 'id2', 'id3']);
    await given.announceAll(['id1'], OTHER_APP);
    const expected = Map.groupBy(events, ({ lane }) => lane);
    for (const lane of given.lanes) {
      const heads = (await given.store.readHeads([lane])).filter(({ sdkAppId }) => sdkAppId === APP);
      const seq = expected.get(lane)?.length;
      assert.deepEqual(heads, seq === undefined ? [] : [{ sdkAppId: APP, lane, seq }]);
    }
    const apps = new Set((await given.store.readHeads(given.lanes)).map(({ sdkAppId }) => sdkAppId));
    assert.deepEqual(apps, new Set([APP, OTHER_APP]));
    assert.deepEqual(await given.store.readHeads([]), []);
  });

  add('times never go back from one event of an app to the next, whatever the clock does', async (given) => {
    await given.importUsers(['id1']);
    await given.importUser('id1', OTHER_APP);
    const startMs = given.clock.now();
    const events: ChangeEvent[] = [];
    for (const atMs of [5_000, 2_000, -3_600_000, 4_999, 6_000, 1]) {
      given.clock.jumpTo(startMs + atMs);
      events.push(await given.announce('id1', 'a'));
      if (atMs === -3_600_000) await given.reopen();
    }
    const times = events.map(({ atMs }) => atMs - startMs);
    assert.deepEqual(times, [5_000, 5_000, 5_000, 5_000, 6_000, 6_000]);
    assert.ok(
      events.every(({ body, atMs }) => body.includes(`"EventTime":${atMs},`)),
      'receivers are told the same',
    );
    assert.equal((await given.announce('id1', 'a', OTHER_APP)).atMs, startMs + 1, 'another app has its own time');
  });

  add('a head never lies above what can be read', async (given) => {
    await given.importUser('id1');
    const lane = given.laneOf('id1');
    let isWriting = true;
    const look = async (): Promise<void> => {
      while (isWriting) {
        const [head] = await given.store.readHeads([lane]);
        const seq = head?.seq ?? 0;
        const read = await given.store.readEvents({ sdkAppId: APP, lane, afterSeq: 0, limit: seq + 1 });
        assert.ok(read.length >= seq, `head ${seq}, ${read.length} events`);
        await new Promise(setImmediate);
      }
    };
    const write = async (): Promise<void> => {
      for (const round of countTo(20))
        await Promise.all(countTo(5).map((number) => given.set('id1', `${round} ${number}`)));
      isWriting = false;
    };
    await Promise.all([look(), write()]);
  });

  add('the bounds of a log are its first and last events; an app without events has none', async (given) => {
    await given.importUser('id1', OTHER_APP);
    assert.deepEqual(await given.store.readLogBounds({ sdkAppId: OTHER_APP }), []);
    assert.deepEqual(await given.store.readLogBounds({ sdkAppId: OTHER_APP, fromMs: 0 }), []);
    const events = await given.announceAll(countTo(30).map((number) => `id${number % 9}`));
    for (const [lane, inLane] of Map.groupBy(events, (event) => event.lane)) {
      const bounds = await given.store.readLogBounds({ sdkAppId: APP });
      const expected = { lane, afterSeq: 0, headSeq: inLane.length };
      assert.deepEqual(
        bounds.find((bound) => bound.lane === lane),
        expected,
      );
    }
    assert.deepEqual(await given.store.readLogBounds({ sdkAppId: OTHER_APP }), []);
  });

  add('the bounds since a moment leave out what was before it, and nothing of that moment', async (given) => {
    const events = await given.announceAll(countTo(30).map((number) => `id${number % 9}`));
    for (const index of [0, 1, 14, 29]) {
      for (const [differenceMs, isLeftOut] of [
        [-1, false],
        [0, false],
        [1, true],
      ] as const) {
        const fromMs = (events[index]?.atMs ?? 0) + differenceMs;
        const bounds = await given.store.readLogBounds({ sdkAppId: APP, fromMs });
        const since = new Set(events.slice(isLeftOut ? index + 1 : index));
        for (const event of events) {
          const bound = bounds.find(({ lane }) => lane === event.lane);
          assert.equal(event.seq > (bound?.afterSeq ?? 0), since.has(event), `${event.seq} since ${index}`);
          assert.ok(event.seq <= (bound?.headSeq ?? 0) && (bound?.afterSeq ?? 0) <= (bound?.headSeq ?? 0));
        }
      }
    }
  });

  add('the bounds of a log whose start was removed begin where it begins', async (given) => {
    const events = await given.announceAll(countTo(9).map(() => 'id1'));
    const [fifth, last] = [events[4], events[8]];
    const lane = given.laneOf('id1');
    const bounds = (fromMs?: number) =>
      given.store.readLogBounds({ sdkAppId: APP, ...(fromMs !== undefined && { fromMs }) });
    await given.removeExpired(fifth?.atMs ?? 0);
    const left = [{ lane, afterSeq: 4, headSeq: 9 }];
    assert.deepEqual([await bounds(), await bounds(0), await bounds(fifth?.atMs)], [left, left, left]);
    assert.deepEqual(await bounds(last?.atMs), [{ lane, afterSeq: 8, headSeq: 9 }]);
    const afterLast = (last?.atMs ?? 0) + 1;
    const none = [{ lane, afterSeq: 9, headSeq: 9 }];
    assert.deepEqual(await bounds(afterLast), none);
    await given.removeExpired(afterLast);
    assert.deepEqual([await bounds(), await bounds(0)], [none, none]);
  });

  add('ids are never given twice, even to events of the same moment', async (given) => {
    await given.importUsers(['id1', 'id2']);
    await Promise.all(countTo(50).flatMap((number) => [given.set('id1', number), given.set('id2', number)]));
    const ids = (await given.log()).map(({ eventId }) => eventId);
    assert.equal(new Set(ids).size, 100);
  });
}
