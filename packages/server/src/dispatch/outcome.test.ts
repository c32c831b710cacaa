import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SuccessRule } from '@portrait/wire';
import { STAGES } from '../storage/store.ts';
import { classifyOutcome, isEndpointFault, type Outcome, saysGone } from './outcome.ts';
import type { PostFaultReason, PostResult } from './post.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 10);
const OK = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';
const DELIVERED: Outcome = { kind: 'delivered' };

const ENDED = { sent: { url: '', headers: [] }, durationMs: 1, timings: { reusedConnection: true } };

function answer(status: number, text: string, headers: Record<string, string | string[] | undefined> = {}): PostResult {
  return { kind: 'answer', status, headers, text, ...ENDED };
}

/** What each rule makes of an answer: delivered, or the reason why not. */
const ANSWERS: readonly { name: string; status: number; text: string; outcomes: Record<SuccessRule, string> }[] = [
  {
    name: 'OK',
    status: 200,
    text: OK,
    outcomes: { protocol: 'delivered', tencent: 'delivered', 'any-2xx': 'delivered' },
  },
  {
    name: 'ErrorCode alone',
    status: 200,
    text: '{"ErrorCode":0}',
    outcomes: { protocol: 'delivered', tencent: 'delivered', 'any-2xx': 'delivered' },
  },
  {
    name: 'ErrorCode 1',
    status: 200,
    text: '{"ErrorCode":1}',
    outcomes: { protocol: 'rejected', tencent: 'delivered', 'any-2xx': 'delivered' },
  },
  {
    name: 'FAIL',
    status: 200,
    text: '{"ActionStatus":"FAIL","ErrorCode":0}',
    outcomes: { protocol: 'rejected', tencent: 'delivered', 'any-2xx': 'delivered' },
  },
  {
    name: 'no JSON',
    status: 200,
    text: '<html>',
    outcomes: { protocol: 'not-json', tencent: 'not-json', 'any-2xx': 'delivered' },
  },
  {
    name: 'no body',
    status: 200,
    text: '',
    outcomes: { protocol: 'not-json', tencent: 'not-json', 'any-2xx': 'delivered' },
  },
  {
    name: 'no object',
    status: 200,
    text: '[]',
    outcomes: { protocol: 'not-json', tencent: 'delivered', 'any-2xx': 'delivered' },
  },
  { name: '204', status: 204, text: '', outcomes: { protocol: 'status', tencent: 'status', 'any-2xx': 'delivered' } },
  {
    name: '201 with OK',
    status: 201,
    text: OK,
    outcomes: { protocol: 'status', tencent: 'status', 'any-2xx': 'delivered' },
  },
  {
    name: '301 with OK',
    status: 301,
    text: OK,
    outcomes: { protocol: 'redirect', tencent: 'redirect', 'any-2xx': 'redirect' },
  },
  {
    name: '307',
    status: 307,
    text: '',
    outcomes: { protocol: 'redirect', tencent: 'redirect', 'any-2xx': 'redirect' },
  },
  { name: '404', status: 404, text: OK, outcomes: { protocol: 'status', tencent: 'status', 'any-2xx': 'status' } },
  { name: '410', status: 410, text: '', outcomes: { protocol: 'status', tencent: 'status', 'any-2xx': 'status' } },
  {
    name: '500 with OK',
    status: 500,
    text: OK,
    outcomes: { protocol: 'status', tencent: 'status', 'any-2xx': 'status' },
  },
];

const FAULTS: readonly PostFaultReason[] = ['dns', 'address-refused', 'connect', 'tls', 'timeout', 'body-too-large'];

describe('classifyOutcome', () => {
  for (const { name, status, text, outcomes } of ANSWERS) {
    test(`an answer: ${name}`, () => {
      for (const [rule, expected] of Object.entries(outcomes)) {
        const outcome = classifyOutcome(answer(status, text), rule as SuccessRule, NOW_MS);
        assert.equal(outcome.kind === 'failed' ? outcome.reason : outcome.kind, expected, rule);
        if (outcome.kind === 'failed') assert.ok(outcome.detail.length > 5);
        assert.ok(!('retryAfterMs' in outcome));
      }
    });
  }

  for (const reason of FAULTS) {
    test(`no answer: ${reason}`, () => {
      const fault = { kind: 'fault', reason, detail: 'what was seen', stage: 'connect', ...ENDED } as const;
      assert.deepEqual(classifyOutcome(fault, 'any-2xx', NOW_MS), { kind: 'failed', reason, detail: 'what was seen' });
    });
  }

  test('a shutdown is ours and no failure of theirs', () => {
    assert.deepEqual(classifyOutcome({ kind: 'shutdown' }, 'protocol', NOW_MS), { kind: 'shutdown' });
  });

  for (const [name, header, retryAfterMs] of [
    ['seconds', '7', 7_000],
    ['a date', 'Mon, 23 Nov 2026 10:01:00 GMT', 60_000],
    ['the first of two', ['3', '9'], 3_000],
    ['nothing usable', 'soon', undefined],
    ['nothing', undefined, undefined],
    ['an empty list', [], undefined],
  ] as const) {
    test(`Retry-After with ${name} ${retryAfterMs === undefined ? 'is left out' : 'is kept'}`, () => {
      const headers = { 'retry-after': header as string | string[] | undefined };
      for (const status of [429, 503]) {
        const outcome = classifyOutcome(answer(status, '', headers), 'protocol', NOW_MS);
        assert.equal(outcome.kind, 'failed');
        assert.equal('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined, retryAfterMs);
      }
    });
  }

  test('Retry-After of an answer that is fine means nothing', () => {
    assert.deepEqual(classifyOutcome(answer(200, OK, { 'retry-after': '7' }), 'protocol', NOW_MS), DELIVERED);
  });
});

describe('whose fault it is', () => {
  test('what was not sent can not be the event’s, what was sent can', () => {
    for (const reason of FAULTS) {
      for (const stage of STAGES) {
        const fault = { kind: 'fault', reason, detail: '', stage, ...ENDED } as const;
        assert.equal(isEndpointFault(fault), reason === 'tls' || ['dns', 'connect', 'tls'].includes(stage));
        assert.equal(saysGone(fault), false);
      }
    }
    assert.equal(isEndpointFault({ kind: 'shutdown' }), false);
  });

  test('four statuses say that nothing is taken now, and one that nothing is taken any more', () => {
    const statuses = Array.from({ length: 400 }, (_, i) => 200 + i);
    assert.deepEqual(
      statuses.filter((status) => isEndpointFault(answer(status, ''))),
      [429, 502, 503, 504],
    );
    assert.deepEqual(
      statuses.filter((status) => saysGone(answer(status, ''))),
      [410],
    );
  });
});
