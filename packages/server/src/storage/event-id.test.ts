import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatDeliveryId, formatEventId, parseDeliveryId, parseEventId } from './event-id.ts';

const place = fc.record(
  {
    atMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    sdkAppId: fc.integer({ min: 1, max: 4_294_967_295 }),
    lane: fc.integer({ min: 0, max: 255 }),
    seq: fc.maxSafeNat(),
  },
  { noNullPrototype: true },
);

const NO_EVENT_IDS = [
  '',
  'evt_',
  'evt',
  'evt_1_1_0',
  'evt_1_1_0_1_1',
  'EVT_1_1_0_1',
  'evt_1_1_0_A',
  'evt_1_1_0_-1',
  'evt_1_1_0_1.5',
  'evt_1_1_0_ 1',
  'evt_1_1_0_1 ',
  'evt_01_1_0_1',
  'evt_1_1_00_1',
  'evt_1_1__1',
  'evt_1_1_0_zzzzzzzzzzzz',
  'evt_1_1_0_zzzzzzzzzzz', // more than a double holds exactly
  'dlv_1_1_0_1',
  'evt_1_1_0_1\n',
  'evt_１_1_0_1',
];

describe('event ids', () => {
  test('an id has its parts in base 36', () => {
    const id = formatEventId({ atMs: 1_795_428_000_000, sdkAppId: 1_400_000_001, lane: 37, seq: 1_295 });
    assert.equal(id, 'evt_mwt3h340_n5iuwx_11_zz');
  });

  test('what is formatted is parsed again', () => {
    fc.assert(fc.property(place, (value) => assert.deepEqual(parseEventId(formatEventId(value)), value)));
  });

  test('an id has no dot: it stands before one in what is signed', () => {
    fc.assert(fc.property(place, (value) => assert.match(formatEventId(value), /^evt_[0-9a-z_]+$/)));
  });

  for (const text of NO_EVENT_IDS) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseEventId(text), undefined));
  }

  test('what is parsed at all has one spelling', () => {
    const text = fc.string({ unit: fc.constantFrom(...'01az_'), maxLength: 12 }).map((rest) => `evt_${rest}`);
    const property = fc.property(text, (id) => {
      const parsed = parseEventId(id);
      assert.ok(parsed === undefined || formatEventId(parsed) === id);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe('delivery ids', () => {
  test('a delivery is named by its event and its endpoint', () => {
    assert.equal(formatDeliveryId('evt_1_2_0_3', 'ep_x'), 'dlv_1_2_0_3.ep_x');
  });

  test('what is formatted is parsed again, whatever the endpoint is called', () => {
    const endpoint = fc.string({ minLength: 1, unit: 'grapheme' });
    const property = fc.property(place, endpoint, (value, endpointId) => {
      const eventId = formatEventId(value);
      assert.deepEqual(parseDeliveryId(formatDeliveryId(eventId, endpointId)), { eventId, endpointId });
    });
    fc.assert(property);
  });

  for (const text of [
    '',
    'dlv_',
    'dlv_1_2_0_3',
    'evt_1_2_0_3.ep_x',
    'dlv_1_2_0.ep_x',
    'dlv_.ep_x',
    'dlv_evt_1_2_0_3.ep_x',
  ]) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseDeliveryId(text), undefined));
  }
});

test('the delivery of a change that has no endpoint has an id too', () => {
  const eventId = formatEventId({ atMs: 1, sdkAppId: 2, lane: 0, seq: 3 });
  const deliveryId = formatDeliveryId(eventId, null);
  assert.equal(deliveryId, 'dlv_1_2_0_3.none');
  assert.deepEqual(parseDeliveryId(deliveryId), { eventId, endpointId: null });
});
