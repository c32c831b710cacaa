import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeader } from './request.ts';

test('headers are read from Fetch and from Node, in any letter case', () => {
  const cases = [
    [new Headers({ 'Webhook-Id': 'a' }), 'a'],
    [{ 'webhook-id': 'a' }, 'a'],
    [{ 'Webhook-Id': 'a' }, 'a'],
    [{ 'webhook-id': ['a', 'b'] }, 'a'],
    [{ 'webhook-id': [] }, undefined],
    [{ 'webhook-id': undefined }, undefined],
    [{ get: 'x', 'webhook-id': 'a' }, 'a'],
    [new Headers(), undefined],
    [{}, undefined],
  ] as const;
  for (const [headers, value] of cases) assert.equal(readHeader(headers, 'webhook-id'), value);
  assert.equal(readHeader({}, 'constructor'), undefined);
});
