import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { TrustedTime } from './trusted-time.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

function begin(): { clock: FakeClock; time: TrustedTime; startMs: number } {
  const clock = new FakeClock();
  return { clock, time: new TrustedTime(clock, WEEK_MS), startMs: clock.now() };
}

describe('TrustedTime', () => {
  test('goes with a clock that goes on', () => {
    const { clock, time, startMs } = begin();
    for (const ms of [0, 5_000, DAY_MS, 10 * DAY_MS]) {
      clock.advance(ms);
      assert.equal(time.now(), clock.now());
    }
    assert.equal(time.now(), startMs + 11 * DAY_MS + 5_000);
  });

  test('a clock that is a little ahead is believed', () => {
    const { clock, time } = begin();
    clock.jumpTo(clock.now() + 60_000);
    assert.equal(time.now(), clock.now());
  });

  test('a clock set forward is believed when the doubt has lasted long enough', () => {
    const { clock, time, startMs } = begin();
    clock.jumpTo(startMs + 30 * DAY_MS);
    assert.equal(time.now(), startMs);
    clock.advance(WEEK_MS - 1);
    assert.equal(time.now(), startMs + WEEK_MS - 1);
    clock.advance(1);
    assert.equal(time.now(), startMs + 37 * DAY_MS);
    clock.advance(DAY_MS);
    assert.equal(time.now(), startMs + 38 * DAY_MS);
  });

  test('a clock set forward and put right again was never believed', () => {
    const { clock, time, startMs } = begin();
    clock.jumpTo(startMs + 30 * DAY_MS);
    assert.equal(time.now(), startMs);
    clock.advance(DAY_MS);
    clock.jumpTo(startMs + DAY_MS);
    assert.equal(time.now(), startMs + DAY_MS);
    clock.jumpTo(startMs + 30 * DAY_MS);
    clock.advance(WEEK_MS - 1);
    assert.equal(time.now(), startMs + DAY_MS + WEEK_MS - 1, 'the second doubt lasts as long as the first');
  });

  test('a clock set back is believed', () => {
    const { clock, time, startMs } = begin();
    clock.advance(DAY_MS);
    clock.jumpTo(startMs - 30 * DAY_MS);
    assert.equal(time.now(), startMs - 30 * DAY_MS);
  });
});
