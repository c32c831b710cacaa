import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { APP, SECRET, TOKEN } from '../test/support.ts';
import type { CallbackStore } from './callback-store.ts';
import { createHandler } from './create-handler.ts';
import { type CallbackContext, type HandlerOptions, LateError } from './handler-options.ts';
import { ManualClock } from './manual-clock.ts';
import { memoryStore } from './memory-store.ts';
import { type CallbackParts, signedRequest } from './signed-request.ts';

const KNOWN = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET] } as const;

/** A receiver whose handler ends when the test says so. */
function slow(options: Partial<HandlerOptions> = {}) {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const runs: { end(): void; fail(error: Error): void; context: CallbackContext }[] = [];
  const receiver = createHandler({
    ...KNOWN,
    clock,
    onError: (error) => void errors.push(error),
    on: {
      'Profile.CallbackPortraitSet': (_event, context) =>
        new Promise<void>((end, fail) => {
          runs.push({ end, fail, context });
        }),
    },
    ...options,
  });
  const post = async (parts: Partial<CallbackParts> = {}, runtime?: Parameters<typeof receiver>[1]) =>
    receiver(await signedRequest({ ...KNOWN, nowMs: clock.now(), ...parts }), runtime);
  const untilRuns = async (count: number): Promise<void> => {
    while (runs.length < count) await new Promise(setImmediate);
  };
  return { clock, errors, runs, post, untilRuns };
}

describe('patience', () => {
  test('a handler that takes too long is answered 503, and the next attempt learns how it ended', async () => {
    const { clock, errors, runs, post, untilRuns } = slow();
    const kept: Promise<unknown>[] = [];
    const first = post({}, { waitUntil: (work) => void kept.push(work) });
    await untilRuns(1);
    clock.advance(1500);
    const late = await first;
    assert.deepEqual([late.status, late.headers.get('retry-after'), kept.length], [503, '1', 1]);
    assert.ok(errors[0] instanceof LateError);

    const meanwhile = await post();
    assert.deepEqual([meanwhile.status, meanwhile.headers.get('retry-after')], [503, '5']);
    runs[0]?.end();
    await kept[0];
    assert.equal((await post()).status, 200);
    assert.deepEqual([runs.length, errors.length, clock.sleepers], [1, 1, 0]);
  });

  test('if it fails after that, the next attempt runs it again', async () => {
    const { clock, errors, runs, post, untilRuns } = slow();
    const first = post();
    await untilRuns(1);
    clock.advance(1500);
    assert.equal((await first).status, 503);
    runs[0]?.fail(new Error('too late'));
    while (errors.length < 2) await new Promise(setImmediate);
    const second = post();
    await untilRuns(2);
    runs[1]?.end();
    assert.equal((await second).status, 200);
  });

  test('a body that trickles in is not waited for either', async () => {
    const clock = new ManualClock();
    const receiver = createHandler({ ...KNOWN, clock, onError: () => undefined });
    const { url, headers } = await signedRequest(KNOWN);
    const answer = receiver.receive({ url, headers, body: new ReadableStream<Uint8Array>() });
    while (clock.sleepers === 0) await new Promise(setImmediate);
    clock.advance(1500);
    assert.equal((await answer).status, 503);
  });

  test('the signal ends with the lease, or without a store when the sender goes', async () => {
    for (const [store, limitMs] of [
      [memoryStore(), 30_000],
      [false, 1500],
    ] as const) {
      const { clock, runs, post, untilRuns } = slow({ store });
      const answer = post();
      await untilRuns(1);
      clock.advance(limitMs - 1);
      assert.equal(runs[0]?.context.signal.aborted, false);
      clock.advance(1);
      while (!runs[0]?.context.signal.aborted) await new Promise(setImmediate);
      assert.equal((await answer).status, 503);
      runs[0]?.end();
    }
  });

  test('after the lease of a process that died, the event is begun again', async () => {
    const { clock, runs, post, untilRuns } = slow({ leaseMs: 10_000 });
    const first = post();
    await untilRuns(1);
    clock.advance(9_999);
    await first;
    assert.equal((await post()).status, 503);
    clock.advance(1);
    const second = post();
    await untilRuns(2);
    runs[1]?.end();
    assert.equal((await second).status, 200);
  });
});

test('a decision is answered as the handler made it', async () => {
  const receiver = createHandler({
    ...KNOWN,
    clock: new ManualClock(),
    on: { 'C2C.CallbackBeforeSendMsg': () => ({ ErrorCode: 1, ErrorInfo: 'no', Extra: [1] }) },
  });
  const command = 'C2C.CallbackBeforeSendMsg';
  const answer = await receiver(await signedRequest({ ...KNOWN, command, body: `{"CallbackCommand":"${command}"}` }));
  assert.equal(await answer.text(), '{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":"no","Extra":[1]}');
  assert.equal(answer.headers.get('content-type'), 'application/json');
});

test('an answer of FAIL is a failure, whatever its code: the event is not remembered', async () => {
  let runs = 0;
  const receiver = createHandler({
    ...KNOWN,
    clock: new ManualClock(),
    on: {
      'Profile.CallbackPortraitSet': () => {
        runs += 1;
        return runs === 1 ? { ActionStatus: 'FAIL' } : undefined;
      },
    },
  });
  const statuses = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    statuses.push((await (await receiver(await signedRequest(KNOWN))).json()).ActionStatus);
  }
  assert.deepEqual([statuses, runs], [['FAIL', 'OK', 'OK'], 2]);
});

test('a store that fails is no reason to say OK, and a hook that throws changes no answer', async () => {
  const broken: CallbackStore = {
    begin: async () => ({ kind: 'begun', claim: '1', lastSequence: undefined }),
    complete: () => Promise.reject(new Error('disk full')),
    release: () => Promise.reject(new Error('disk full')),
  };
  const errors: string[] = [];
  const on = { 'Profile.CallbackPortraitSet': () => undefined };
  const onError = (error: unknown) => void errors.push(String(error));
  const clock = new ManualClock();
  const receiver = createHandler({ ...KNOWN, clock, on, store: broken, onError });
  assert.equal((await receiver(await signedRequest(KNOWN))).status, 500);
  const failing = createHandler({
    ...KNOWN,
    clock,
    on: { 'Profile.CallbackPortraitSet': () => ({ ErrorCode: 1 }) },
    store: broken,
    onError,
  });
  assert.equal((await failing(await signedRequest(KNOWN))).status, 200);
  assert.deepEqual(errors, ['Error: disk full', 'Error: disk full']);
});
