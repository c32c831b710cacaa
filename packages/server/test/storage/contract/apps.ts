import assert from 'node:assert/strict';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, countTo, type Given, sampleAttempt } from './given.ts';

/** Apps, and what belongs to them. */
export function appCases(add: AddCase): void {
  add('apps are listed by SDKAppID as they were made', async (given) => {
    assert.deepEqual(await given.store.listApps(), []);
    const [later, earlier] = [sampleApp({ sdkAppId: OTHER_APP }), sampleApp({ name: 'first' })];
    await given.store.createApp(later);
    await given.store.createApp(earlier);
    assert.deepEqual(await given.store.listApps(), [earlier, later]);
  });

  add('an SDKAppID is given once', async (given) => {
    await given.store.createApp(sampleApp());
    await assert.rejects(given.store.createApp(sampleApp({ name: 'second' })), { name: 'StoreError', kind: 'exists' });
    assert.deepEqual(await given.store.listApps(), [sampleApp()]);
  });

  add('of two who take the same SDKAppID at the same time one gets it', async (given) => {
    const results = await Promise.allSettled([given.store.createApp(sampleApp()), given.store.createApp(sampleApp())]);
    assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  });

  add('an update replaces an app, and makes none', async (given) => {
    await given.store.createApp(sampleApp());
    const changed = sampleApp({ name: 'changed', administrators: [], customFields: [] });
    await given.store.updateApp(changed);
    assert.deepEqual(await given.store.listApps(), [changed]);
    const unknown = given.store.updateApp(sampleApp({ sdkAppId: OTHER_APP }));
    await assert.rejects(unknown, { name: 'StoreError', kind: 'missing' });
    assert.deepEqual(await given.store.listApps(), [changed]);
  });

  add('deleting an app removes all it had, and nothing of another', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createApp(sampleApp({ sdkAppId: OTHER_APP }));
    for (const sdkAppId of [APP, OTHER_APP]) {
      await given.store.createEndpoint(sampleEndpoint({ endpointId: `ep_${sdkAppId}`, sdkAppId }));
      await given.announceAll(['id1', 'id2', 'id1'], sdkAppId);
    }
    const [event] = await given.log(APP);
    const before = await picture(given, OTHER_APP);
    await given.store.deleteApp(APP);

    const nothing = { apps: [], endpoints: [], profiles: [], log: [], heads: [], deliveries: [] };
    assert.deepEqual(await picture(given, APP), nothing);
    assert.equal(await given.profile('id1'), undefined);
    assert.equal(await given.store.getDelivery(event?.eventId ?? '', `ep_${APP}`), undefined);
    await assert.rejects(given.store.loadProgress(`ep_${APP}`), { name: 'StoreError', kind: 'missing' });
    assert.deepEqual(await picture(given, OTHER_APP), before);
    await given.reopen();
    assert.deepEqual(await picture(given, APP), nothing);
    assert.deepEqual(await picture(given, OTHER_APP), before);
  });

  add('an app of a deleted number starts anew', async (given) => {
    await given.store.createApp(sampleApp());
    await given.announceAll(['id1', 'id2', 'id1']);
    await given.store.deleteApp(APP);
    await given.store.createApp(sampleApp());
    await assert.rejects(given.set('id1', 'Ann'), { name: 'ApiError', code: 40003 });
    const events = await given.announceAll(['id1', 'id2', 'id1', 'id2', 'id1']);
    assert.deepEqual(
      events.map(({ version }) => version),
      [1, 1, 2, 2, 3],
    );
    await given.reopen();
    assert.deepEqual(
      (await given.log()).map(({ eventId }) => eventId).toSorted(),
      events.map(({ eventId }) => eventId).toSorted(),
    );
  });

  add('changes that come while their app is deleted leave nothing behind', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const users = countTo(20).map((number) => `id${number}`);
    await given.announceAll(users);
    let isDeleted = false;
    const deletion = given.store.deleteApp(APP).then(() => {
      isDeleted = true;
    });
    const writers = users.map(async (userId) => {
      while (!isDeleted) await Promise.allSettled([given.set(userId, 'late'), given.importUser(`${userId} late`)]);
    });
    await Promise.all([deletion, ...writers]);

    await given.store.createApp(sampleApp());
    const { profiles, log, heads } = await picture(given, APP);
    assert.deepEqual(
      { profiles: profiles.length, log: log.length, heads: heads.length },
      { profiles: 0, log: 0, heads: 0 },
    );
    const late = countTo(200).map((number) => `id${number}`);
    assert.equal((await given.announceAll(late)).length, late.length);
  });

  add('an app with thousands of rows is deleted whole', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const users = countTo(2_100).map((number) => `id${number}`);
    await given.importUsers(users);
    await Promise.all(users.map((userId) => given.set(userId, 'Ann')));
    const lane = given.laneOf('id1');
    const attempts = (await given.readLane(lane)).map(({ seq }) => sampleAttempt({ seq }));
    await given.settle({ endpointId: 'ep_1', lane, epoch: await given.claim(), seq: attempts.length }, { attempts });
    await given.store.deleteApp(APP);
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const { profiles, log, deliveries } = await picture(given, APP);
    assert.deepEqual([profiles.length, log.length, deliveries.length], [0, 0, 0]);
    await given.announceAll(['id1']);
    assert.deepEqual(
      (await given.deliveries()).map(({ state, attempts: made }) => [state, made.length]),
      [['pending', 0]],
    );
  });
}

/** All that an app has. */
async function picture(
  given: Given,
  sdkAppId: number,
): Promise<Record<'apps' | 'endpoints' | 'profiles' | 'log' | 'heads' | 'deliveries', readonly unknown[]>> {
  const { store } = given;
  return {
    apps: (await store.listApps()).filter((app) => app.sdkAppId === sdkAppId),
    endpoints: (await store.listEndpoints()).filter((endpoint) => endpoint.sdkAppId === sdkAppId),
    profiles: (await store.listProfiles({ sdkAppId, limit: 1_000 })).items,
    log: (await Promise.all(given.lanes.map((lane) => given.readLane(lane, sdkAppId)))).flat(),
    heads: (await store.readHeads(given.lanes)).filter((head) => head.sdkAppId === sdkAppId),
    deliveries: await given.deliveries({ sdkAppId }),
  };
}
