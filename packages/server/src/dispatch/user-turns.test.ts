import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { APP, sampleEvent } from '../../test/support/samples.ts';
import { Backlog } from './backlog.ts';
import { UserTurns } from './user-turns.ts';

/** A lane in which user a has two events and user b one, and turns on it. */
function start() {
  const clock = new FakeClock();
  const backlog = new Backlog(APP);
  backlog.addLanes({ cursors: [], parked: [] }, [0], { nowMs: clock.now(), monotonic: clock.monotonic() });
  const { parked } = backlog;
  const { window } = backlog.lane(0) ?? assert.fail();
  for (const [index, userId] of ['a', 'b', 'a'].entries()) window.push(sampleEvent({ seq: index + 1, userId }), true);
  let releases = 0;
  const turns = new UserTurns({
    backlog,
    clock,
    onRelease: () => {
      releases += 1;
    },
  });
  const stop = new AbortController();
  /** Ask, and tell when the turn is there. */
  const ask = (userId: string, isUrgent: boolean, lane = 0) => {
    const asked = { given: 'waits' as 'waits' | 'turn' | 'none', release: () => {} };
    const answer = turns.take({ lane, userId, isUrgent, signal: stop.signal }).then((turn) => {
      asked.given = turn ? 'turn' : 'none';
      asked.release = turn?.release ?? (() => {});
    });
    return { asked, answer };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { ask, backlog, clock, parked, releases: () => releases, settled, stop, turns, window };
}

describe('UserTurns', () => {
  test('who has nothing to be sent is given at once, and his new events wait', async () => {
    const { ask, settled, window, releases } = start();
    const { asked } = ask('c', false);
    await settled();
    assert.equal(asked.given, 'turn');
    window.push(sampleEvent({ seq: 4, userId: 'c' }), true);
    assert.deepEqual([window.next()?.userId, window.next()?.userId, window.next()], ['a', 'b', undefined]);
    asked.release();
    asked.release();
    assert.equal(window.next()?.seq, 4);
    assert.equal(releases(), 1, 'a second release does nothing');
  });

  test('who is patient comes when nothing of the user waits any more', async () => {
    const { ask, settled, turns, window } = start();
    const { asked } = ask('a', false);
    const first = window.next();
    assert.equal(first?.seq, 1);
    window.finish(first);
    turns.ended('a');
    await settled();
    assert.equal(asked.given, 'waits');
    window.next();
    const second = window.next();
    assert.equal(second?.seq, 3);
    window.finish(second);
    turns.ended('a');
    await settled();
    assert.equal(asked.given, 'turn');
  });

  test('who is urgent comes after what is under way, and before what waits', async () => {
    const { ask, settled, turns, window } = start();
    const first = window.next();
    const { asked } = ask('a', true);
    await settled();
    assert.deepEqual([first?.seq, asked.given], [1, 'waits']);
    window.finish(sampleEvent({ seq: 1, userId: 'a' }));
    turns.ended('a');
    await settled();
    assert.equal(asked.given, 'turn');
    assert.deepEqual([window.next()?.userId, window.next()], ['b', undefined]);
    asked.release();
    assert.equal(window.next()?.seq, 3);
  });

  test('an event that may start but has not waits for who is urgent, and comes first again', async () => {
    const { ask, settled, window } = start();
    const { asked } = ask('a', true);
    await settled();
    assert.equal(asked.given, 'turn');
    assert.deepEqual([window.next()?.userId, window.next()], ['b', undefined]);
    asked.release();
    assert.equal(window.next()?.seq, 1);
  });

  test('one turn at a time: the urgent first, then in the order of asking', async () => {
    const { ask, settled } = start();
    const holder = ask('c', false);
    await holder.answer;
    const waiting = [ask('c', false), ask('c', false), ask('c', true)];
    await settled();
    assert.deepEqual(
      waiting.map(({ asked }) => asked.given),
      ['waits', 'waits', 'waits'],
    );
    holder.asked.release();
    await settled();
    assert.deepEqual(
      waiting.map(({ asked }) => asked.given),
      ['waits', 'waits', 'turn'],
    );
    waiting[2]?.asked.release();
    await settled();
    assert.deepEqual(
      waiting.map(({ asked }) => asked.given),
      ['turn', 'waits', 'turn'],
    );
  });

  test('a parked user counts as running while the turn is held', async () => {
    const { ask, clock, parked, settled } = start();
    const user = parked.add({ userId: 'p', sdkAppId: APP, lane: 0, waiting: [7] });
    user.dueAt = clock.monotonic() + 1_000;
    const { asked } = ask('p', false);
    await settled();
    assert.equal(asked.given, 'turn');
    assert.equal(parked.takeDue(clock.monotonic() + 2_000), undefined);
    asked.release();
    assert.equal(parked.takeDue(clock.monotonic() + 2_000), user);
  });

  test('who is due goes before who is patient, not before who is urgent', async () => {
    const { ask, parked, settled } = start();
    parked.add({ userId: 'p', sdkAppId: APP, lane: 0, waiting: [7] });
    const patient = ask('p', false);
    const urgent = ask('p', true);
    await settled();
    assert.deepEqual([patient.asked.given, urgent.asked.given], ['waits', 'turn']);
  });

  test('nobody waits longer than his signal, for a lane that is not here, or for what is closed', async () => {
    const { ask, backlog, settled, stop, turns } = start();
    await ask('c', true).answer;
    assert.equal(ask('c', true, 7).asked.given, 'waits');
    const other = ask('x', true, 7);
    await other.answer;
    assert.equal(other.asked.given, 'none');
    const lost = ask('c', true);
    backlog.dropLane(0);
    turns.recheck();
    await lost.answer;
    assert.equal(lost.asked.given, 'none');
    const { ask: askAgain, turns: others, stop: stopOthers } = start();
    await askAgain('c', true).answer;
    const closed = askAgain('c', true);
    others.close();
    await closed.answer;
    const aborted = askAgain('c', true);
    stopOthers.abort();
    await aborted.answer;
    const late = askAgain('c', true);
    await late.answer;
    assert.deepEqual(
      [closed, aborted, late].map(({ asked }) => asked.given),
      ['none', 'none', 'none'],
    );
    stop.abort();
    await settled();
  });
});
