import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyJson, anyText, assertRefused } from '../test/support.ts';
import vectors from '../vectors/callbacks.json' with { type: 'json' };
import {
  CALLBACK_COMMANDS,
  CALLBACK_PORTRAIT_SET,
  extendCallback,
  formatPortraitSetCallback,
  parsePortraitSetCallback,
} from './callback.ts';

describe('Profile.CallbackPortraitSet', () => {
  for (const { name, event, body, extension, extendedBody } of vectors.portraitSet.cases) {
    test(name, () => {
      assert.equal(formatPortraitSetCallback(event), body);
      assert.equal(extendCallback(body, extension), extendedBody);
      assert.deepEqual(parsePortraitSetCallback(body), { ok: true, value: event });
      assert.deepEqual(parsePortraitSetCallback(extendedBody), { ok: true, value: { ...event, ...extension } });
    });
  }

  test('it is one of the commands', () => assert.deepEqual(CALLBACK_COMMANDS, [CALLBACK_PORTRAIT_SET]));

  const item = fc.record({ tag: anyText, value: fc.oneof(anyText, fc.nat(4294967295)) }, { noNullPrototype: true });
  const event = fc.record(
    { operatorId: anyText, userId: anyText, atMs: fc.maxSafeNat(), items: fc.array(item) },
    { noNullPrototype: true },
  );
  const extension = fc.record(
    { eventId: anyText, sequence: fc.maxSafeNat(), previousItems: fc.array(item) },
    { noNullPrototype: true },
  );

  test('what is formatted is read again', () => {
    const property = fc.property(event, extension, (value, extra) => {
      const body = formatPortraitSetCallback(value);
      assert.deepEqual(parsePortraitSetCallback(body), { ok: true, value });
      assert.deepEqual(parsePortraitSetCallback(extendCallback(body, extra)), {
        ok: true,
        value: { ...value, ...extra },
      });
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('bodies that are refused', () => {
  const body = {
    CallbackCommand: 'Profile.CallbackPortraitSet',
    Operator_Account: 'a',
    From_Account: 'b',
    EventTime: 1,
    ProfileItem: [{ Tag: 't', Value: 1 }],
  };
  const cases: readonly (readonly [change: object, field: string])[] = [
    [{ CallbackCommand: 'Profile.Other' }, 'CallbackCommand'],
    [{ CallbackCommand: undefined }, 'CallbackCommand'],
    [{ Operator_Account: 1 }, 'Operator_Account'],
    [{ From_Account: null }, 'From_Account'],
    [{ EventTime: '1' }, 'EventTime'],
    [{ EventTime: 1.5 }, 'EventTime'],
    [{ EventTime: -1 }, 'EventTime'],
    [{ EventTime: 1e300 }, 'EventTime'],
    [{ ProfileItem: undefined }, 'ProfileItem'],
    [{ ProfileItem: {} }, 'ProfileItem'],
    [{ ProfileItem: [null] }, 'ProfileItem[0]'],
    [{ ProfileItem: [{ Tag: 't', Value: 1 }, { Tag: 't' }] }, 'ProfileItem[1]'],
    [{ ProfileItem: [{ Tag: 1, Value: 1 }] }, 'ProfileItem[0]'],
    [{ ProfileItem: [{ Tag: 't', Value: true }] }, 'ProfileItem[0]'],
    [{ EventId: 1 }, 'EventId'],
    [{ Sequence: '7' }, 'Sequence'],
    [{ PreviousProfileItem: null }, 'PreviousProfileItem'],
    [{ PreviousProfileItem: [1] }, 'PreviousProfileItem[0]'],
  ];
  for (const [change, field] of cases) {
    test(JSON.stringify(change), () => {
      const text = JSON.stringify({ ...body, ...change });
      assertRefused(parsePortraitSetCallback(text), { code: 40001, field });
    });
  }

  test('texts that are no JSON object', () => {
    const deep = '['.repeat(200_000);
    for (const text of ['', '{', 'null', '[]', '"a"', '\0', '{"a":1}x', deep, deep + ']'.repeat(200_000)]) {
      assertRefused(parsePortraitSetCallback(text), { code: 40001, field: 'body' });
    }
  });

  test('any text and any JSON is answered', () => {
    const members = [...Object.keys(body), 'Tag', 'Value', 'EventId', 'Sequence', 'PreviousProfileItem'];
    const anyBody = fc.oneof(
      anyText,
      anyJson(members).map((value) => JSON.stringify({ ...body, ...(value as object) })),
    );
    fc.assert(fc.property(anyBody, (text) => parsePortraitSetCallback(text) !== undefined));
  });
});
