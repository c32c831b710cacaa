import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleEndpoint, sampleEvent } from '../../test/support/samples.ts';
import type { Attempt } from '../storage/store.ts';
import { formatAttempt } from './attempt-record.ts';
import { CallbackFormat } from './callback-request.ts';
import type { PostResult } from './post.ts';
import { rebuildRequest } from './rebuild-request.ts';

const TIMINGS = { reusedConnection: true, firstByteMs: 1.5, bodyMs: 0.1 };
const SENT = {
  url: 'http://127.0.0.1:9000/cb?Sign=abc',
  headers: ['authorization', 'Bearer xyz', 'webhook-id', 'evt_1'],
};
const PLACE = { seq: 7, number: 2, atMs: 1_000, isDead: false };
const FAILED = { kind: 'failed', reason: 'status', detail: 'status 500, expected 200' } as const;

function answer(headers: Record<string, string | string[]>, text = 'oops'): PostResult {
  return { kind: 'answer', status: 500, headers, text, sent: SENT, durationMs: 3, timings: TIMINGS };
}

function failedAttempt(result: PostResult): Attempt {
  return formatAttempt({ ...PLACE, outcome: FAILED, result });
}

describe('an attempt as it is stored', () => {
  test('a failure keeps what was sent and what came, without secrets', () => {
    assert.deepEqual(failedAttempt(answer({ 'x-a': ['1', '2'], 'set-cookie': 'session=1' })), {
      seq: 7,
      number: 2,
      atMs: 1_000,
      outcome: 'failed',
      durationMs: 3,
      timings: TIMINGS,
      reason: 'status',
      detail: 'status 500, expected 200',
      request: { url: SENT.url, headers: ['authorization', '***', 'webhook-id', 'evt_1'] },
      answerHeaders: ['x-a', '1', 'x-a', '2', 'set-cookie', '***'],
      status: 500,
      answer: 'oops',
    });
  });

  test('what was delivered keeps the answer alone', () => {
    const attempt = formatAttempt({ ...PLACE, outcome: { kind: 'delivered' }, result: answer({ 'x-a': '1' }) });
    assert.deepEqual([attempt.request, attempt.answerHeaders, attempt.answer], [undefined, undefined, 'oops']);
    assert.deepEqual(attempt.timings, TIMINGS);
  });

  test('no more than 4 KiB of headers and of the answer', () => {
    const { answerHeaders, answer: text } = failedAttempt(
      answer({ a: 'x'.repeat(4_000), b: 'x'.repeat(96), c: 'y' }, 'z'.repeat(5_000)),
    );
    assert.deepEqual(
      answerHeaders?.filter((_, at) => at % 2 === 0),
      ['a'],
    );
    assert.equal(text?.length, 4_096);
  });

  test('without an answer it says how far it got', () => {
    const fault = { kind: 'fault', reason: 'tls', detail: 'x', stage: 'tls', sent: SENT, durationMs: 3 } as const;
    const attempt = failedAttempt({ ...fault, timings: { reusedConnection: false, connectMs: 1 } });
    assert.deepEqual([attempt.stage, attempt.answer, attempt.status], ['tls', undefined, undefined]);
  });
});

describe('the request of an attempt', () => {
  const endpoint = sampleEndpoint({ headers: { 'x-api-key': 'k', 'x-tenant': 'blue' } });
  const event = sampleEvent({ seq: 7 });
  const attempt: Attempt = { seq: 7, number: 2, atMs: 1_795_428_000_500, outcome: 'delivered', durationMs: 1 };

  test('of what was delivered is made again, the same as it was sent but for secrets', () => {
    const format = new CallbackFormat(endpoint, '1.2.3');
    const sent = format.request(event, 2, attempt.atMs);
    const shown = rebuildRequest(endpoint, { event, attempt, version: '1.2.3' });
    assert.deepEqual(shown, {
      method: 'POST',
      url: format.origin + sent.path,
      headers: sent.headers.map((text) => (text === 'k' ? '***' : text)),
      body: event.body,
      isRebuilt: true,
    });
  });

  test('of a failure is the one that was kept', () => {
    const request = { url: 'http://old/cb', headers: ['webhook-id', 'evt_1'] };
    const shown = rebuildRequest(endpoint, { event, attempt: { ...attempt, request }, version: '1.2.3' });
    assert.deepEqual(shown, { method: 'POST', ...request, body: event.body, isRebuilt: false });
  });
});
