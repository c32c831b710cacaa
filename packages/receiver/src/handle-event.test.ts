import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { APP, SECRET, TOKEN } from '../test/support.ts';
import { createHandler } from './create-handler.ts';
import type { CallbackContext, HandlerOptions } from './handler-options.ts';
import { ManualClock } from './manual-clock.ts';
import { type CallbackParts, signedRequest } from './signed-request.ts';

const KNOWN = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET] } as const;

describe('order', () => {
  async function run(sequences: readonly number[], options: Partial<HandlerOptions> = {}) {
    const seen: unknown[] = [];
    const note =
      (kind: string) =>
      (_: unknown, { sequence, lastSequence }: CallbackContext) =>
        void seen.push([kind, sequence, lastSequence]);
    const clock = new ManualClock();
    const on = { 'Profile.CallbackPortraitSet': note('run') };
    const hooks = { onStale: note('stale'), onGap: note('gap') };
    const receiver = createHandler({ ...KNOWN, clock, on, ...hooks, ...options });
    for (const sequence of sequences) {
      const request = await signedRequest({ ...KNOWN, sequence, webhookId: `evt_${sequence}` });
      assert.equal((await receiver(request)).status, 200);
    }
    return seen;
  }

  test('in order, with a gap, with one that comes late', async () => {
    assert.deepEqual(await run([4, 5, 8, 6, 9]), [
      ['run', 4, undefined],
      ['run', 5, 4],
      ['gap', 8, 5],
      ['run', 8, 5],
      ['stale', 6, 8],
      ['run', 9, 8],
    ]);
  });

  test('without onStale a late one is handled as any other, and its handler can tell', async () => {
    assert.deepEqual(await run([8, 6], { onStale: undefined }), [
      ['run', 8, undefined],
      ['run', 6, 8],
    ]);
  });

  test('samples are not counted', async () => {
    assert.deepEqual(await run([8, 0, 9]), [
      ['run', 8, undefined],
      ['run', undefined, undefined],
      ['run', 9, 8],
    ]);
  });

  test('a gap whose hook fails is handled again, hook and all', async () => {
    let calls = 0;
    const receiver = createHandler({
      ...KNOWN,
      clock: new ManualClock(),
      on: { 'Profile.CallbackPortraitSet': () => undefined },
      onGap: () => {
        calls += 1;
        if (calls === 1) throw new Error('no profile yet');
      },
      onError: () => undefined,
    });
    const statuses = [];
    for (const sequence of [1, 3, 3]) {
      const request = await signedRequest({ ...KNOWN, sequence, webhookId: `evt_${sequence}` });
      statuses.push((await receiver(request)).status);
    }
    assert.deepEqual([statuses, calls], [[200, 500, 200], 2]);
  });
});

describe('keys', () => {
  async function keysOf(parts: readonly Partial<CallbackParts>[]) {
    const keys: (string | undefined)[] = [];
    const note = (_: unknown, { key }: CallbackContext) => void keys.push(key);
    const receiver = createHandler({
      ...KNOWN,
      require: 'token',
      clock: new ManualClock(),
      on: { 'Profile.CallbackPortraitSet': note },
      onUnknown: note,
    });
    for (const part of parts) await receiver(await signedRequest({ ...KNOWN, signingSecrets: [], ...part }));
    return keys;
  }

  test('Portrait: the id. Tencent: a digest of the body, whatever RequestTime says', async () => {
    const twice = [{ nowMs: 1_700_000_000_000 }, { nowMs: 1_700_000_030_000 }];
    const [digest, ...more] = await keysOf(twice);
    assert.match(digest ?? '', /^1400000001:sha256:[0-9a-f]{64}$/);
    assert.deepEqual(more, []);
    assert.deepEqual(await keysOf([{ webhookId: 'evt_9' }, { webhookId: 'evt_9' }]), ['1400000001:evt_9']);
  });

  test('what may rightly come twice, or asks for a decision, has none', async () => {
    const plain = (command: string, more = {}) => ({
      command,
      body: JSON.stringify({ CallbackCommand: command, ...more }),
    });
    const given = [
      plain('Group.CallbackAfterGroupFull'),
      plain('C2C.CallbackBeforeSendMsg', { EventTime: 1 }),
      plain('Sns.CallbackPrevFriendAdd', { EventTime: 1 }),
    ];
    assert.deepEqual(await keysOf([...given, ...given]), Array(6).fill(undefined));
    assert.equal((await keysOf([plain('Group.CallbackAfterGroupFull', { EventTime: 1 })]))[0]?.length, 82);
  });
});
