import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  Budget,
  indexSource,
  intersectSource,
  rangeSource,
  type SeqSource,
  unionSource,
  windowSource,
} from './seq-source.ts';

const HIGH = 400;
const seqs = fc.uniqueArray(fc.integer({ min: 1, max: HIGH }), { maxLength: 150, size: 'max' });
const falling = (set: Iterable<number>): number[] => [...set].sort((a, b) => b - a);

/** Makes a source anew for each page: nothing may be kept from one to the next. */
type Make = (budget: Budget) => SeqSource;

function index(set: readonly number[]): Make {
  return (budget) =>
    indexSource(
      (top, limit) =>
        falling(set)
          .filter((seq) => seq <= top)
          .slice(0, limit),
      budget,
    );
}

function windows(set: readonly number[]): Make {
  return (budget) => {
    const find = (top: number) => {
      const low = Math.max(1, top - 15);
      return { hits: falling(set).filter((seq) => seq >= low && seq <= top), low };
    };
    return windowSource(find, { budget, cost: 1 });
  };
}

/** All of it, page by page, as list-deliveries.ts does: what is found is looked at, the first of a page in any case. */
function read(make: Make, expected: ReadonlySet<number>, units: number): number[] {
  const found: number[] = [];
  for (let start = HIGH; start > 0; ) {
    const budget = new Budget(units);
    const source = make(budget);
    let top = start;
    for (let isFirst = true; ; isFirst = false) {
      const seq = source.next(top);
      if (seq === 0 || (budget.isSpent && !isFirst)) {
        assert.ok(seq < start, 'each page leads on');
        start = seq;
        break;
      }
      if (expected.has(seq)) found.push(seq);
      budget.spend(1);
      top = seq - 1;
    }
  }
  return found;
}

describe('sources of seqs', () => {
  test('one after the other, whatever a page may look at: each once, none left out', () => {
    const property = fc.property(seqs, seqs, seqs, fc.integer({ min: 1, max: 40 }), (a, b, c, units) => {
      const check = (make: Make, expected: readonly number[]) =>
        assert.deepEqual(read(make, new Set(expected), units), falling(new Set(expected)));
      check(index(a), a);
      check(windows(a), a);
      check((budget) => unionSource([index(a)(budget), windows(b)(budget), index(c)(budget)]), [...a, ...b, ...c]);
      const both: Make = (budget) => intersectSource(index(a)(budget), windows(b)(budget), budget);
      const inBoth = a.filter((seq) => b.includes(seq));
      check(both, inBoth);
      check(
        (budget) => intersectSource(both(budget), index(c)(budget), budget),
        inBoth.filter((seq) => c.includes(seq)),
      );
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('a range with holes', () => {
    const source = rangeSource(3, 9, new Set([4, 9, 8]));
    assert.deepEqual(
      [20, 6, 5, 4, 2].map((top) => source.next(top)),
      [7, 6, 5, 3, 0],
    );
    assert.equal(rangeSource(1, 0).next(9), 0);
  });

  test('who goes through an index from its top reads it in large pieces', () => {
    const asked: number[] = [];
    const source = indexSource((top, limit) => {
      asked.push(limit);
      return falling(Array.from({ length: top }, (_, i) => i + 1)).slice(0, limit);
    }, new Budget(1_000));
    for (let top = 400; top > 0; top = source.next(top) - 1);
    assert.deepEqual(asked, [8, 16, 32, 64, 128, 128, 128]);
  });
});
