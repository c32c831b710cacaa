import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ConnectionCounts, networkOf } from './connection-counts.ts';

const APP = 1_400_000_001;
const OTHER_APP = 1_400_000_002;

function counts(maxClientsPerAddress: number, maxClientsPerApp: number): ConnectionCounts {
  return new ConnectionCounts({ maxClientsPerAddress, maxClientsPerApp });
}

describe('ConnectionCounts', () => {
  test('an address has so many, another one its own', () => {
    const some = counts(2, 100);
    const ann = { address: '203.0.113.1', sdkAppId: APP };
    assert.deepEqual([some.add(ann), some.add(ann), some.add(ann)], [undefined, undefined, 'address']);
    assert.equal(some.add({ ...ann, sdkAppId: OTHER_APP }), 'address', 'whatever the app');
    assert.equal(some.add({ ...ann, address: '203.0.113.2' }), undefined);
    some.remove(ann);
    assert.deepEqual([some.add(ann), some.add(ann)], [undefined, 'address']);
  });

  test('an app has so many, another one its own', () => {
    const some = counts(100, 2);
    const from = (last: number, sdkAppId = APP) => ({ address: `203.0.113.${last}`, sdkAppId });
    assert.deepEqual([some.add(from(1)), some.add(from(2)), some.add(from(3))], [undefined, undefined, 'app']);
    assert.equal(some.add(from(3, OTHER_APP)), undefined);
    some.remove(from(1));
    assert.deepEqual([some.add(from(3)), some.add(from(4))], [undefined, 'app']);
  });

  test('what was refused is not counted', () => {
    const some = counts(1, 1);
    const place = { address: '203.0.113.1', sdkAppId: APP };
    some.add(place);
    for (let i = 0; i < 10; i += 1) {
      some.add(place);
      some.add({ ...place, sdkAppId: OTHER_APP });
      some.add({ ...place, address: '203.0.113.2' });
    }
    some.remove(place);
    assert.equal(some.add({ address: '203.0.113.2', sdkAppId: APP }), undefined);
    assert.equal(some.add({ address: '203.0.113.1', sdkAppId: OTHER_APP }), undefined);
  });

  test('addresses of one /64 count together', () => {
    const some = counts(2, 100);
    const from = (address: string) => ({ address, sdkAppId: APP });
    assert.equal(some.add(from('2001:db8::1')), undefined);
    assert.equal(some.add(from('2001:db8:0:0:ffff::2')), undefined);
    assert.equal(some.add(from('2001:db8::3')), 'address');
    assert.equal(some.add(from('2001:db8:0:1::1')), undefined);
    some.remove(from('2001:db8::ffff'));
    assert.equal(some.add(from('2001:db8::3')), undefined);
  });

  test('however they come and go, no more are in than may be, and all places are free at the end', () => {
    const place = fc.record({
      address: fc.constantFrom('203.0.113.1', '203.0.113.2', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'),
      sdkAppId: fc.constantFrom(APP, OTHER_APP),
    });
    const moves = fc.array(fc.tuple(place, fc.boolean(), fc.nat(50)), { maxLength: 100 });
    const limit = fc.integer({ min: 1, max: 4 });
    const property = fc.property(limit, limit, moves, (perAddress, perApp, list) => {
      const some = counts(perAddress, perApp);
      const open: { readonly address: string; readonly sdkAppId: number }[] = [];
      const countOf = (alike: (one: (typeof open)[number]) => boolean): number => open.filter(alike).length;
      for (const [one, isComing, which] of list) {
        if (isComing) {
          const ofAddress = countOf(({ address }) => networkOf(address) === networkOf(one.address));
          const ofApp = countOf(({ sdkAppId }) => sdkAppId === one.sdkAppId);
          const expected = ofAddress >= perAddress ? 'address' : ofApp >= perApp ? 'app' : undefined;
          assert.equal(some.add(one), expected);
          if (expected === undefined) open.push(one);
        } else {
          for (const left of open.splice(which % (open.length + 1), 1)) some.remove(left);
        }
      }
      for (const left of open.splice(0)) some.remove(left);
      for (let i = 0; i < Math.min(perAddress, perApp); i += 1) {
        assert.equal(some.add({ address: '2001:db8::9', sdkAppId: APP }), undefined);
      }
    });
    fc.assert(property);
  });
});

describe('networkOf', () => {
  for (const [address, network] of [
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:DB8:1:2::', '2001:db8:1:2::'],
    ['::1', '::'],
    ['fe80::1%eth0', 'fe80::'],
    ['', ''],
    ['not:an:address', 'not:an:address'],
  ] as const) {
    test(`"${address}" is of "${network}"`, () => assert.equal(networkOf(address), network));
  }

  test('any text is of some network', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV6(), fc.string()), (text) => assert.equal(typeof networkOf(text), 'string')));
  });
});
