import assert from 'node:assert/strict';
import { MAX_ENDED_REPLAYS, type Replay, type ScannedDelivery } from '../../../src/storage/replay-store.ts';
import type { ChangeEvent } from '../../../src/storage/store.ts';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { deleteUser } from './changes.ts';
import { type AddCase, countTo, type Given, sampleAttempt } from './given.ts';

/** A job over one lane, as it is made. */
function sampleReplay(members: Partial<Replay> & { readonly jobId: string }): Replay {
  return {
    sdkAppId: APP,
    endpointId: 'ep_1',
    fromMs: 1_795_000_000_000,
    toMs: 1_796_000_000_000,
    ratePerSecond: 50,
    total: 4,
    state: 'queued',
    delivered: 0,
    failed: 0,
    skipped: 0,
    createdAtMs: 1_795_428_000_000,
    lanes: [{ lane: 0, afterSeq: 2, toSeq: 9, seq: 2, doneAhead: [], tried: [] }],
    ...members,
  };
}

const WHOLE = { afterSeq: 0, toSeq: 7, seq: 0, doneAhead: [], tried: [] };

/** A job that must be there. */
function made(replay: Replay | undefined): Replay {
  assert.ok(replay);
  return replay;
}

/** Seven events of users a, b, c by turns; an endpoint has settled three of them, a waits for another attempt, b is held. */
async function start(given: Given): Promise<{ events: readonly ChangeEvent[]; lane: number; epoch: number }> {
  const [a, b, c] = given.usersOfOneLane(3) as [string, string, string];
  await given.store.createApp(sampleApp());
  await given.store.createEndpoint(sampleEndpoint());
  const events = await given.announceAll([a, b, c, a, b, c, a]);
  const lane = given.laneOf('id1');
  const epoch = await given.claim();
  await given.settle(
    { endpointId: 'ep_1', lane, epoch, seq: 5 },
    {
      cursor: { lane, seq: 5, doneAhead: [] },
      attempts: [
        sampleAttempt({ seq: 1 }),
        sampleAttempt({ seq: 2, number: 3, outcome: 'dead' }),
        sampleAttempt({ seq: 4, outcome: 'failed' }),
      ],
      parked: [{ userId: a, lane, attempts: 1, nextTryAtMs: 9, reason: 'status', waiting: [4] }],
    },
  );
  await given.settle(
    { endpointId: 'ep_1', lane, epoch, seq: 5 },
    { parked: [{ userId: b, lane, attempts: 1, nextTryAtMs: undefined, reason: 'status', waiting: [5] }] },
  );
  return { events, lane, epoch };
}

async function scanAll(given: Given, lane: number, maxEvents: number, userId?: string): Promise<ScannedDelivery[]> {
  const items: ScannedDelivery[] = [];
  for (let afterSeq = 0; afterSeq < 7; ) {
    const asked = { sdkAppId: APP, endpointId: 'ep_1', lane, afterSeq, toSeq: 7, maxEvents };
    const found = await given.store.scanDeliveries({ ...asked, ...(userId !== undefined && { userId }) });
    assert.ok(found.scannedTo > afterSeq && found.scannedTo <= afterSeq + maxEvents);
    assert.ok(found.items.every(({ seq }) => seq > afterSeq && seq <= found.scannedTo));
    items.push(...found.items);
    afterSeq = found.scannedTo;
  }
  return items;
}

/** Deliveries that are sent again, and the jobs that do it. */
export function replayCases(add: AddCase): void {
  add('a scan shows each delivery as the delivery log does, however large its steps', async (given) => {
    const { events, lane } = await start(given);
    const listed = (await given.deliveries()).toReversed();
    const expected = listed.map(({ event, state }) => {
      const { seq, userId, version, command, atMs } = event;
      return { lane, seq, userId, version, command, atMs, state };
    });
    assert.deepEqual(
      expected.map(({ state }) => state),
      ['delivered', 'dead', 'skipped', 'retrying', 'held', 'pending', 'pending'],
    );
    for (const maxEvents of [1, 2, 1_000]) assert.deepEqual(await scanAll(given, lane, maxEvents), expected);
    const { userId } = events[0] as ChangeEvent;
    assert.deepEqual(
      await scanAll(given, lane, 2, userId),
      expected.filter((item) => item.userId === userId),
    );
    assert.deepEqual(await scanAll(given, lane, 3, 'nobody'), []);
  });

  add('a delivery as it stands tells its last attempt', async (given) => {
    const { events, lane, epoch } = await start(given);
    const { userId } = events[0] as ChangeEvent;
    await given.settle(
      { endpointId: 'ep_1', lane, epoch, seq: 5 },
      {
        cursor: { lane, seq: 5, doneAhead: [7] },
        parked: [{ userId, lane, attempts: 1, nextTryAtMs: 9, reason: 'status', waiting: [7] }],
      },
    );
    const seen = [];
    for (const { seq } of events) {
      const stand = await given.store.readStand({ sdkAppId: APP, endpointId: 'ep_1', lane, seq });
      assert.deepEqual(stand?.event, events[seq - 1]);
      seen.push([stand?.state, stand?.lastNumber]);
    }
    assert.deepEqual(seen, [
      ['delivered', 1],
      ['dead', 3],
      ['skipped', 0],
      ['retrying', 1],
      ['held', 0],
      ['pending', 0],
      ['waiting', 0],
    ]);
    assert.equal(await given.store.readStand({ sdkAppId: APP, endpointId: 'ep_1', lane, seq: 99 }), undefined);
  });

  add('where there is no endpoint, there is nothing to look at', async (given) => {
    const { lane } = await start(given);
    const missing = { name: 'StoreError', kind: 'missing' };
    const range = { sdkAppId: APP, endpointId: 'ep_none', lane, afterSeq: 0, toSeq: 7, maxEvents: 9 };
    await assert.rejects(given.store.scanDeliveries(range), missing);
    await assert.rejects(given.store.readStand({ sdkAppId: APP, endpointId: 'ep_none', lane, seq: 1 }), missing);
    await assert.rejects(given.store.createReplay(sampleReplay({ jobId: 'rpl_1', endpointId: 'ep_none' })), missing);
  });

  add('a time is found as a range, both ends with it', async (given) => {
    const { events, lane } = await start(given);
    const at = (index: number): number => (events[index] as ChangeEvent).atMs;
    const find = async (fromMs: number, toMs: number): Promise<readonly (readonly [number, number])[]> => {
      const ranges = await given.store.findRange({ sdkAppId: APP, fromMs, toMs });
      assert.ok(ranges.every((range) => range.lane === lane));
      return ranges.map(({ afterSeq, toSeq }) => [afterSeq, toSeq]);
    };
    assert.deepEqual(await find(0, at(6)), [[0, 7]]);
    assert.deepEqual(await find(at(1), at(3)), [[1, 4]]);
    assert.deepEqual(await find(at(1) + 1, at(3) - 1), [[2, 3]]);
    assert.deepEqual(await find(at(6) + 1, at(6) + 9), []);
    assert.deepEqual(await find(0, at(0) - 1), []);
    assert.deepEqual(await given.store.findRange({ sdkAppId: OTHER_APP, fromMs: 0, toMs: at(6) }), []);
  });

  add('the state of a settled delivery follows from its last attempt', async (given) => {
    const { events, lane, epoch } = await start(given);
    const record = async (seq: number, number: number, outcome: 'delivered' | 'dead'): Promise<string | undefined> => {
      const attempts = [sampleAttempt({ seq, number, outcome })];
      await given.store.recordRedelivery({ endpointId: 'ep_1', lane, epoch, attempts });
      return (await given.store.getDelivery((events[seq - 1] as ChangeEvent).eventId, 'ep_1'))?.state;
    };
    assert.equal(await record(2, 4, 'delivered'), 'delivered');
    assert.equal(await record(2, 5, 'dead'), 'dead');
    assert.equal(await record(3, 1, 'delivered'), 'delivered');
    assert.equal(await record(1, 2, 'dead'), 'dead');
    assert.deepEqual(await given.progress('ep_1'), { seq: 5, doneAhead: [] }, 'the cursor stays');
  });

  add('an attempt of who lost the lane is not written', async (given) => {
    const { events, lane, epoch } = await start(given);
    const attempts = [sampleAttempt({ seq: 2, number: 4 })];
    const lost = { name: 'StoreError', kind: 'lease-lost' };
    await assert.rejects(given.store.recordRedelivery({ endpointId: 'ep_1', lane, epoch: epoch - 1, attempts }), lost);
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_1' }));
    const settlement = { jobId: 'rpl_1', endpointId: 'ep_1', lane, epoch: epoch - 1, attempts };
    const progress = { seq: 5, doneAhead: [], tried: [], delivered: 1, failed: 0, skipped: 0 };
    await assert.rejects(given.store.settleReplay({ ...settlement, ...progress }), lost);
    assert.equal((await given.store.getReplay('rpl_1'))?.delivered, 0);
    assert.equal((await given.store.getDelivery((events[1] as ChangeEvent).eventId, 'ep_1'))?.state, 'dead');
  });

  add('a job is kept as it was made, with how far it has got, also after the store was closed', async (given) => {
    const { lane, epoch } = await start(given);
    const lanes = [{ lane, afterSeq: 0, toSeq: 7, seq: 0, doneAhead: [], tried: [] }];
    const job = sampleReplay({ jobId: 'rpl_1', userId: 'id1', deliveryState: 'dead', lanes });
    await given.store.createReplay(job);
    assert.deepEqual(await given.store.getReplay('rpl_1'), job);
    given.clock.advance(1_000);
    await given.store.startReplay('rpl_1');
    const startedAtMs = given.clock.now();
    const progress = { seq: 1, doneAhead: [3], tried: [2], delivered: 1, failed: 2, skipped: 3 };
    const attempts = [sampleAttempt({ seq: 2, number: 4, outcome: 'dead' })];
    await given.store.settleReplay({ jobId: 'rpl_1', endpointId: 'ep_1', lane, epoch, attempts, ...progress });
    const { seq, doneAhead, tried, ...counts } = progress;
    const expected = {
      ...job,
      ...counts,
      state: 'running',
      startedAtMs,
      lanes: [{ lane, afterSeq: 0, toSeq: 7, seq, doneAhead, tried }],
    };
    assert.deepEqual(await given.store.getReplay('rpl_1'), expected);
    const stand = await given.store.readStand({ sdkAppId: APP, endpointId: 'ep_1', lane, seq: 2 });
    assert.equal(stand?.lastNumber, 4);
    await given.reopen();
    assert.deepEqual(await given.store.listOpenReplays(), [expected]);
  });

  add('a job ends once', async (given) => {
    await start(given);
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_1' }));
    await given.store.startReplay('rpl_1');
    const startedAtMs = given.clock.now();
    given.clock.advance(5_000);
    assert.equal(await given.store.endReplay({ jobId: 'rpl_1', state: 'cancelled' }), true);
    const ended = made(await given.store.getReplay('rpl_1'));
    assert.deepEqual(
      [ended.state, ended.startedAtMs, ended.finishedAtMs],
      ['cancelled', startedAtMs, startedAtMs + 5_000],
    );
    assert.equal(await given.store.endReplay({ jobId: 'rpl_1', state: 'done' }), false);
    assert.equal(await given.store.endReplay({ jobId: 'rpl_none', state: 'done' }), false);
    await given.store.startReplay('rpl_1');
    assert.deepEqual(await given.store.getReplay('rpl_1'), ended);
    assert.deepEqual(await given.store.listOpenReplays(), []);
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_2' }));
    await given.store.endReplay({ jobId: 'rpl_2', state: 'failed', reason: 'because' });
    assert.equal((await given.store.getReplay('rpl_2'))?.reason, 'because');
  });

  add('jobs are listed newest first, page by page, those of their app', async (given) => {
    await start(given);
    await given.store.createApp(sampleApp({ sdkAppId: OTHER_APP }));
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_other', sdkAppId: OTHER_APP }));
    for (const number of countTo(5)) await given.store.createReplay(sampleReplay({ jobId: `rpl_${number}` }));
    const other = { sdkAppId: OTHER_APP, endpointId: 'ep_other' };
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_other', ...other }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await given.store.listReplays({ sdkAppId: APP, limit: 2, ...(cursor !== undefined && { cursor }) });
      assert.ok(page.items.length <= 2);
      seen.push(...page.items.map(({ jobId }) => jobId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ['rpl_5', 'rpl_4', 'rpl_3', 'rpl_2', 'rpl_1']);
    const open = await given.store.listOpenReplays();
    assert.deepEqual(
      open.map(({ jobId }) => jobId),
      ['rpl_1', 'rpl_2', 'rpl_3', 'rpl_4', 'rpl_5', 'rpl_other'],
    );
    assert.deepEqual((await given.store.listReplays({ sdkAppId: APP, limit: 2, cursor: 'x' })).items, []);
  });

  add('of jobs that have ended the last ones are kept, of those that have not all', async (given) => {
    await start(given);
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_open' }));
    for (const number of countTo(MAX_ENDED_REPLAYS + 2)) {
      await given.store.createReplay(sampleReplay({ jobId: `rpl_${number}` }));
      await given.store.endReplay({ jobId: `rpl_${number}`, state: 'done' });
    }
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_last' }));
    const { items } = await given.store.listReplays({ sdkAppId: APP, limit: 1_000 });
    const ended = countTo(MAX_ENDED_REPLAYS).map((number) => `rpl_${number + 2}`);
    assert.deepEqual(
      items.map(({ jobId }) => jobId),
      ['rpl_last', ...ended.toReversed(), 'rpl_open'],
    );
  });

  add('what open jobs still need is held, and no more', async (given) => {
    const { lane, epoch } = await start(given);
    const range = { lane, afterSeq: 2, toSeq: 7, seq: 2, doneAhead: [], tried: [] };
    const held = () => given.store.heldByReplays(APP);
    assert.deepEqual(await held(), []);
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_1', lanes: [range] }));
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_2', lanes: [{ ...range, afterSeq: 4, seq: 4 }] }));
    assert.deepEqual(await held(), [{ lane, seq: 3 }]);
    const settle = (jobId: string, seq: number) => {
      const counts = { delivered: 0, failed: 0, skipped: 0 };
      const place = { jobId, endpointId: 'ep_1', lane, epoch };
      return given.store.settleReplay({ ...place, ...counts, seq, doneAhead: [], tried: [], attempts: [] });
    };
    await settle('rpl_1', 5);
    assert.deepEqual(await held(), [{ lane, seq: 5 }]);
    await settle('rpl_2', 7);
    assert.deepEqual(await held(), [{ lane, seq: 6 }]);
    await given.store.endReplay({ jobId: 'rpl_1', state: 'cancelled' });
    assert.deepEqual(await held(), []);
    assert.deepEqual(await given.store.heldByReplays(OTHER_APP), []);
  });

  add('what an open job still needs is not removed, however old it is', async (given) => {
    const { lane, epoch } = await start(given);
    await given.store.deleteEndpoint('ep_1');
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2', startFrom: 'now' }));
    const range = { lane, afterSeq: 2, toSeq: 7, seq: 2, doneAhead: [], tried: [] };
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_1', endpointId: 'ep_2', lanes: [range] }));
    const later = given.clock.now() + 1;
    assert.equal(await given.removeExpired(later), 2);
    const progress = { seq: 5, doneAhead: [], tried: [], delivered: 3, failed: 0, skipped: 0, attempts: [] };
    await given.store.settleReplay({ jobId: 'rpl_1', endpointId: 'ep_2', lane, epoch, ...progress });
    assert.equal(await given.removeExpired(later), 3);
    await given.store.endReplay({ jobId: 'rpl_1', state: 'done' });
    assert.equal(await given.removeExpired(later), 2);
  });

  add('erasing does not wait for a job, and a scan tells what was erased', async (given) => {
    const { events, lane, epoch } = await start(given);
    const { userId } = events[0] as ChangeEvent;
    const settled = { unparkedSeqs: [4, 5].map((seq) => ({ userId: (events[seq - 1] as ChangeEvent).userId, seq })) };
    const unparkedUsers = settled.unparkedSeqs.map((parked) => parked.userId);
    await given.settle({ endpointId: 'ep_1', lane, epoch, seq: 7 }, { ...settled, unparkedUsers });
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_1', lanes: [{ ...WHOLE, lane }] }));
    await deleteUser(given, userId);
    assert.equal(await given.eraseDeleted(), 3);
    const found = await scanAll(given, lane, 1_000);
    assert.deepEqual(
      found.filter(({ isErased }) => isErased).map(({ seq }) => seq),
      events.filter((event) => event.userId === userId).map(({ seq }) => seq),
    );
  });

  add('jobs fail with their endpoint, and go with their app', async (given) => {
    const { lane, epoch } = await start(given);
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_done' }));
    await given.store.endReplay({ jobId: 'rpl_done', state: 'done' });
    await given.store.createReplay(sampleReplay({ jobId: 'rpl_1' }));
    await given.store.deleteEndpoint('ep_1');
    const { state, reason, finishedAtMs } = made(await given.store.getReplay('rpl_1'));
    assert.deepEqual([state, reason, finishedAtMs], ['failed', 'endpoint-deleted', given.clock.now()]);
    assert.equal((await given.store.getReplay('rpl_done'))?.state, 'done');
    const progress = { seq: 3, doneAhead: [], tried: [], delivered: 1, failed: 0, skipped: 0, attempts: [] };
    await assert.rejects(given.store.settleReplay({ jobId: 'rpl_1', endpointId: 'ep_1', lane, epoch, ...progress }), {
      name: 'StoreError',
      kind: 'missing',
    });
    await given.store.deleteApp(APP);
    assert.equal(await given.store.getReplay('rpl_1'), undefined);
    assert.deepEqual((await given.store.listReplays({ sdkAppId: APP, limit: 9 })).items, []);
  });
}
