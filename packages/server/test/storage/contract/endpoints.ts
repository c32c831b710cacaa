import assert from 'node:assert/strict';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, cursorOf, type Given, sampleAttempt } from './given.ts';

/** Endpoints, and where they begin to read. */
export function endpointCases(add: AddCase): void {
  add('endpoints are listed as they were made', async (given) => {
    await makeApps(given);
    assert.deepEqual(await given.store.listEndpoints(), []);
    const endpoints = [
      sampleEndpoint({ endpointId: 'ep_b', state: 'paused', onDead: 'hold', ratePerSecond: 5 }),
      sampleEndpoint({ endpointId: 'ep_a', sdkAppId: OTHER_APP, payload: 'extended', success: 'any-2xx' }),
      sampleEndpoint({
        endpointId: 'ep_c',
        previousToken: { token: 'old', untilMs: 5 },
        retiringSecrets: [{ secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', untilMs: 6 }],
        tls: { ca: '-----BEGIN CERTIFICATE-----\n', cert: 'b', key: 'c' },
      }),
    ];
    for (const endpoint of endpoints) await given.store.createEndpoint(endpoint);
    assert.deepEqual(await given.store.listEndpoints(), endpoints);
  });

  add('an endpoint id is given once, and only in an app that is there', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const second = given.store.createEndpoint(sampleEndpoint({ url: 'http://127.0.0.1:1/' }));
    await assert.rejects(second, { name: 'StoreError', kind: 'exists' });
    const elsewhere = given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2', sdkAppId: OTHER_APP }));
    await assert.rejects(elsewhere, { name: 'StoreError', kind: 'missing' });
    assert.deepEqual(await given.store.listEndpoints(), [sampleEndpoint()]);
    await assert.rejects(given.store.loadProgress('ep_2'), { name: 'StoreError', kind: 'missing' });
  });

  add('an update replaces the settings, not the progress', async (given) => {
    await makeApps(given);
    await given.store.createEndpoint(sampleEndpoint());
    const [event] = await given.announceAll(['id1', 'id1']);
    const lane = given.laneOf('id1');
    await given.settle({ endpointId: 'ep_1', lane, epoch: await given.claim(), seq: 1 });
    const changed = sampleEndpoint({ url: 'https://example.com/', state: 'paused', signingSecrets: [] });
    await given.store.updateEndpoint(changed);
    assert.deepEqual(await given.store.listEndpoints(), [changed]);
    assert.deepEqual(await given.progress('ep_1'), { seq: event?.seq, doneAhead: [] });
    const unknown = given.store.updateEndpoint(sampleEndpoint({ endpointId: 'ep_2' }));
    await assert.rejects(unknown, { name: 'StoreError', kind: 'missing' });
  });

  add('deleting an endpoint removes its deliveries, and nothing of another', async (given) => {
    await makeApps(given);
    await given.store.createEndpoint(sampleEndpoint());
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2' }));
    const [event] = await given.announceAll(['id1', 'id1']);
    const lane = given.laneOf('id1');
    const epoch = await given.claim();
    const parked = [{ userId: 'id1', lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting: [2] }];
    for (const endpointId of ['ep_1', 'ep_2']) {
      await given.settle({ endpointId, lane, epoch, seq: 2 }, { attempts: [sampleAttempt({ seq: 1 })], parked });
    }
    const kept = await given.store.loadProgress('ep_2');
    await given.store.deleteEndpoint('ep_1');
    assert.deepEqual(await given.store.listEndpoints(), [sampleEndpoint({ endpointId: 'ep_2' })]);
    await assert.rejects(given.store.loadProgress('ep_1'), { name: 'StoreError', kind: 'missing' });
    assert.equal(await given.store.getDelivery(event?.eventId ?? '', 'ep_1'), undefined);
    assert.deepEqual(await given.store.loadProgress('ep_2'), kept);
    assert.deepEqual(
      (await given.deliveries()).map(({ endpointId, state }) => [endpointId, state]),
      [
        ['ep_2', 'retrying'],
        ['ep_2', 'delivered'],
      ],
    );
  });

  add('an endpoint of a deleted id starts without attempts or parked users', async (given) => {
    await makeApps(given);
    await given.store.createEndpoint(sampleEndpoint());
    await given.announceAll(['id1']);
    const lane = given.laneOf('id1');
    const parked = [{ userId: 'id1', lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting: [1] }];
    const attempts = [sampleAttempt({ seq: 1, outcome: 'failed' })];
    await given.settle({ endpointId: 'ep_1', lane, epoch: await given.claim(), seq: 1 }, { attempts, parked });
    await given.store.deleteEndpoint('ep_1');
    await given.store.createEndpoint(sampleEndpoint());
    const { parked: restored } = await given.store.loadProgress('ep_1');
    assert.deepEqual(restored, []);
    assert.deepEqual(
      (await given.deliveries()).map(({ state, attempts: made }) => [state, made]),
      [['pending', []]],
    );
  });

  add('an endpoint can begin now, at the beginning, or at a moment', async (given) => {
    await makeApps(given);
    const users = given.usersOfOneLane(3);
    const events = await given.announceAll([...users, 'elsewhere', ...users]);
    const lane = given.laneOf('id1');
    const inLane = events.filter((event) => event.lane === lane);
    const third = inLane[2]?.atMs ?? 0;
    const begin = (atMs: number): string => new Date(atMs).toISOString();
    const cases = [
      ['now', inLane.length],
      ['beginning', 0],
      [begin(third), 2],
      [begin(third - 1), 2],
      [begin(third + 1), 3],
      [begin(0), 0],
      [begin(given.clock.now() + 86_400_000), inLane.length],
    ] as const;
    for (const [index, [startFrom, seq]] of cases.entries()) {
      const endpointId = `ep_${index}`;
      await given.store.createEndpoint(sampleEndpoint({ endpointId, startFrom }));
      assert.deepEqual(cursorOf(await given.store.loadProgress(endpointId), lane), { seq, doneAhead: [] }, startFrom);
    }
  });

  add('what shares the moment of a start is all sent', async (given) => {
    await makeApps(given);
    await given.announceAll(['id1', 'id1']);
    given.clock.advance(1_000);
    const atMs = given.clock.now();
    for (const value of ['a', 'b', 'c']) await given.announce('id1', value);
    await given.announceAll(['id1']);
    await given.store.createEndpoint(sampleEndpoint({ startFrom: new Date(atMs).toISOString() }));
    assert.equal((await given.progress('ep_1')).seq, 2);
  });

  add('an endpoint of an app without events begins at 0 and misses nothing', async (given) => {
    await makeApps(given);
    for (const startFrom of ['now', 'beginning', '2026-11-23T10:00:00.000Z']) {
      await given.store.createEndpoint(sampleEndpoint({ endpointId: startFrom, startFrom }));
    }
    await given.announceAll(['id1'], OTHER_APP);
    await given.announceAll(['id1']);
    for (const { endpointId } of await given.store.listEndpoints()) {
      assert.equal((await given.progress(endpointId)).seq, 0, endpointId);
    }
    const states = (await given.deliveries({ sdkAppId: APP })).map(({ state }) => state);
    assert.deepEqual(states, ['pending', 'pending', 'pending']);
  });
}

async function makeApps({ store }: Given): Promise<void> {
  await store.createApp(sampleApp());
  await store.createApp(sampleApp({ sdkAppId: OTHER_APP }));
}
