import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleEndpoint } from '../../test/support/samples.ts';
import type { Attempt } from './store.ts';
import { type DeliveryFacts, type Why, whyNotDelivered } from './why.ts';

const FAILED: Attempt = { seq: 1, number: 1, atMs: 1, outcome: 'failed', reason: 'timeout', durationMs: 1 };
const REFUSED: Attempt = { ...FAILED, reason: 'address-refused', detail: '10.0.0.1 is private' };
const PAUSED = sampleEndpoint({ state: 'paused' });
const OPEN = sampleEndpoint({ circuit: { state: 'open', sinceMs: 5 } });
const CLOSED = sampleEndpoint({ circuit: { state: 'closed', sinceMs: 5 } });
const RETRYING = { eventId: 'evt_1', sequence: 3, state: 'retrying' } as const;
const HELD = { ...RETRYING, state: 'held' } as const;

function facts(members: Partial<DeliveryFacts>): DeliveryFacts {
  return {
    state: 'pending',
    endpoint: sampleEndpoint(),
    command: 'Profile.CallbackPortraitSet',
    lastAttempt: undefined,
    isBeforeStart: false,
    isErased: false,
    ahead: 0,
    blocker: undefined,
    ...members,
  };
}

const CASES: readonly [name: string, facts: Partial<DeliveryFacts>, why: Why | undefined][] = [
  ['delivered', { state: 'delivered', lastAttempt: { ...FAILED, outcome: 'delivered' } }, undefined],
  ['next', {}, { code: 'queued', ahead: 0 }],
  ['in the queue', { ahead: 9 }, { code: 'queued', ahead: 9 }],
  [
    'in the queue of a slow endpoint',
    { ahead: 9, endpoint: sampleEndpoint({ ratePerSecond: 5 }) },
    { code: 'rate', ahead: 9, perSecond: 5 },
  ],
  ['next at a slow endpoint', { endpoint: sampleEndpoint({ ratePerSecond: 5 }) }, { code: 'queued', ahead: 0 }],
  ['pending and paused', { ahead: 9, endpoint: PAUSED }, { code: 'paused' }],
  ['pending, circuit open', { endpoint: OPEN }, { code: 'circuit-open', sinceMs: 5 }],
  ['pending, circuit closed', { endpoint: CLOSED }, { code: 'queued', ahead: 0 }],
  ['waiting', { state: 'waiting', blocker: RETRYING }, { code: 'waits-behind', blocker: RETRYING }],
  ['waiting and paused', { state: 'waiting', blocker: RETRYING, endpoint: PAUSED }, { code: 'paused' }],
  [
    'waiting behind one who is held and paused',
    { state: 'waiting', blocker: HELD, endpoint: PAUSED },
    { code: 'waits-behind', blocker: HELD },
  ],
  ['retrying', { state: 'retrying', lastAttempt: FAILED }, { code: 'retrying', reason: 'timeout' }],
  ['retrying, not tried yet', { state: 'retrying' }, { code: 'queued', ahead: 0 }],
  ['retrying and paused', { state: 'retrying', lastAttempt: FAILED, endpoint: PAUSED }, { code: 'paused' }],
  ['held', { state: 'held', lastAttempt: FAILED, endpoint: PAUSED }, { code: 'held', reason: 'timeout' }],
  ['dead', { state: 'dead', lastAttempt: FAILED }, { code: 'dead', reason: 'timeout' }],
  [
    'dead for its address',
    { state: 'dead', lastAttempt: REFUSED },
    { code: 'address-refused', rule: '10.0.0.1 is private' },
  ],
  [
    'retrying for its address',
    { state: 'retrying', lastAttempt: REFUSED },
    { code: 'address-refused', rule: '10.0.0.1 is private' },
  ],
  ['older than the endpoint', { state: 'skipped', isBeforeStart: true }, { code: 'before-start' }],
  ['erased', { state: 'skipped', isErased: true }, { code: 'erased' }],
  ['erased after it was delivered', { state: 'delivered', isErased: true }, undefined],
  ['command off', { state: 'skipped' }, { code: 'command-off', command: 'Profile.CallbackPortraitSet' }],
];

describe('why it is not delivered', () => {
  for (const [name, given, why] of CASES) {
    test(name, () => assert.deepEqual(whyNotDelivered(facts(given)), why));
  }
});
