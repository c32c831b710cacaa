import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CircuitFailures } from './circuit-failures.ts';

const ours = (userId: string) => ({ userId, isEndpointFault: true, what: 'connect' });
const his = (userId: string) => ({ userId, isEndpointFault: false, what: 'status 500' });

/** Attempts at their times: `user` = a fault of the endpoint, `user!` = a failure that may be the event's, empty = delivered. */
function firstDown(attempts: readonly (readonly [now: number, who: string])[], isTrial = false): number | undefined {
  const failures = new CircuitFailures();
  for (const [index, [now, who]] of attempts.entries()) {
    if (who === '') failures.delivered(now);
    else if (failures.failed(who.endsWith('!') ? his(who) : ours(who), now, isTrial) !== undefined) return index + 1;
  }
  return undefined;
}

const times = (count: number, everyMs: number, who: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => [index * everyMs, who(index)] as const);

describe('CircuitFailures', () => {
  for (const { name, attempts, isTrial, at } of [
    { name: 'five faults of one user over a second', attempts: times(9, 250, () => 'a'), at: 5 },
    { name: 'five faults hours apart', attempts: times(9, 3_600_000, () => 'a'), at: 5 },
    { name: 'ten faults at once', attempts: times(20, 0, () => 'a'), at: 10 },
    { name: 'five faults at once on trial', attempts: times(20, 0, () => 'a'), isTrial: true, at: 5 },
    {
      name: 'four faults between deliveries',
      attempts: times(500, 300, (i) => (i % 5 === 4 ? '' : 'a')),
      at: undefined,
    },
    { name: 'a thousand failures of one event', attempts: times(1_000, 100, () => 'a!'), at: undefined },
    { name: 'failures of four users', attempts: times(1_000, 100, (i) => `${i % 4}!`), at: undefined },
    {
      name: 'failures of five users in a row, hours apart',
      attempts: times(50, 3_600_000, (i) => `${i % 5}!`),
      at: 10,
    },
    {
      name: 'one event that fails among others that do not',
      attempts: times(99, 9, (i) => (i % 2 ? '' : 'a!')),
      at: undefined,
    },
    {
      name: 'every other attempt of five users or more',
      attempts: times(99, 9, (i) => (i % 2 ? '' : `${i}!`)),
      at: 11,
    },
    { name: 'the same, but slowly', attempts: times(500, 2_000, (i) => (i % 2 ? '' : `${i}!`)), at: undefined },
    { name: 'every third attempt', attempts: times(999, 9, (i) => (i % 3 ? '' : `${i}!`)), at: undefined },
    {
      name: 'an hour of deliveries, then failures among few deliveries',
      attempts: [
        ...Array.from({ length: 3_600 }, (_, i) => [i * 1_000, ''] as const),
        ...Array.from({ length: 60 }, (_, i) => [3_620_000 + i * 100, i % 3 ? `${i}!` : ''] as const),
      ],
      at: 3_600 + 11,
    },
  ]) {
    test(`${name}: ${at === undefined ? 'up' : `down at the ${at}th`}`, () => {
      assert.equal(firstDown(attempts, isTrial), at);
    });
  }

  test('says what was seen', () => {
    const failures = new CircuitFailures();
    let said: string | undefined;
    for (let i = 0; i < 5; i += 1) said = failures.failed(ours('a'), i * 300, false);
    assert.equal(said, '5 attempts failed in a row (users: 1); the last: connect');
    failures.clear();
    for (let i = 0; i < 11; i += 1) {
      if (i % 2 === 0) said = failures.failed(his(`${i}`), i * 300, false);
      else failures.delivered(i * 300);
    }
    assert.equal(said, '6 of 11 attempts failed in 10 s (5 users or more); the last: status 500');
  });
});
