import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Slots } from './slots.ts';

const nobody = (): void => assert.fail('woken');

describe('Slots', () => {
  test('there are as many as said, and again when they are given back', () => {
    const slots = new Slots(2);
    assert.deepEqual([slots.take(nobody), slots.take(nobody)], [true, true]);
    let woken = 0;
    const wake = (): void => {
      woken += 1;
    };
    assert.equal(slots.take(wake), false);
    slots.release();
    assert.equal(woken, 1);
    assert.equal(slots.take(nobody), true);
  });

  test('who finds none is woken once for each time he asked, in the order of asking', () => {
    const slots = new Slots(1);
    slots.take(nobody);
    const woken: string[] = [];
    for (const name of ['a', 'b', 'c']) slots.take(() => woken.push(name));
    for (let i = 0; i < 4; i += 1) slots.release();
    assert.deepEqual(woken, ['a', 'b', 'c']);
  });

  test('who asks twice with the same call waits once', () => {
    const slots = new Slots(1);
    slots.take(nobody);
    let woken = 0;
    const wake = (): void => {
      woken += 1;
    };
    slots.take(wake);
    slots.take(wake);
    slots.release();
    slots.release();
    assert.equal(woken, 1);
  });

  test('who is woken finds a slot, and may ask again at once', () => {
    const slots = new Slots(1);
    slots.take(nobody);
    const got: boolean[] = [];
    slots.take(() => got.push(slots.take(nobody)));
    slots.release();
    assert.deepEqual(got, [true]);
    assert.equal(
      slots.take(() => {}),
      false,
    );
  });

  test('however they are taken and given back, no more are out than there are, and nobody is forgotten', () => {
    const moves = fc.array(fc.constantFrom('take', 'release'), { maxLength: 300 });
    const property = fc.property(fc.integer({ min: 1, max: 8 }), moves, (count, list) => {
      const slots = new Slots(count);
      let out = 0;
      let waiting = 0;
      const wake = (): void => {
        waiting -= 1;
        out += 1;
        assert.ok(slots.take(nobody));
      };
      for (const move of list) {
        if (move === 'take') {
          if (slots.take(() => wake())) out += 1;
          else waiting += 1;
        } else if (out > 0) {
          out -= 1;
          slots.release();
        }
        assert.ok(out <= count);
        assert.ok(waiting === 0 || out === count, `${waiting} wait, ${out} of ${count} are out`);
      }
    });
    fc.assert(property);
  });
});
