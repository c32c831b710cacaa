import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorText } from '@portrait/wire';
import { ApiError, StoreError, type StoreErrorKind } from './errors.ts';

const KINDS: readonly StoreErrorKind[] = [
  'full',
  'read-only',
  'unavailable',
  'overloaded',
  'exists',
  'missing',
  'lease-lost',
  'refused',
];

describe('ApiError', () => {
  test('a code alone brings its own sentence', () => {
    const error = new ApiError(40003);
    assert.deepEqual([error.name, error.code, error.message], ['ApiError', 40003, errorText(40003)]);
    assert.ok(error instanceof Error);
  });

  test('a fault of the wire keeps code and message', () => {
    const error = ApiError.fromFault({ code: 40601, message: 'Nick: at most 500 bytes' });
    assert.deepEqual([error.code, error.message, error.cause], [40601, 'Nick: at most 500 bytes', undefined]);
  });

  test('one that is one already passes as it is', () => {
    const error = new ApiError(40003, 'there is no such account');
    assert.equal(ApiError.from(error), error);
    assert.equal(ApiError.from(error, 50004), error);
  });

  for (const kind of KINDS) {
    test(`a store that is "${kind}" becomes 40006, says what is wrong and nothing from inside`, () => {
      const inside = new StoreError(kind, 'SQLITE_FULL in /var/lib/portrait', { cause: new Error('disk') });
      const error = ApiError.from(inside, 50004);
      assert.equal(error.code, 40006);
      assert.equal(error.cause, inside);
      assert.doesNotMatch(error.message, /SQLITE|var|disk/);
      assert.equal(error.message, `Internal error in the profile service: ${new StoreError(kind).message}`);
    });
  }

  for (const [name, thrown] of [
    ['an unknown error', new TypeError('secret is undefined')],
    ['a text', 'secret'],
    ['nothing', undefined],
    ['null', null],
    ['an object that looks like one of ours', { name: 'ApiError', code: 0, message: 'secret' }],
  ] as const) {
    test(`${name} becomes the internal code without detail, and stays as the cause`, () => {
      for (const [code, error] of [
        [40006, ApiError.from(thrown)],
        [50004, ApiError.from(thrown, 50004)],
      ] as const) {
        assert.deepEqual([error.code, error.message, error.cause], [code, errorText(code), thrown]);
      }
    });
  }
});

describe('StoreError', () => {
  test('each kind has a sentence of its own', () => {
    const sentences = KINDS.map((kind) => new StoreError(kind).message);
    assert.equal(new Set(sentences).size, KINDS.length);
    for (const sentence of sentences) assert.match(sentence, /^[a-z].{10,}/);
  });

  test('kind, message and cause are kept', () => {
    const cause = new Error('disk');
    const error = new StoreError('refused', 'The folder is in use.', { cause });
    assert.deepEqual(
      [error.name, error.kind, error.message, error.cause],
      ['StoreError', 'refused', 'The folder is in use.', cause],
    );
  });
});
