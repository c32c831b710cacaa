import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleEvent } from '../../test/support/samples.ts';
import { StoreError } from '../errors.ts';
import type { CommittedChange, ProfileCommand, Store } from '../storage/store.ts';
import { commitChange } from './commit.ts';

const command: ProfileCommand = { kind: 'revoke', sdkAppId: 1_400_000_001, userId: 'id1' };

function storeThat(commit: () => Promise<CommittedChange>): Store {
  return { commitChange: commit } as unknown as Store;
}

describe('commitChange', () => {
  const profile = { userId: 'id1' } as CommittedChange['profile'];

  test('a change is announced with its command after it is durable', async () => {
    const announced: unknown[] = [];
    const stored = Promise.withResolvers<CommittedChange>();
    const change = { profile, event: sampleEvent({ seq: 1 }) };
    const store = storeThat(() => stored.promise);
    const committed = commitChange(command, { store, announce: (...told) => announced.push(told) });
    await Promise.resolve();
    assert.deepEqual(announced, []);
    stored.resolve(change);
    assert.deepEqual(await committed, change);
    assert.deepEqual(announced, [[change, command]]);
  });

  test('what the store could not write is not announced', async () => {
    const announce = (): void => assert.fail('announced');
    const store = storeThat(() => Promise.reject(new StoreError('full')));
    await assert.rejects(commitChange(command, { store, announce }), { kind: 'full' });
  });
});
