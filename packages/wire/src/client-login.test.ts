import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLoginReply } from './client-login.ts';

test('formatLoginReply: the members without which the SDK does not log in, and whole seconds', () => {
  const login = { a2: 'p1.x.y', tinyId: '144115200093307097', instId: 1001, helloIntervalSeconds: 20 };
  assert.deepEqual(formatLoginReply({ ...login, nowSeconds: 1_795_440_360.999 }), {
    ActionStatus: 'OK',
    ErrorCode: 0,
    ErrorInfo: '',
    A2Key: 'p1.x.y',
    TinyId: '144115200093307097',
    InstId: 1001,
    HelloInterval: 20,
    TimeStamp: 1_795_440_360,
  });
});
