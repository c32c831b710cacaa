import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { httpLoopback } from '../../../test/support/loopback.ts';
import { sampleEndpoint, sampleEvent } from '../../../test/support/samples.ts';
import type { Log } from '../../log.ts';
import { Metrics } from '../../metrics.ts';
import type { ChangeEvent, Store } from '../../storage/store.ts';
import { addressRule, LOOPBACK_NETWORKS } from '../addresses.ts';
import type { EndpointTurn } from '../endpoint-dispatch.ts';
import type { TurnRequest } from '../user-turns.ts';
import { Redeliverer } from './redeliver.ts';

const EVENT = sampleEvent({ seq: 1 });

const silent: Log = {
  isLevelEnabled: () => false,
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
};

/** @param takeTurn  how turns are given */
function make(
  takeTurn: (endpointId: string, request: TurnRequest) => Promise<EndpointTurn | undefined>,
  event: ChangeEvent = EVENT,
) {
  const clock = new FakeClock();
  const stored: unknown[] = [];
  const store = {
    readStand: async () => ({ event, state: 'dead', lastNumber: 7 }),
    recordRedelivery: async (redelivery: unknown) => void stored.push(redelivery),
  } as unknown as Store;
  const rule = addressRule(LOOPBACK_NETWORKS);
  const shared = {
    store,
    clock,
    log: silent,
    metrics: new Metrics(),
    random: () => 0,
    rule,
    version: '1',
    onAttempt() {},
  };
  return { clock, stored, redeliverer: new Redeliverer({ ...shared, takeTurn, epochOf: () => 3, share: () => 1 }) };
}

/** Gives turns, and counts those that were given back. */
function turnsOf(): { give: () => Promise<EndpointTurn>; released: () => number } {
  let released = 0;
  const release = (): void => {
    released += 1;
  };
  return { give: async () => ({ next: undefined, settleNext: async () => {}, release }), released: () => released };
}

test('the user’s turn is waited for 10 s, urgently', async () => {
  const requests: TurnRequest[] = [];
  const { clock, redeliverer } = make((_endpointId, request) => {
    requests.push(request);
    return new Promise((resolve) => request.signal.addEventListener('abort', () => resolve(undefined)));
  });
  const result = redeliverer.redeliver(sampleEndpoint(), EVENT);
  clock.advance(9_999);
  assert.deepEqual(
    requests.map(({ userId, isUrgent, signal }) => [userId, isUrgent, signal.aborted]),
    [['id1', true, false]],
  );
  clock.advance(1);
  assert.deepEqual(await result, { kind: 'busy' });
  assert.equal(clock.pending, 0);
});

test('more than 16 at a time are asked to come again', async () => {
  const gate = Promise.withResolvers<undefined>();
  const { redeliverer } = make(() => gate.promise);
  const first = Array.from({ length: 16 }, () => redeliverer.redeliver(sampleEndpoint(), EVENT));
  assert.deepEqual(await redeliverer.redeliver(sampleEndpoint(), EVENT), { kind: 'busy' });
  gate.resolve(undefined);
  await Promise.all(first);
});

test('an event whose values were erased is not sent, and the turn is given back', async () => {
  const turns = turnsOf();
  const erased = { ...EVENT, isErased: true } as const;
  const { redeliverer, stored } = make(turns.give, erased);
  assert.deepEqual(await redeliverer.redeliver(sampleEndpoint(), erased), { kind: 'erased' });
  assert.deepEqual([turns.released(), stored], [1, []]);
});

test('what comes of it is stored under the lane’s epoch with the next number', async (t) => {
  const turns = turnsOf();
  const { redeliverer, stored } = make(turns.give);
  const receiver = await httpLoopback(t, (_request, response) => response.writeHead(500).end('no'));
  const endpoint = sampleEndpoint({ url: receiver.origin });
  assert.deepEqual(await redeliverer.redeliver(endpoint, EVENT), { kind: 'sent' });
  const [{ attempts, ...place }] = stored as [{ attempts: { number: number; outcome: string }[] }];
  assert.deepEqual(place, { endpointId: 'ep_1', lane: 0, epoch: 3 });
  assert.deepEqual(
    attempts.map(({ number, outcome }) => [number, outcome]),
    [[8, 'dead']],
  );
  assert.equal(turns.released(), 1);
});
