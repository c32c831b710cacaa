import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../test/support.ts';
import vectors from '../vectors/callbacks.json' with { type: 'json' };
import { formatCallbackAnswer, judgeCallbackAnswer, type SuccessRule } from './callback-answer.ts';

const RULES: readonly SuccessRule[] = ['protocol', 'tencent', 'any-2xx'];

describe('judgeCallbackAnswer', () => {
  for (const answer of vectors.answers.cases) {
    test(answer.name, () => {
      for (const rule of RULES) {
        const verdict = judgeCallbackAnswer({ status: answer.status, text: answer.text }, rule);
        assert.equal(verdict.ok ? 'ok' : verdict.reason, answer[rule], rule);
      }
    });
  }

  test('details say what came and what was expected', () => {
    const detail = (status: number, text: string) => {
      const verdict = judgeCallbackAnswer({ status, text }, 'protocol');
      return verdict.ok ? '' : verdict.detail;
    };
    assert.equal(detail(500, ''), 'status 500, expected 200');
    assert.equal(detail(301, ''), 'status 301; redirects are not followed');
    assert.equal(detail(200, ''), 'the body is empty');
    assert.equal(detail(200, '[1]'), 'the body is not a JSON object but an array of 1');
    assert.equal(detail(200, '{}'), 'ErrorCode nothing, expected 0');
    assert.equal(detail(200, '{"ErrorCode":0,"ActionStatus":"FAIL"}'), 'ActionStatus "FAIL", expected "OK"');
    assert.ok(detail(200, '<html>'.repeat(100_000)).length < 300);
    assert.equal(
      detail(200, '['.repeat(200_000) + ']'.repeat(200_000)),
      'the body is not a JSON object but an array of 1',
    );
  });

  test('any answer is judged', () => {
    const text = fc.oneof(anyText, fc.json());
    const property = fc.property(fc.integer(), text, fc.constantFrom(...RULES), (status, body, rule) => {
      const verdict = judgeCallbackAnswer({ status, text: body }, rule);
      assert.ok(verdict.ok || verdict.detail !== '');
    });
    fc.assert(property);
  });
});

test('answers that we give are judged as we mean them', () => {
  assert.equal(formatCallbackAnswer(true), '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}');
  assert.equal(formatCallbackAnswer(false, 'busy'), '{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"busy"}');
  for (const ok of [true, false]) {
    assert.equal(judgeCallbackAnswer({ status: 200, text: formatCallbackAnswer(ok) }, 'protocol').ok, ok);
  }
});
