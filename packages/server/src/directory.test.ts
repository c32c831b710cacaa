import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../test/support/samples.ts';
import { Directory, type DirectoryChange } from './directory.ts';
import { StoreError } from './errors.ts';
import type { App, Endpoint, Store } from './storage/store.ts';

/** A store of settings alone, with what it was asked to do. */
function fakeStore({ apps = [], endpoints = [] }: { apps?: App[]; endpoints?: Endpoint[] } = {}) {
  const calls: string[] = [];
  const faults = new Map<string, StoreError>();
  const call = async (name: string): Promise<void> => {
    const fault = faults.get(name.split(' ')[0] ?? '');
    if (fault) throw fault;
    calls.push(name);
  };
  const store = {
    listApps: async () => apps,
    listEndpoints: async () => endpoints,
    createApp: ({ sdkAppId }: App) => call(`createApp ${sdkAppId}`),
    updateApp: ({ sdkAppId }: App) => call(`updateApp ${sdkAppId}`),
    deleteApp: (sdkAppId: number) => call(`deleteApp ${sdkAppId}`),
    createEndpoint: ({ endpointId }: Endpoint) => call(`createEndpoint ${endpointId}`).then(() => []),
    updateEndpoint: ({ endpointId }: Endpoint) => call(`updateEndpoint ${endpointId}`).then(() => []),
    deleteEndpoint: (endpointId: string) => call(`deleteEndpoint ${endpointId}`),
  };
  return { store: store as unknown as Store, calls, faults };
}

const endpoint = (endpointId: string, members: Partial<Endpoint> = {}): Endpoint =>
  sampleEndpoint({ endpointId, ...members });
const names = (endpoints: readonly Endpoint[]): readonly string[] => endpoints.map(({ endpointId }) => endpointId);

describe('Directory', () => {
  test('what is stored is there at once, apps by SDKAppID, endpoints as they were made', async () => {
    const apps = [sampleApp({ sdkAppId: OTHER_APP }), sampleApp()];
    const endpoints = [
      endpoint('ep_late', { createdAtMs: 3 }),
      endpoint('ep_b', { createdAtMs: 1 }),
      endpoint('ep_a', { createdAtMs: 1 }),
      endpoint('ep_other', { createdAtMs: 2, sdkAppId: OTHER_APP }),
    ];
    const directory = await Directory.load(fakeStore({ apps, endpoints }).store);
    assert.deepEqual(directory.apps(), apps.toReversed());
    assert.equal(directory.app(APP), apps[1]);
    assert.equal(directory.app(1), undefined);
    assert.deepEqual(names(directory.endpoints()).toSorted(), ['ep_a', 'ep_b', 'ep_late', 'ep_other']);
    assert.deepEqual(names(directory.endpointsOf(APP)), ['ep_a', 'ep_b', 'ep_late']);
    assert.deepEqual(names(directory.endpointsOf(OTHER_APP)), ['ep_other']);
    assert.deepEqual(directory.endpointsOf(1), []);
    assert.equal(directory.endpoint('ep_b'), endpoints[1]);
    assert.equal(directory.endpoint('ep_none'), undefined);
  });

  test('a change is stored first, then seen, then told', async () => {
    const { store, calls } = fakeStore();
    const directory = await Directory.load(store);
    const told: DirectoryChange[] = [];
    directory.onChange((change) => {
      if (change.kind === 'app') assert.equal(directory.app(change.sdkAppId), change.app);
      else assert.equal(directory.endpoint(change.endpointId), change.endpoint);
      told.push(change);
    });
    const [app, changed] = [sampleApp(), sampleApp({ name: 'changed' })];
    const [made, moved] = [endpoint('ep_1'), endpoint('ep_1', { url: 'https://example.com/' })];
    await directory.createApp(app);
    await directory.updateApp(changed);
    await directory.createEndpoint(made);
    await directory.updateEndpoint(moved);
    assert.deepEqual(directory.endpointsOf(APP), [moved]);
    await directory.deleteEndpoint('ep_1');
    assert.deepEqual(directory.endpointsOf(APP), []);
    await directory.deleteApp(APP);
    assert.deepEqual(directory.apps(), []);
    assert.deepEqual(calls, [
      `createApp ${APP}`,
      `updateApp ${APP}`,
      'createEndpoint ep_1',
      'updateEndpoint ep_1',
      'deleteEndpoint ep_1',
      `deleteApp ${APP}`,
    ]);
    assert.deepEqual(told, [
      { kind: 'app', sdkAppId: APP, app },
      { kind: 'app', sdkAppId: APP, app: changed },
      { kind: 'endpoint', endpointId: 'ep_1', endpoint: made },
      { kind: 'endpoint', endpointId: 'ep_1', endpoint: moved },
      { kind: 'endpoint', endpointId: 'ep_1', endpoint: undefined },
      { kind: 'app', sdkAppId: APP, app: undefined },
    ]);
  });

  test('an app that is deleted takes its endpoints along, each told, and no other', async () => {
    const apps = [sampleApp(), sampleApp({ sdkAppId: OTHER_APP })];
    const endpoints = [endpoint('ep_1'), endpoint('ep_2'), endpoint('ep_other', { sdkAppId: OTHER_APP })];
    const directory = await Directory.load(fakeStore({ apps, endpoints }).store);
    const told: (string | number)[] = [];
    directory.onChange((change) => told.push(change.kind === 'app' ? change.sdkAppId : change.endpointId));
    await directory.deleteApp(APP);
    assert.deepEqual(told, ['ep_1', 'ep_2', APP]);
    assert.deepEqual(names(directory.endpoints()), ['ep_other']);
    assert.deepEqual(directory.apps(), [apps[1]]);
  });

  for (const [name, change] of [
    ['createApp', (directory: Directory) => directory.createApp(sampleApp({ name: 'new' }))],
    ['updateApp', (directory: Directory) => directory.updateApp(sampleApp({ name: 'new' }))],
    ['deleteApp', (directory: Directory) => directory.deleteApp(OTHER_APP)],
    ['createEndpoint', (directory: Directory) => directory.createEndpoint(endpoint('ep_2'))],
    ['updateEndpoint', (directory: Directory) => directory.updateEndpoint(endpoint('ep_1', { url: 'http://b/' }))],
    ['deleteEndpoint', (directory: Directory) => directory.deleteEndpoint('ep_1')],
  ] as const) {
    test(`what the store refuses in ${name} changes nothing and is not told`, async () => {
      const apps = [sampleApp(), sampleApp({ sdkAppId: OTHER_APP })];
      const { store, faults } = fakeStore({ apps, endpoints: [endpoint('ep_1')] });
      const directory = await Directory.load(store);
      directory.onChange(() => assert.fail('told'));
      faults.set(name, new StoreError('full'));
      await assert.rejects(change(directory), { kind: 'full' });
      assert.deepEqual(directory.apps(), apps);
      assert.deepEqual(directory.endpoints(), [endpoint('ep_1')]);
    });
  }

  test('what is not there can not be deleted', async () => {
    const { store, calls } = fakeStore();
    const directory = await Directory.load(store);
    await assert.rejects(directory.deleteApp(APP), { kind: 'missing' });
    await assert.rejects(directory.deleteEndpoint('ep_1'), { kind: 'missing' });
    assert.deepEqual(calls, []);
  });

  test('who takes back his listening hears no more', async () => {
    const directory = await Directory.load(fakeStore().store);
    const heard: string[] = [];
    const stop = directory.onChange(() => heard.push('first'));
    directory.onChange(() => heard.push('second'));
    await directory.createApp(sampleApp());
    stop();
    await directory.updateApp(sampleApp());
    assert.deepEqual(heard, ['first', 'second', 'second']);
  });
});
