import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleEndpoint, sampleEvent } from '../../test/support/samples.ts';
import { Activity } from './activity.ts';
import type { EndedPost } from './attempt-listener.ts';
import type { DeliveryUpdate } from './delivery-update.ts';

const EVENT = sampleEvent({ seq: 3, userId: 'ann' });

function follow(activity: Activity): { updates: DeliveryUpdate[]; closed: () => number; unfollow: () => void } {
  const updates: DeliveryUpdate[] = [];
  let closed = 0;
  const unfollow = activity.follow(EVENT.sdkAppId, {
    onUpdates: (told) => updates.push(...told),
    onGap: () => undefined,
    onClose: () => {
      closed += 1;
    },
  });
  return { updates, closed: () => closed, unfollow };
}

function post(outcome: EndedPost['attempt']['outcome'], more: Partial<EndedPost> = {}): EndedPost {
  const attempt = {
    seq: 3,
    number: 1,
    atMs: 0,
    durationMs: 1,
    outcome,
    ...(outcome !== 'delivered' && { reason: 'status' }),
  };
  return { endpoint: sampleEndpoint(), event: EVENT, attempt, isResend: false, ...more };
}

test('a change is one new delivery for each endpoint, or one that goes nowhere', () => {
  const off = sampleEndpoint({ endpointId: 'ep_2', commands: [] });
  const activity = new Activity(() => [sampleEndpoint(), off]);
  const seen = follow(activity);
  activity.changed(EVENT);
  assert.deepEqual(
    seen.updates.map(({ endpointId, state, userId, sequence, tags }) => [endpointId, state, userId, sequence, tags]),
    [
      ['ep_1', 'pending', 'ann', 3, ['Tag_Profile_IM_Nick']],
      ['ep_2', 'skipped', 'ann', 3, ['Tag_Profile_IM_Nick']],
    ],
  );
  const nowhere = new Activity(() => []);
  const alone = follow(nowhere);
  nowhere.changed(EVENT);
  assert.deepEqual(
    alone.updates.map(({ endpointId, state }) => [endpointId, state]),
    [[null, 'skipped']],
  );
});

test('an attempt gives its delivery a state; of what is sent again only the good news count', () => {
  const activity = new Activity(() => [sampleEndpoint()]);
  const { updates } = follow(activity);
  activity.attempted(post('failed'));
  activity.attempted(post('dead'));
  activity.attempted(post('dead', { endpoint: sampleEndpoint({ onDead: 'hold' }) }));
  activity.attempted(post('dead', { isResend: true }));
  activity.attempted(post('delivered', { isResend: true }));
  assert.deepEqual(
    updates.map(({ state, reason }) => [state, reason]),
    [
      ['retrying', 'status'],
      ['dead', 'status'],
      ['held', 'status'],
      ['delivered', undefined],
    ],
  );
});

test('who goes hears nothing more, and all are told of the end', async () => {
  const activity = new Activity(() => [sampleEndpoint()]);
  const gone = follow(activity);
  const here = follow(activity);
  gone.unfollow();
  activity.changed(EVENT);
  await activity.close();
  assert.deepEqual([gone.updates.length, gone.closed(), here.updates.length, here.closed()], [0, 0, 1, 1]);
  assert.equal(follow(activity).closed(), 1, 'whoever comes later is told at once');
});
