import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createTurns } from './options.ts';

it('createTurns starts each work when the one before it has ended, well or badly', async () => {
  const inTurn = createTurns();
  const seen: string[] = [];
  const work = (name: string, isFine = true) =>
    inTurn(async () => {
      seen.push(`${name} starts`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
      if (!isFine) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work('a'), work('b', false), work('c')]);
  assert.deepEqual(seen, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
