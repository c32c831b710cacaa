import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { passedSeqs } from './passed-seqs.ts';
import type { Cursor, Settlement } from './store.ts';

const at = (seq: number, doneAhead: readonly number[] = []): Cursor => ({ lane: 0, seq, doneAhead });
const tried = (...seqs: readonly number[]): Settlement['attempts'] =>
  seqs.map((seq) => ({ seq, number: 1, atMs: 1, outcome: 'delivered', durationMs: 1 }));
const parked = (...waiting: readonly number[]): Settlement['parked'] => [
  { userId: 'a', lane: 0, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting },
];

const CASES: readonly [
  name: string,
  before: Cursor,
  settled: Partial<Settlement>,
  runs: readonly [number, number][],
][] = [
  ['nothing moved', at(3, [5]), { cursor: at(3, [5]) }, []],
  ['all were delivered', at(0), { cursor: at(3, [5]), attempts: tried(1, 2, 3, 5) }, []],
  ['nothing was sent', at(2), { cursor: at(9) }, [[3, 9]]],
  [
    'between two that were sent',
    at(0),
    { cursor: at(4, [6, 7]), attempts: tried(1, 4) },
    [
      [2, 3],
      [6, 7],
    ],
  ],
  ['what was done ahead is known', at(0, [2, 3]), { cursor: at(4), attempts: tried(1) }, [[4, 4]]],
  [
    'what is parked is not passed',
    at(0),
    { cursor: at(4), attempts: tried(1), parked: parked(1, 3) },
    [
      [2, 2],
      [4, 4],
    ],
  ],
  [
    'ahead, in any order',
    at(0),
    { cursor: at(0, [9, 4, 8]) },
    [
      [4, 4],
      [8, 9],
    ],
  ],
  [
    'an attempt at one that was parked before makes up for none',
    at(4),
    { cursor: at(5), attempts: tried(2), unparkedSeqs: [{ userId: 'a', seq: 2 }] },
    [[5, 5]],
  ],
  ['a cursor that is set back', at(5), { cursor: at(3) }, []],
];

describe('what a cursor passed', () => {
  for (const [name, before, members, runs] of CASES) {
    test(name, () => {
      const settlement = { attempts: [], parked: [], unparkedSeqs: [], ...members } as unknown as Settlement;
      assert.deepEqual(
        passedSeqs(before, settlement),
        runs.map(([fromSeq, toSeq]) => ({ fromSeq, toSeq })),
      );
    });
  }
});
