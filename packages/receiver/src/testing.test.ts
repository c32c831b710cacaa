import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { APP, OTHER_SECRET, SECRET, TOKEN } from '../test/support.ts';
import { createHandler } from './create-handler.ts';
import { memoryStore } from './memory-store.ts';
import { nodeHandler } from './node.ts';
import { profilePatch } from './profile-patch.ts';
import { sqliteStore } from './sqlite.ts';
import { createSender, ManualClock, profileBody, signedRequest } from './testing.ts';
import { verify } from './verify.ts';

const KNOWN = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET] } as const;

test('a request is signed as the parts say, and read back as they were', async () => {
  const changed = { nick: 'Ann', gender: 'Gender_Type_Female', level: 3, custom: { Test: 'x' } } as const;
  const body = profileBody({ userId: 'id1', operatorId: 'administrator', atMs: 5, changed });
  const request = await signedRequest({ ...KNOWN, body, nowMs: Date.now(), sequence: 3, attempt: 2, platform: 'Web' });
  const result = await verify(request, KNOWN);
  assert.ok(result.ok && result.event.command === 'Profile.CallbackPortraitSet');
  const { userId, operatorId, atMs } = result.event;
  assert.deepEqual([userId, operatorId, atMs, profilePatch(result.event)], ['id1', 'administrator', 5, changed]);
  const { sequence, attempt, platform } = result.delivery;
  assert.deepEqual([sequence, attempt, platform], [3, 2, 'Web']);
});

test('items can be given as they are, and headers taken away', async () => {
  const changed = [{ tag: 'Tag_Profile_IM_Level', value: 3 }] as const;
  assert.match(profileBody({ userId: 'a', changed }), /\[\{"Tag":"Tag_Profile_IM_Level","Value":3\}\]/);
  const request = await signedRequest({ ...KNOWN, headers: { 'webhook-id': undefined, 'x-mine': '1' } });
  assert.deepEqual([request.headers.get('webhook-id'), request.headers.get('x-mine')], [null, '1']);
  await assert.rejects(signedRequest({ ...KNOWN, signingSecrets: ['x'] }), TypeError);
});

test('any sender that repeats and reorders, to a receiver that fails at times: each change takes effect once', async () => {
  const stores = [() => memoryStore(), () => sqliteStore(new DatabaseSync(':memory:'))];
  const property = fc.asyncProperty(
    fc.constantFrom(...stores),
    fc.constantFrom('given', 'reversed', 'shuffled'),
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    async (makeStore, order, chances, failures) => {
      const random = () => chances.next().value;
      const effects: string[] = [];
      const clock = new ManualClock();
      const receiver = createHandler({
        ...KNOWN,
        clock,
        store: makeStore(),
        onError: () => undefined,
        on: {
          'Profile.CallbackPortraitSet': async ({ userId }, { webhookId }) => {
            await Promise.resolve();
            if (failures.next().value === 0) throw new Error('at times');
            effects.push(`${userId} ${webhookId}`);
          },
        },
      });
      const sender = createSender({ ...KNOWN, deliver: receiver, now: clock.now.bind(clock) });
      const callbacks = ['a', 'b', 'a', 'c', 'a'].map((userId) => sender.change(userId, { nick: 'x' }));
      await sender.sendAll(callbacks, { times: 3, order, random });
      for (const callback of callbacks) await sender.sendUntilTaken(callback, 100);
      assert.deepEqual(effects.sort(), callbacks.map(({ userId, webhookId }) => `${userId} ${webhookId}`).sort());
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test('a sender as Tencent: no headers, and repeats are dropped all the same', async () => {
  const seen: unknown[] = [];
  const clock = new ManualClock();
  const on = {
    'Profile.CallbackPortraitSet': (_: unknown, context: { readonly key: string | undefined }) =>
      void seen.push(context.key),
  };
  const receiver = createHandler({ sdkAppId: APP, token: TOKEN, clock, on });
  const sender = createSender({ ...KNOWN, deliver: receiver, as: 'tencent', now: () => clock.now() });
  const callbacks = [sender.change('a', { nick: '1' }), sender.change('a', { nick: '1' })];
  const attempts = await sender.sendAll(callbacks, { times: 2, oneByOne: true });
  assert.deepEqual([attempts.map(({ ok }) => ok), seen.length], [[true, true, true, true], 2]);
});

test('over HTTP, one by one, delayed; and it gives up at last', async (t) => {
  const seen: number[] = [];
  const receiver = createHandler({
    ...KNOWN,
    on: { 'Profile.CallbackPortraitSet': (_event, { sequence = 0 }) => void seen.push(sequence) },
  });
  const server = createServer(nodeHandler(receiver));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  const sender = createSender({ ...KNOWN, url });
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const callbacks = ['1', '2', '3'].map((nick) => sender.change('a', { nick }));
  const attempts = await sender.sendAll(callbacks, { order: 'reversed', oneByOne: true, pause });
  assert.deepEqual([seen, pauses, attempts.map(({ status }) => status)], [[3, 2, 1], 3, [200, 200, 200]]);

  const stranger = createSender({ ...KNOWN, url, signingSecrets: [OTHER_SECRET] });
  await assert.rejects(stranger.sendUntilTaken(stranger.change('a', {}), 2), /not taken in 2 attempts, at last: 401/);
});

test('a clock stands until it is moved', async () => {
  const clock = new ManualClock(5);
  const { signal } = new AbortController();
  let woken = 0;
  const first = clock.sleep(10, signal).then(() => {
    woken += 1;
  });
  void clock.sleep(20, signal);
  await clock.sleep(1, AbortSignal.abort());
  clock.advance(9);
  assert.deepEqual([clock.now(), clock.sleepers, woken], [14, 2, 0]);
  clock.advance(1);
  await first;
  assert.deepEqual([clock.sleepers, woken], [1, 1]);
});
