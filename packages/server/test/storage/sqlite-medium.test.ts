/** The embedded store on a medium that is full or read-only. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { makeFolder, runCommand, scriptCommand } from './sqlite-fixture.ts';

/** @returns what a process saw that has a small tmpfs to itself, or undefined if that can't be had here */
// biome-ignore lint/suspicious/noExplicitAny: it is compared whole by each test
async function seenOn(t: TestContext, medium: string): Promise<any> {
  const folder = await makeFolder(t);
  const namespace = ['unshare', '--mount'];
  try {
    await runCommand([...namespace, 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  } catch {
    t.skip('a file system of its own can be mounted only by root, on Linux');
    return undefined;
  }
  return JSON.parse(await runCommand([...namespace, ...scriptCommand('./sqlite-medium-child.ts', medium, folder)]));
}

const BEFORE = {
  nick: 'before',
  version: 1,
  versions: [1],
  heads: [{ sdkAppId: 1_400_000_001, lane: 0, seq: 1 }],
  deliveries: 1,
};
const LATER = { nick: 'later', version: 2, versions: [1, 2], heads: [{ ...BEFORE.heads[0], seq: 2 }], deliveries: 2 };

describe('sqlite: the medium', { concurrency: 3 }, () => {
  test('on a full disk writes are refused whole, reads go on, and writes work again as soon as there is space', async (t) => {
    const seen = await seenOn(t, 'full');
    if (!seen) return;
    assert.deepEqual(seen, {
      before: BEFORE,
      alone: 'full',
      together: ['full'],
      settings: 'full',
      during: BEFORE,
      later: 'stored',
      after: LATER,
      atLast: LATER,
    });
  });

  test('on a read-only medium a store says so, and is as it was when the medium can be written again', async (t) => {
    const seen = await seenOn(t, 'read-only');
    if (!seen) return;
    const { refusal, ...rest } = seen;
    assert.deepEqual(rest, { before: BEFORE, after: BEFORE, later: 'stored' });
    assert.ok(['read-only', 'refused'].includes(refusal.kind), `${refusal.kind}: ${refusal.message}`);
    assert.doesNotMatch(refusal.message, /in use/);
  });

  test('on a disk without any room no store is begun, and the next start succeeds', async (t) => {
    const seen = await seenOn(t, 'no-room');
    if (!seen) return;
    assert.deepEqual(seen.after, BEFORE);
    assert.ok(['full', 'refused'].includes(seen.refusal.kind), `${seen.refusal.kind}: ${seen.refusal.message}`);
    assert.doesNotMatch(seen.refusal.message, /in use/);
  });
});
