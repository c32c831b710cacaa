import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import vectors from '../vectors/client-frames.json' with { type: 'json' };
import { formatPushFrame } from './client-frame.ts';
import { formatKickNotice, formatKickPush, formatProfilePush, type KickType } from './client-push.ts';

describe('formatProfilePush', () => {
  for (const { name, userId, items, frame } of vectors.pushes) {
    test(name, () => {
      const { seq } = frame.head;
      assert.deepEqual(JSON.parse(formatPushFrame(formatProfilePush(userId, items), seq)), frame);
    });
  }
});

describe('formatKickPush', () => {
  for (const { name, kickType, by, frame } of vectors.kicks) {
    test(name, () => {
      const push = formatKickPush(formatKickNotice(kickType as KickType, by));
      assert.deepEqual(JSON.parse(formatPushFrame(push, frame.head.seq)), frame);
    });
  }
});

test('formatKickNotice: of the session that took the place, number and platform are told, no more', () => {
  const by = { instId: 2, platform: 'iOS', clientIp: '203.0.113.9' };
  assert.deepEqual(formatKickNotice(2, by), { KickType: 2, NewInstInfo: { InstId: 2, Platform: 'iOS' } });
  assert.deepEqual(formatKickNotice(3), { KickType: 3 });
});
