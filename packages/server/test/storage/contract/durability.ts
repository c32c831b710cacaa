import assert from 'node:assert/strict';
import type { Store } from '../../../src/storage/store.ts';
import { APP, LEVEL, ORIGIN, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { deleteUser } from './changes.ts';
import { type AddCase, countTo, type Given, sampleAttempt } from './given.ts';

/** What is left when a store was closed. */
export function durabilityCases(add: AddCase): void {
  add('all that can be read is the same after the store was closed and opened', async (given) => {
    await fill(given);
    const before = await everything(given);
    await given.reopen();
    assert.deepEqual(await everything(given), before);
    await given.reopen();
    assert.deepEqual(await everything(given), before);
  });

  add('counting goes on where it was', async (given) => {
    await given.announceAll(['id1', 'id1']);
    await given.reopen();
    const event = await given.announce('id1', 'Ann');
    assert.deepEqual([event.version, event.seq, event.previousSeq], [3, 3, 2]);
  });

  add('closing finishes what is under way', async (given) => {
    await given.importUser('id1');
    const writes = countTo(1_200).map((number) => given.set('id1', number));
    await given.store.close();
    const versions = (await Promise.all(writes)).map(({ profile }) => profile.version);
    assert.deepEqual(
      versions.toSorted((a, b) => a - b),
      countTo(1_200),
    );
    await given.reopen();
    assert.equal((await given.profile('id1'))?.version, 1_200);
  });

  add('what comes while it closes is refused, and does not keep it open', async (given) => {
    await given.importUser('id1');
    const { store } = given;
    const write = (): Promise<unknown> => given.set('id1', 'Ann');
    const earlier = countTo(600).map(write);
    const closing = store.close();
    await assert.rejects(write(), { name: 'StoreError', kind: 'unavailable' });
    await closing;
    assert.equal((await Promise.allSettled(earlier)).filter(({ status }) => status === 'rejected').length, 0);
  });

  add('it can be closed by two at the same time', async (given) => {
    await given.importUser('id1');
    const writes = countTo(600).map((number) => given.set('id1', number));
    await Promise.all([given.store.close(), given.store.close()]);
    assert.equal((await Promise.all(writes)).length, 600);
    await given.reopen();
    assert.equal((await given.profile('id1'))?.version, 600);
  });

  add('an open store says that it can be read', async (given) => {
    assert.equal(await given.store.check(), undefined);
    await given.reopen();
    assert.equal(await given.store.check(), undefined);
  });

  add('a closed store refuses every call, and closes twice without harm', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const { store } = given;
    await store.close();
    await store.close();
    for (const [name, call] of Object.entries(callsOf(store))) {
      await assert.rejects(call, { name: 'StoreError', kind: 'unavailable' }, name);
    }
    await given.reopen();
    assert.deepEqual(await given.store.listApps(), [sampleApp()]);
  });
}

/** Each method of a store, called. */
function callsOf(store: Store): Record<string, () => Promise<unknown>> {
  const app = sampleApp({ sdkAppId: OTHER_APP });
  const endpoint = sampleEndpoint({ endpointId: 'ep_2' });
  const common = { endpointId: 'ep_1', sdkAppId: APP, lane: 0, epoch: 1, attempts: [], parked: [], unparkedSeqs: [] };
  const settlement = { ...common, unparkedUsers: [], cursor: { lane: 0, seq: 0, doneAhead: [] } };
  const command = { kind: 'import', sdkAppId: APP, userId: 'id1', items: [], origin: ORIGIN, announce: false } as const;
  return {
    check: () => store.check(),
    createApp: () => store.createApp(app),
    updateApp: () => store.updateApp(app),
    deleteApp: () => store.deleteApp(APP),
    listApps: () => store.listApps(),
    createEndpoint: () => store.createEndpoint(endpoint),
    updateEndpoint: () => store.updateEndpoint(endpoint),
    deleteEndpoint: () => store.deleteEndpoint('ep_1'),
    listEndpoints: () => store.listEndpoints(),
    commitChange: () => store.commitChange(command),
    getProfiles: () => store.getProfiles(APP, ['id1']),
    listProfiles: () => store.listProfiles({ sdkAppId: APP, limit: 1 }),
    claimLanes: () => store.claimLanes({ owner: 'node-1', leaseMs: 1_000 }),
    releaseLanes: () => store.releaseLanes('node-1'),
    readHeads: () => store.readHeads([0]),
    readEvents: () => store.readEvents({ sdkAppId: APP, lane: 0, afterSeq: 0, limit: 1 }),
    readTails: () => store.readTails(APP),
    removeExpired: () => store.removeExpired({ sdkAppId: APP, beforeMs: 1 }),
    eraseDeleted: () => store.eraseDeleted(APP),
    loadProgress: () => store.loadProgress('ep_1'),
    settle: () => store.settle(settlement),
    listDeliveries: () => store.listDeliveries({ sdkAppId: APP, limit: 1 }),
    getDelivery: () => store.getDelivery('evt_1_1_0_1', 'ep_1'),
  };
}

async function fill(given: Given): Promise<void> {
  await given.store.createApp(sampleApp({ sdkAppId: OTHER_APP, name: 'other' }));
  await given.store.createApp(sampleApp());
  await given.store.createEndpoint(sampleEndpoint());
  await given.announceAll(['id1', 'id2', 'id1', 'id3', 'id1']);
  await given.announceAll(['id1', 'id9'], OTHER_APP);
  await given.set('id1', [{ tag: LEVEL, value: 4 }]);
  await deleteUser(given, 'id3');
  await given.store.commitChange({ kind: 'revoke', sdkAppId: APP, userId: 'id2' });
  await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2', startFrom: 'now', state: 'paused' }));
  const lane = given.laneOf('id1');
  const parked = [{ userId: 'id1', lane, attempts: 3, nextTryAtMs: 99, reason: 'status', waiting: [1, 2] }];
  const place = { endpointId: 'ep_1', lane, epoch: await given.claim(), seq: 2 };
  const cursor = { lane, seq: 2, doneAhead: [4] };
  await given.settle(place, { cursor, parked, attempts: [sampleAttempt({ seq: 1, outcome: 'failed' })] });
}

async function everything(given: Given): Promise<unknown> {
  const { store } = given;
  const users = ['id1', 'id2', 'id3', 'id9', 'nobody'];
  const apps = [APP, OTHER_APP];
  const byPlace = (a: { lane: number; sdkAppId: number }, b: { lane: number; sdkAppId: number }): number =>
    a.lane - b.lane || a.sdkAppId - b.sdkAppId;
  return {
    apps: await store.listApps(),
    endpoints: await store.listEndpoints(),
    profiles: await Promise.all(apps.map((app) => store.getProfiles(app, users))),
    lists: await Promise.all(apps.map((sdkAppId) => store.listProfiles({ sdkAppId, limit: 100 }))),
    fieldOrder: (await store.getProfiles(APP, users)).map((profile) => profile && Object.keys(profile.fields)),
    heads: (await store.readHeads(given.lanes)).toSorted(byPlace),
    log: await Promise.all(apps.map((app) => given.log(app))),
    progress: await Promise.all(['ep_1', 'ep_2'].map((endpointId) => store.loadProgress(endpointId))),
    deliveries: await Promise.all(apps.map((sdkAppId) => given.deliveries({ sdkAppId }))),
  };
}
