import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type SlotClaim, Slots } from './slots.ts';

const nobody = (): void => assert.fail('woken');

/** Take as many as there are for it. @returns how many it has then */
function takeAll(slots: Slots, claim: SlotClaim): number {
  while (slots.take(claim));
  return claim.held;
}

describe('Slots', () => {
  test('one app alone gets three quarters, one endpoint of it a little less', () => {
    const slots = new Slots(1_024);
    const first = slots.join(1, () => {});
    const second = slots.join(1, () => {});
    assert.equal(takeAll(slots, first), 709);
    takeAll(slots, second);
    assert.equal(
      takeAll(
        slots,
        slots.join(1, () => {}),
      ) +
        first.held +
        second.held,
      768,
    );
  });

  test('three endpoints of an app that hold all they can get leave some to its fourth and to every other app', () => {
    const slots = new Slots(1_024);
    for (let i = 0; i < 3; i += 1) {
      const hanging = slots.join(1, () => {});
      for (let taken = 0; taken < 512 && slots.take(hanging); taken += 1);
    }
    assert.ok(slots.take(slots.join(1, nobody)), 'its fourth');
    const others = [2, 3, 4, 5].map((app) =>
      takeAll(
        slots,
        slots.join(app, () => {}),
      ),
    );
    assert.ok(
      others.every((count) => count > 0),
      String(others),
    );
  });

  test('the last one goes to who has none', () => {
    const slots = new Slots(2);
    const first = slots.join(1, () => {});
    assert.deepEqual([slots.take(first), slots.take(first)], [true, true]);
    const single = new Slots(1);
    assert.ok(single.take(single.join(1, nobody)));
    const four = new Slots(4);
    assert.equal(
      takeAll(
        four,
        four.join(1, () => {}),
      ),
      3,
    );
    assert.ok(four.take(four.join(2, nobody)));
  });

  test('who finds none is woken once for each time he asked, apps by turns, in the order of asking', () => {
    const slots = new Slots(1);
    const holder = slots.join(9, nobody);
    slots.take(holder);
    const woken: string[] = [];
    const claims = ['1a', '1b', '1c', '2a', '3a', '3b'].map((name) => {
      const claim: SlotClaim = slots.join(Number(name[0]), () => {
        woken.push(name);
        assert.ok(slots.take(claim));
      });
      return claim;
    });
    for (const claim of [...claims, ...claims]) assert.equal(slots.take(claim), false);
    let last = holder;
    for (let i = 0; i < claims.length; i += 1) {
      slots.release(last);
      last = claims.find(({ held }) => held > 0) as SlotClaim;
    }
    slots.release(last);
    assert.deepEqual(woken, ['1a', '2a', '3a', '1b', '3b', '1c']);
  });

  test('a slot that the one who is woken does not want goes to the next, however many they are', () => {
    const slots = new Slots(1);
    const holder = slots.join(0, nobody);
    slots.take(holder);
    let wokenInVain = 0;
    for (let i = 1; i <= 20_000; i += 1) {
      const lazy: SlotClaim = slots.join(i, () => {
        wokenInVain += 1;
        slots.take(lazy); // and finds that its rate is used up
        slots.release(lazy);
      });
      slots.take(lazy);
    }
    let isServed = false;
    const last: SlotClaim = slots.join(30_000, () => {
      isServed = slots.take(last);
    });
    slots.take(last);
    slots.release(holder);
    assert.deepEqual([wokenInVain, isServed], [20_000, true]);
  });

  test('who left is not woken', () => {
    const slots = new Slots(1);
    const holder = slots.join(1, nobody);
    slots.take(holder);
    const gone = slots.join(2, nobody);
    slots.take(gone);
    slots.leave(gone);
    slots.release(holder);
  });

  test('however they are taken and given back, no more are out than there are, and nobody who may have one is forgotten', () => {
    const moves = fc.array(fc.record({ who: fc.nat(8), isTaking: fc.boolean() }), { maxLength: 400, size: 'max' });
    const property = fc.property(fc.integer({ min: 1, max: 30 }), moves, (count, list) => {
      const slots = new Slots(count);
      const waiting = new Set<SlotClaim>();
      const claims = Array.from({ length: 9 }, (_, i) => {
        const claim: SlotClaim = slots.join(i % 3, () => {
          waiting.delete(claim);
          assert.ok(slots.take(claim), 'woken in vain');
        });
        return claim;
      });
      const out = (): number => claims.reduce((sum, { held }) => sum + held, 0);
      const ofApp = (claim: SlotClaim): number => claim.app.held;
      for (const { who, isTaking } of list) {
        const claim = claims[who] as SlotClaim;
        if (isTaking && !slots.take(claim)) waiting.add(claim);
        else if (isTaking) waiting.delete(claim);
        else if (claim.held > 0) slots.release(claim);
        const free = count - out();
        assert.ok(free >= 0);
        for (const waiter of waiting) {
          const left = 3 * free - ofApp(waiter);
          assert.ok(left <= 0 || waiter.held >= 3 * left, `one who holds ${waiter.held} waits, ${free} are free`);
          assert.ok(free === 0 || ofApp(waiter) > 0, 'an app that has none waits, and some are free');
        }
      }
    });
    fc.assert(property);
  });
});
