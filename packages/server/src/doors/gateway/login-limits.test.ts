import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { LoginLimits } from './login-limits.ts';

const PER_SECOND = 200;

function takeMany(limits: LoginLimits, address: string, count: number): number {
  return Array.from({ length: count }, () => limits.take(address)).filter((isFine) => isFine).length;
}

describe('LoginLimits', () => {
  test('everybody behind one router may come back at once, then 200 a second', () => {
    const clock = new FakeClock();
    const limits = new LoginLimits(clock);
    assert.equal(takeMany(limits, '203.0.113.1', 300), PER_SECOND);
    clock.advance(100);
    assert.equal(takeMany(limits, '203.0.113.1', 300), PER_SECOND / 10);
    clock.advance(3_600_000);
    assert.equal(takeMany(limits, '203.0.113.1', 300), PER_SECOND);
  });

  test('another address is not held up', () => {
    const limits = new LoginLimits(new FakeClock());
    takeMany(limits, '203.0.113.1', 300);
    assert.equal(takeMany(limits, '203.0.113.2', 300), PER_SECOND);
  });

  test('a wall clock that is set changes nothing', () => {
    const clock = new FakeClock();
    const limits = new LoginLimits(clock);
    takeMany(limits, '203.0.113.1', 300);
    clock.jumpTo(clock.now() + 86_400_000);
    assert.equal(limits.take('203.0.113.1'), false);
  });

  test('of addresses beyond 10,000 the longest silent is forgotten', () => {
    const limits = new LoginLimits(new FakeClock());
    takeMany(limits, 'first', PER_SECOND);
    takeMany(limits, 'second', PER_SECOND);
    for (let n = 2; n < 10_000; n += 1) limits.take(`address ${n}`);
    assert.equal(limits.take('first'), false, 'not forgotten yet');
    limits.take('one more');
    assert.deepEqual([limits.take('first'), limits.take('second')], [false, true]);
  });
});
