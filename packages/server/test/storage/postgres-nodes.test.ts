/** What nodes learn of each other through the store that they share. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import type { PostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import type { Hint } from '../../src/storage/shared-store.ts';
import type { EndpointCircuit } from '../../src/storage/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { testDatabase } from '../support/postgres.ts';
import { APP, NICK, ORIGIN, sampleApp, sampleEndpoint } from '../support/samples.ts';
import { until } from '../support/until.ts';

const LEASE_MS = 4_500;
const LANES = 16;

/** Stores of two nodes on one database, whose time the test sets. */
async function twoNodes(
  t: TestContext,
  isPortable = false,
): Promise<{ a: PostgresStore; b: PostgresStore; clock: FakeClock }> {
  const url = await testDatabase(t);
  const clock = new FakeClock();
  const open = async (node: string): Promise<PostgresStore> => {
    const time = () => clock.now();
    const store = await openPostgresStore({
      url,
      poolSize: 4,
      laneCount: LANES,
      clock: systemClock,
      time,
      node,
      isPortable,
    });
    atEnd(t, () => store.close());
    return store;
  };
  return { a: await open('a'), b: await open('b'), clock };
}

const lanesOf = (leases: readonly { readonly lane: number }[]): number => leases.length;

test('a share is an even part of the lanes, by the nodes that were heard of lately', async (t) => {
  const { a, b, clock } = await twoNodes(t);
  const share = (store: PostgresStore, owner: string) => store.shareLanes({ owner, leaseMs: LEASE_MS });
  assert.equal(await share(a, 'a'), LANES);
  assert.equal(lanesOf(await a.claimLanes({ owner: 'a', leaseMs: LEASE_MS, most: LANES })), LANES);
  assert.equal(await share(b, 'b'), 8);
  assert.deepEqual(await b.claimLanes({ owner: 'b', leaseMs: LEASE_MS, most: 8 }), [], 'none is taken from who lives');
  await a.releaseLanes('a', [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(lanesOf(await b.claimLanes({ owner: 'b', leaseMs: LEASE_MS, most: 5 })), 5, 'no more than the most');
  clock.advance(LEASE_MS - 1);
  await share(b, 'b');
  clock.advance(2);
  assert.equal(await share(b, 'b'), LANES, 'the other one was silent for too long');
  assert.equal(lanesOf(await b.claimLanes({ owner: 'b', leaseMs: LEASE_MS, most: LANES })), LANES);
});

test('a lane tells for a minute when the lease of one ran out who did not give it up, whoever has it by then', async (t) => {
  const { a, b, clock } = await twoNodes(t);
  const claim = async (store: PostgresStore, owner: string) =>
    (await store.claimLanes({ owner, leaseMs: LEASE_MS }))[0];
  assert.equal((await claim(a, 'a'))?.endedMsAgo, undefined);
  await a.releaseLanes('a');
  assert.equal((await claim(b, 'b'))?.endedMsAgo, undefined, 'given up');
  clock.advance(LEASE_MS + 300);
  assert.equal((await claim(a, 'a'))?.endedMsAgo, 300);
  clock.advance(1_000);
  assert.equal((await claim(a, 'a'))?.endedMsAgo, 1_300, 'renewed');
  await a.releaseLanes('a', [0]);
  assert.equal((await claim(b, 'b'))?.endedMsAgo, 1_300, 'handed over');
  clock.advance(LEASE_MS - 1_000);
  await claim(b, 'b');
  clock.advance(2_000);
  await claim(b, 'b');
  clock.advance(LEASE_MS + 100);
  assert.equal((await claim(a, 'a'))?.endedMsAgo, 100, 'the next one died, too');
  for (let renewals = 0; renewals < 20; renewals += 1) {
    clock.advance(3_000);
    await claim(a, 'a');
  }
  assert.equal((await claim(a, 'a'))?.endedMsAgo, undefined);
});

test('news: settings that changed, lanes that are free, nodes that answer, wishes', async (t) => {
  const { a, b, clock } = await twoNodes(t);
  const look = () => b.readNews({ name: 'b', answers: true });
  const first = await look();
  assert.deepEqual([first.hasFreeLanes, first.answeringNodes, first.hasWishes], [true, 1, false]);
  await a.createApp(sampleApp());
  await a.createEndpoint(sampleEndpoint());
  await a.claimLanes({ owner: 'a', leaseMs: LEASE_MS });
  await a.readNews({ name: 'a', answers: true });
  const second = await look();
  assert.ok(second.settingsNo > first.settingsNo);
  assert.deepEqual([second.hasFreeLanes, second.answeringNodes], [false, 2]);
  assert.equal((await look()).settingsNo, second.settingsNo);
  await a.postWish({ wishId: 'w1', lane: 3, endpointId: 'ep_1', eventId: 'evt_1', takeWithinMs: 1_000 });
  assert.equal((await look()).hasWishes, true);
  clock.advance(LEASE_MS + 1);
  assert.deepEqual([(await look()).hasFreeLanes, (await look()).hasWishes], [true, false]);
});

test('a wish goes to one who has its lane, and its answer comes back; one that nobody takes is void', async (t) => {
  const { a, b, clock } = await twoNodes(t);
  const wish = { wishId: 'w1', lane: 3, endpointId: 'ep_1', eventId: 'evt_1' };
  await a.postWish({ ...wish, takeWithinMs: 1_000 });
  assert.deepEqual(await b.takeWishes([1, 2]), []);
  const taken = await Promise.all([b.takeWishes([3]), a.takeWishes([3])]);
  assert.deepEqual(taken.flat(), [wish]);
  assert.equal(await a.readWish('w1'), undefined);
  clock.advance(5_000);
  assert.equal(await a.readWish('w1'), undefined, 'it is at work');
  await b.answerWish('w1', 'sent');
  assert.equal(await a.readWish('w1'), 'sent');
  await a.postWish({ ...wish, wishId: 'w2', takeWithinMs: 1_000 });
  clock.advance(1_001);
  assert.deepEqual(await b.takeWishes([3]), []);
  assert.equal(await a.readWish('w2'), 'void');
});

test('a duty is one node’s, until it leaves it or falls silent', async (t) => {
  const { a, b, clock } = await twoNodes(t);
  const take = (store: PostgresStore, owner: string) => store.takeDuty({ name: 'retention', owner, leaseMs: 30_000 });
  assert.deepEqual([await take(a, 'a'), await take(b, 'b'), await take(a, 'a')], [true, false, true]);
  clock.advance(29_999);
  assert.equal(await take(b, 'b'), false);
  clock.advance(2);
  assert.deepEqual([await take(b, 'b'), await take(a, 'a')], [true, false]);
  await b.releaseDuties('b');
  assert.equal(await take(a, 'a'), true);
});

test('a head tells of events and of endings', async (t) => {
  const { a, b } = await twoNodes(t);
  await a.createApp(sampleApp());
  const who = { sdkAppId: APP, userId: 'id1' };
  await a.commitChange({ ...who, kind: 'import', items: [], origin: ORIGIN, announce: false });
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  assert.deepEqual(await b.readLaneNews({ lanes }), []);
  assert.equal((await b.readLaneNews({ lanes, sdkAppIds: [APP] })).length, LANES);
  await a.commitChange({ ...who, kind: 'set', items: [{ tag: NICK, value: 'Ann' }], origin: ORIGIN });
  await a.commitChange({ ...who, kind: 'revoke' });
  await a.commitChange({ ...who, kind: 'delete' });
  const [head] = await b.readLaneNews({ lanes });
  assert.deepEqual([head?.sdkAppId, head?.seq, head?.endings], [APP, 1, 2]);
});

for (const isPortable of [false, true]) {
  test(`a change at one node is ${isPortable ? 'not hinted at where there is no NOTIFY' : 'heard of at the other, not at its own'}`, async (t) => {
    const { a, b } = await twoNodes(t, isPortable);
    const heard: { readonly at: string; readonly hint: Hint }[] = [];
    a.onHint((hint) => heard.push({ at: 'a', hint }));
    b.onHint((hint) => heard.push({ at: 'b', hint }));
    await a.createApp(sampleApp());
    if (isPortable) {
      assert.deepEqual(heard, []);
      return;
    }
    // who listens a moment later hears the next one
    await until(
      async () => {
        await a.updateApp(sampleApp({ name: `at ${performance.now()}` }));
        return heard.length > 0;
      },
      { what: () => 'a hint' },
    );
    assert.ok(heard.every(({ at, hint }) => at === 'b' && hint.kind === 'settings'));
  });
}

test('an endpoint shows the worst that a living node sees, and its history what is so for all of them', async (t) => {
  const { a, b, clock } = await twoNodes(t);
  await a.createApp(sampleApp());
  await a.createEndpoint(sampleEndpoint());
  const [ofA] = await a.claimLanes({ owner: 'a', leaseMs: LEASE_MS, most: 8 });
  const [ofB] = await b.claimLanes({ owner: 'b', leaseMs: 60_000, most: 8 });
  assert.ok(ofA && ofB);
  const kinds = { open: 'circuit-opened', 'half-open': 'circuit-half-open', closed: 'circuit-closed' } as const;
  const tell = async (lease: typeof ofA, circuit: EndpointCircuit): Promise<string | undefined> => {
    const note = { kind: kinds[circuit.state] };
    const [event] = await a.recordEndpoint({ endpointId: 'ep_1', circuit, note, lease });
    return event?.kind;
  };
  const shown = async () => (await b.listEndpoints())[0]?.circuit;
  const probe = { state: 'open', sinceMs: 1_000, reason: 'connect', nextProbeAtMs: 9_000 } as const;
  assert.equal(await tell(ofA, probe), 'circuit-opened');
  const sooner = { ...probe, sinceMs: 2_000, reason: 'timeout', nextProbeAtMs: 8_000 } as const;
  assert.equal(await tell(ofB, sooner), undefined, 'it is open already');
  assert.deepEqual(await shown(), { ...probe, nextProbeAtMs: 8_000 });
  assert.equal(await tell(ofA, { state: 'half-open', sinceMs: 1_000 }), undefined);
  assert.deepEqual(await shown(), sooner);
  assert.equal(await tell(ofA, { state: 'closed', sinceMs: 3_000 }), undefined);
  assert.equal(await tell(ofB, { state: 'half-open', sinceMs: 2_000 }), 'circuit-half-open');
  assert.equal(await tell(ofB, { state: 'closed', sinceMs: 4_000 }), 'circuit-closed');
  assert.deepEqual(await shown(), { state: 'closed', sinceMs: 4_000 });

  assert.equal(await tell(ofA, probe), 'circuit-opened');
  clock.advance(LEASE_MS + 1);
  assert.equal(await tell(ofB, { state: 'closed', sinceMs: 4_000 }), 'circuit-closed', 'who opened it is dead');
  assert.deepEqual(await shown(), { state: 'closed', sinceMs: 4_000 });
});
