import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandRow } from '@portrait/wire';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { sampleApp } from '../../test/support/samples.ts';
import { CallLimits } from './call-limits.ts';

const COMMAND = { command: 'portrait_set', rateShare: 1 } as CommandRow;

/** Calls of one moment that pass. */
function passed(limits: CallLimits, calls: number): number {
  const app = sampleApp({ rateLimitPerSecond: 100 });
  return Array.from({ length: calls }).filter(() => {
    try {
      limits.take(app, COMMAND);
      return true;
    } catch {
      return false;
    }
  }).length;
}

test('an app’s limit is shared by the nodes that answer, as many as there are now', () => {
  const clock = new FakeClock();
  let nodes = 1;
  const limits = new CallLimits(clock, () => nodes);
  assert.equal(passed(limits, 200), 100);
  nodes = 4;
  assert.equal(passed(limits, 200), 25, 'another share is another bucket');
  clock.advance(1_000);
  assert.equal(passed(limits, 200), 25);
});
