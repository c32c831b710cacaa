import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyJson, anyText, assertRefused } from '../test/support.ts';
import vectors from '../vectors/client-frames.json' with { type: 'json' };
import { type ClientFrame, formatPushFrame, formatReplyFrame, parseClientFrame } from './client-frame.ts';

const ABSENT = { sdkAppId: undefined, identifier: undefined, userSig: undefined, a2: undefined, platform: undefined };

/** A frame as it is read, or a refusal with a short sentence that says what was expected. */
function assertAnswered(text: string): void {
  const parsed = parseClientFrame(text);
  if (parsed.ok) {
    const { service, command, servcmd, seq, body } = parsed.value;
    assert.equal(`${service}.${command}`, servcmd);
    assert.ok(Number.isSafeInteger(seq));
    assert.ok(body !== undefined && body !== null);
    return;
  }
  const { code, message } = parsed.fault;
  assert.ok(code === 60002 || code === 60003, String(code));
  assert.ok(message.length > 0 && message.length < 600 && message.isWellFormed(), message);
}

describe('parseClientFrame', () => {
  for (const { name, frame, expected } of vectors.requests) {
    test(name, () => {
      const value = { ...ABSENT, ...expected };
      assert.deepEqual(parseClientFrame(JSON.stringify(frame)), { ok: true, value });
    });
  }
  for (const { name, text, code, field } of vectors.refused) {
    test(`refused: ${name}`, () => assertRefused(parseClientFrame(text), { code, field }));
  }

  test('names of a command have 64 characters at most', () => {
    const frame = (servcmd: string): string => JSON.stringify({ head: { servcmd, seq: 1 } });
    const longest = 'x'.repeat(64);
    assert.ok(parseClientFrame(frame(`${longest}.${longest}`)).ok);
    for (const servcmd of [`${longest}x.a`, `a.${longest}x`]) {
      assertRefused(parseClientFrame(frame(servcmd)), { code: 60002, field: 'head.servcmd' });
    }
  });

  test('frames that are nested deeper than any stack', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"head":', '}'],
    ] as const) {
      assertAnswered(open.repeat(100_000) + close.repeat(100_000));
      assertAnswered(`${open.repeat(100_000)}null${close.repeat(100_000)}`);
    }
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    assert.ok(parseClientFrame(`{"head":{"servcmd":"a.b","seq":1},"body":${body}}`).ok);
  });

  test('any text is answered', () => {
    fc.assert(fc.property(fc.oneof(anyText, fc.string({ unit: 'binary' })), assertAnswered), { numRuns: 500 });
  });

  test('any JSON is answered', () => {
    const members = ['head', 'body', 'servcmd', 'seq', 'sdkappid', 'a2'];
    const property = fc.property(anyJson(members), (json) => assertAnswered(JSON.stringify(json)));
    fc.assert(property, { numRuns: 500 });
  });

  test('any head of the right form is read, whatever else it holds', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_]{1,64}$/);
    const property = fc.property(name, name, fc.maxSafeInteger(), anyJson(['a2']), (service, command, seq, other) => {
      const head = { a2: other, identifier: other, servcmd: `${service}.${command}`, seq };
      const parsed = parseClientFrame(JSON.stringify({ head, body: other }));
      assert.ok(parsed.ok);
      const { value } = parsed;
      assert.deepEqual([value.service, value.command, value.seq], [service, command, seq]);
    });
    fc.assert(property);
  });

  test('a frame that is cut anywhere is none', () => {
    const whole = JSON.stringify(vectors.requests[0]?.frame);
    for (let length = 0; length < whole.length; length += 1) {
      assertRefused(parseClientFrame(whole.slice(0, length)), { code: 60003, field: 'frame' });
    }
  });
});

describe('formatReplyFrame', () => {
  test('echoes what the client finds its request by', () => {
    const parsed = parseClientFrame(JSON.stringify(vectors.requests[0]?.frame)) as { readonly value: ClientFrame };
    const body = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
    assert.deepEqual(JSON.parse(formatReplyFrame(parsed.value, body)), {
      head: { ver: 'v4', servcmd: 'im_open_status.wslogin', seq: 26362460 },
      body,
    });
  });

  test('lone surrogates stay in their escapes: the frame is UTF-8', () => {
    assert.ok(formatReplyFrame({ servcmd: 'a.b', seq: 1 }, { ErrorInfo: '\ud800' }).isWellFormed());
  });
});

test('formatPushFrame', () => {
  const push = { servcmd: 'im_open_push.msg_push', body: { EventArray: [] } } as const;
  const frame = { head: { ver: 'v4', servcmd: 'im_open_push.msg_push', seq: 7 }, body: { EventArray: [] } };
  assert.deepEqual(JSON.parse(formatPushFrame(push, 7)), frame);
});
