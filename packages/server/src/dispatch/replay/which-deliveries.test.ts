import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALLBACK_PORTRAIT_SET } from '@portrait/wire';
import { sampleEndpoint, sampleEvent } from '../../../test/support/samples.ts';
import { DELIVERY_STATES } from '../../storage/store.ts';
import { isClosed, judgeCandidate, obstacleOf } from './which-deliveries.ts';

const COMMAND = CALLBACK_PORTRAIT_SET;

test('what is settled is sent, what is still to come is left out', () => {
  const verdicts = DELIVERY_STATES.map((state) => [
    state,
    judgeCandidate(undefined, sampleEndpoint(), { state, command: COMMAND }),
  ]);
  assert.deepEqual(Object.fromEntries(verdicts), {
    pending: 'skip',
    retrying: 'skip',
    waiting: 'skip',
    held: 'skip',
    delivered: 'send',
    dead: 'send',
    skipped: 'send',
  });
});

test('of a state that was not asked for nothing is counted', () => {
  const verdictOf = (state: (typeof DELIVERY_STATES)[number]) =>
    judgeCandidate('dead', sampleEndpoint(), { state, command: COMMAND });
  assert.deepEqual([verdictOf('dead'), verdictOf('delivered'), verdictOf('pending')], ['send', 'other', 'other']);
});

test('what the endpoint does not want now, and what was erased, is not sent', () => {
  const other = sampleEndpoint({ commands: ['Other.Command'] });
  assert.equal(judgeCandidate(undefined, other, { state: 'dead', command: COMMAND }), 'skip');
  const dead = { ...sampleEvent({ seq: 1 }), state: 'dead' } as const;
  const erased = { ...dead, isErased: true } as const;
  assert.equal(judgeCandidate('dead', sampleEndpoint(), erased), 'skip');
  assert.equal(judgeCandidate('dead', sampleEndpoint(), dead), 'send');
});

test('a paused endpoint and a circuit that is not closed stand against sending', () => {
  const now = 100_000;
  assert.equal(obstacleOf(sampleEndpoint(), now), undefined);
  assert.equal(obstacleOf(sampleEndpoint({ state: 'paused' }), now), 'paused');
  for (const [state, expected] of [
    ['open', 'circuit'],
    ['half-open', 'circuit'],
    ['closed', undefined],
  ] as const) {
    assert.equal(obstacleOf(sampleEndpoint({ circuit: { state, sinceMs: 0 } }), now), expected);
  }
});

test('an open circuit whose probe is long overdue has nothing to probe with: a replay may see whether it is back', () => {
  const circuit = { state: 'open', sinceMs: 0, nextProbeAtMs: 100_000 } as const;
  const endpoint = sampleEndpoint({ circuit });
  assert.deepEqual(
    [99_000, 105_000, 105_001].map((now) => obstacleOf(endpoint, now)),
    ['circuit', 'circuit', undefined],
  );
  assert.equal(isClosed(endpoint), false);
  assert.equal(isClosed(sampleEndpoint()), true);
});
