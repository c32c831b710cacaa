import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const MODULE = new URL('./young-generation.ts', import.meta.url).href;

/**
 * Makes objects that live for a while, which is what lets the young generation grow. Tells the size it had in most of 61 rounds: while
 * the old generation is marked V8 puts its collection off, and it is larger for some rounds, held or not.
 */
const CHURN = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { holdYoungGeneration } from '${MODULE}';
  const kept = [];
  const churn = () => { for (let i = 0; i < 100_000; i += 1) kept[(i * 7) % 300_000] = { i, list: [i] }; };
  const sizeMb = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 1_048_576;
  const hold = process.argv[1] === 'hold';
  let isHeld = false;
  const sizes = [];
  for (let round = 0; round < 61; round += 1) {
    churn();
    if (hold) isHeld ||= holdYoungGeneration();
    sizes.push(sizeMb());
  }
  console.log(JSON.stringify({ isHeld, sizeMb: sizes.sort((a, b) => a - b)[30] }));`;

/** V8 in one thread, without its look at the clock: on a busy machine it may put growing off for as long as it likes. */
const DETERMINISTIC = '--predictable';

async function grown(mode: 'hold' | 'free'): Promise<{ readonly isHeld: boolean; readonly sizeMb: number }> {
  const args = [DETERMINISTIC, '--input-type=module', '--no-warnings', '--eval', CHURN, mode];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

test('the young generation grows to 32 MB and no further', async () => {
  const held = await grown('hold');
  assert.deepEqual(held, { isHeld: true, sizeMb: 32 });
  assert.ok((await grown('free')).sizeMb > 32, 'it would have grown');
});
