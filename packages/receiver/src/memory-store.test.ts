import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testStore } from '../test/store-contract.ts';
import { memoryStore } from './memory-store.ts';

describe('memoryStore', () => {
  testStore(async () => memoryStore());

  test('it forgets the oldest and keeps its size', async () => {
    const store = memoryStore({ maxEntries: 200 });
    const lease = { nowMs: 1, leaseMs: 1 };
    for (let at = 0; at < 1000; at += 1) {
      const callback = { key: `evt_${at}`, change: { user: `u${at}`, sequence: 1 } };
      const begun = await store.begin(callback, lease);
      if (begun.kind === 'begun') await store.complete(callback, begun.claim, 1);
    }
    assert.equal((await store.begin({ key: 'evt_900' }, lease)).kind, 'done');
    assert.equal((await store.begin({ key: 'evt_899' }, lease)).kind, 'begun');
  });
});
