import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const MODULE = new URL('./young-generation.ts', import.meta.url).href;

/** Makes objects that live for a while, which is what lets the young generation grow. */
const CHURN = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { holdYoungGeneration } from '${MODULE}';
  const kept = [];
  const churn = () => { for (let i = 0; i < 100_000; i += 1) kept[(i * 7) % 300_000] = { i, list: [i] }; };
  const sizeMb = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 1_048_576;
  const hold = process.argv[1] === 'hold';
  let isHeld = false;
  for (let round = 0; round < 60; round += 1) { churn(); if (hold) isHeld ||= holdYoungGeneration(); }
  console.log(JSON.stringify({ isHeld, sizeMb: sizeMb() }));`;

async function grown(mode: 'hold' | 'free'): Promise<{ readonly isHeld: boolean; readonly sizeMb: number }> {
  const args = ['--input-type=module', '--no-warnings', '--eval', CHURN, mode];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

test('the young generation grows to 32 MB and no further', async () => {
  const held = await grown('hold');
  assert.deepEqual(held, { isHeld: true, sizeMb: 32 });
  assert.ok((await grown('free')).sizeMb > 32, 'it would have grown');
});
