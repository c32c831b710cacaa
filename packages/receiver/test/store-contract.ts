/** What every store of callbacks must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Begun, CallbackStore } from '@portrait/receiver';

const LEASE = { nowMs: 1_000_000, leaseMs: 30_000 };
const at = (laterMs: number) => ({ ...LEASE, nowMs: LEASE.nowMs + laterMs });

function claimOf(begun: Begun): string {
  assert.equal(begun.kind, 'begun');
  return begun.kind === 'begun' ? begun.claim : '';
}

/** @param open  gives a store; each test has keys of its own */
export function testStore(open: () => Promise<CallbackStore>): void {
  let made = 0;
  const fresh = (sequence?: number, user?: string) => {
    made += 1;
    const key = `1400000001:evt_${made}`;
    return sequence === undefined ? { key } : { key, change: { user: user ?? `1400000001:user_${made}`, sequence } };
  };

  test('what is begun is busy for others, what is completed is done', async () => {
    const store = await open();
    const callback = fresh();
    const begun = await store.begin(callback, LEASE);
    assert.deepEqual(await store.begin(callback, at(10_000)), { kind: 'busy', retryAfterMs: 20_000 });
    await store.complete(callback, claimOf(begun), at(11_000).nowMs);
    assert.deepEqual(await store.begin(callback, at(60_000)), { kind: 'done' });
  });

  test('what is released is begun again, and an old claim releases nothing', async () => {
    const store = await open();
    const callback = fresh(1);
    const first = claimOf(await store.begin(callback, LEASE));
    await store.release(callback, first);
    const second = claimOf(await store.begin(callback, LEASE));
    assert.notEqual(first, second);
    await store.release(callback, first);
    assert.equal((await store.begin(callback, LEASE)).kind, 'busy');
  });

  test('a lease ends by itself; who completes after that has done it all the same', async () => {
    const store = await open();
    const callback = fresh(1);
    const first = claimOf(await store.begin(callback, LEASE));
    assert.equal((await store.begin(callback, at(29_999))).kind, 'busy');
    const second = claimOf(await store.begin(callback, at(30_000)));
    await store.complete(callback, first, at(31_000).nowMs);
    await store.release(callback, second);
    assert.deepEqual(await store.begin(callback, at(90_000)), { kind: 'done' });
  });

  test('one change of a user at a time, others do not wait', async () => {
    const store = await open();
    const [first, second, other] = [fresh(1, 'u'), fresh(2, 'u'), fresh(1, 'v')];
    const claim = claimOf(await store.begin(first, LEASE));
    assert.deepEqual(await store.begin(second, at(10_000)), { kind: 'busy', retryAfterMs: 20_000 });
    assert.equal((await store.begin(other, LEASE)).kind, 'begun');
    await store.complete(first, claim, LEASE.nowMs);
    const begun = await store.begin(second, LEASE);
    assert.deepEqual([begun.kind, begun.kind === 'begun' && begun.lastSequence], ['begun', 1]);
  });

  test('the greatest sequence that was completed is remembered', async () => {
    const store = await open();
    const seen: (number | undefined)[] = [];
    for (const sequence of [4, 9, 6, 2 ** 40]) {
      const callback = fresh(sequence, 'w');
      const begun = await store.begin(callback, LEASE);
      seen.push(begun.kind === 'begun' ? begun.lastSequence : Number.NaN);
      await store.complete(callback, claimOf(begun), LEASE.nowMs);
    }
    const failed = fresh(2 ** 41, 'w');
    await store.release(failed, claimOf(await store.begin(failed, LEASE)));
    const last = await store.begin(fresh(1, 'w'), LEASE);
    seen.push(last.kind === 'begun' ? last.lastSequence : Number.NaN);
    assert.deepEqual(seen, [undefined, 4, 9, 9, 2 ** 40]);
  });

  test('of many that begin at once one does', async () => {
    const store = await open();
    for (const callback of [fresh(), fresh(1)]) {
      const tries = await Promise.all(Array.from({ length: 16 }, () => store.begin(callback, LEASE)));
      assert.deepEqual(tries.map(({ kind }) => kind).sort(), ['begun', ...Array(15).fill('busy')].sort());
    }
    const changes = Array.from({ length: 16 }, (_, index) => fresh(index + 1, 'x'));
    const tries = await Promise.all(changes.map((change) => store.begin(change, LEASE)));
    assert.equal(tries.filter(({ kind }) => kind === 'begun').length, 1);
  });
}
