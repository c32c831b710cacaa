import assert from 'node:assert/strict';
import type { EndpointCircuit, EndpointEvent } from '../../../src/storage/store.ts';
import { MAX_ENDPOINT_EVENTS } from '../../../src/storage/store.ts';
import { sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, type Given, sampleAttempt } from './given.ts';

const OPEN: EndpointCircuit = { state: 'open', sinceMs: 1_000, reason: 'connect', nextProbeAtMs: 2_000 };

async function start(given: Given): Promise<void> {
  await given.store.createApp(sampleApp());
  await given.store.createEndpoint(sampleEndpoint());
}

/** All pages, newest first. */
async function listEvents(given: Given, limit = 300, endpointId = 'ep_1'): Promise<readonly EndpointEvent[]> {
  const items: EndpointEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await given.store.listEndpointEvents({ endpointId, limit, ...(cursor !== undefined && { cursor }) });
    assert.ok(page.items.length <= limit);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/** Circuits, and what happened to endpoints. */
export function endpointEventCases(add: AddCase): void {
  add('a circuit is stored beside the settings, and an update of these leaves it', async (given) => {
    await start(given);
    await given.store.recordEndpoint({ endpointId: 'ep_1', circuit: OPEN });
    const settings = sampleEndpoint({ timeoutMs: 700 });
    await given.store.updateEndpoint({ ...settings, circuit: { state: 'closed', sinceMs: 9 } });
    const expected = { ...settings, circuit: OPEN };
    assert.deepEqual(await given.store.listEndpoints(), [expected]);
    await given.reopen();
    assert.deepEqual(await given.store.listEndpoints(), [expected]);
    await given.store.recordEndpoint({ endpointId: 'ep_1', circuit: { state: 'closed', sinceMs: 3_000 } });
    assert.deepEqual((await given.store.listEndpoints())[0]?.circuit, { state: 'closed', sinceMs: 3_000 });
  });

  add('what happens to an endpoint is numbered, timed, and given back as it is stored', async (given) => {
    const createdAtMs = given.clock.now();
    await given.store.createApp(sampleApp());
    const told: EndpointEvent[] = [...(await given.store.createEndpoint(sampleEndpoint()))];
    given.clock.advance(1_000);
    told.push(...(await given.store.updateEndpoint(sampleEndpoint({ token: 'new', concurrency: 1, state: 'paused' }))));
    const note = { kind: 'circuit-opened', reason: 'connect', detail: 'why' } as const;
    told.push(...(await given.store.recordEndpoint({ endpointId: 'ep_1', circuit: OPEN, note })));
    const event = { endpointId: 'ep_1', atMs: createdAtMs + 1_000, reason: 'person' };
    assert.deepEqual(told, [
      { ...event, no: 1, atMs: createdAtMs, kind: 'created' },
      { ...event, no: 2, kind: 'updated', detail: 'token, concurrency' },
      { ...event, no: 3, kind: 'paused' },
      { ...event, no: 4, ...note },
    ]);
    assert.deepEqual(await listEvents(given), told.toReversed());
    assert.deepEqual(await listEvents(given, 1), told.toReversed());
    await given.reopen();
    assert.deepEqual(await listEvents(given), told.toReversed());
  });

  add('what changes nothing, or the circuit alone, is no event', async (given) => {
    await start(given);
    assert.deepEqual(await given.store.updateEndpoint(sampleEndpoint()), []);
    assert.deepEqual(await given.store.recordEndpoint({ endpointId: 'ep_1', circuit: OPEN }), []);
    assert.equal((await listEvents(given)).length, 1);
  });

  add('the last 1,000 are kept, and numbers go on', async (given) => {
    await start(given);
    const note = { kind: 'resumed', reason: 'person' } as const;
    const count = MAX_ENDPOINT_EVENTS + 5;
    const records = Array.from({ length: count }, () => given.store.recordEndpoint({ endpointId: 'ep_1', note }));
    await Promise.all(records);
    const numbers = (await listEvents(given)).map(({ no }) => no);
    assert.deepEqual([numbers.length, numbers[0], numbers.at(-1)], [MAX_ENDPOINT_EVENTS, count + 1, 7]);
  });

  add('they are of one endpoint, and go with it', async (given) => {
    await start(given);
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2' }));
    await given.store.deleteEndpoint('ep_1');
    const missing = { name: 'StoreError', kind: 'missing' };
    await assert.rejects(listEvents(given), missing);
    await assert.rejects(given.store.recordEndpoint({ endpointId: 'ep_1', circuit: OPEN }), missing);
    await assert.rejects(given.store.updateEndpoint(sampleEndpoint()), missing);
    await given.store.createEndpoint(sampleEndpoint());
    assert.deepEqual(
      (await listEvents(given)).map(({ kind }) => kind),
      ['created'],
    );
    assert.equal((await listEvents(given, 10, 'ep_2')).length, 1);
  });

  add('a parked user is kept with the attempts that do not count', async (given) => {
    await start(given);
    await given.announceAll(['id1']);
    const lane = given.laneOf('id1');
    const place = { endpointId: 'ep_1', lane, epoch: await given.claim(), seq: 1 };
    const user = { userId: 'id1', lane, attempts: 2, nextTryAtMs: 5, reason: 'connect', waiting: [1] };
    for (const parked of [{ ...user, uncounted: 3 }, { ...user, attempts: 3, uncounted: 4 }, user]) {
      await given.settle(place, { parked: [parked], attempts: [sampleAttempt({ seq: 1, outcome: 'failed' })] });
      await given.reopen();
      assert.deepEqual((await given.store.loadProgress('ep_1')).parked, [parked]);
      place.epoch = await given.claim();
    }
  });
}
