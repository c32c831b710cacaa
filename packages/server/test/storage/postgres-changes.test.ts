/** Changes of several processes on one database: what each knows of profiles, and what becomes of it when another one writes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiError } from '../../src/errors.ts';
import { laneOf } from '../../src/storage/lane.ts';
import { ChangeCommits } from '../../src/storage/postgres/commit-changes.ts';
import { Database } from '../../src/storage/postgres/database.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import type { PostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import type { CommittedChange, ProfileCommand } from '../../src/storage/store.ts';
import { startTcpProxy, type TcpProxy } from '../cluster/tcp-proxy.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { APP, LEVEL, NICK, ORIGIN, sampleApp } from '../support/samples.ts';
import { until } from '../support/until.ts';

const LANES = 4;

/** One process: its commits, its clock, and how often it read before it wrote. */
interface Process {
  readonly clock: FakeClock;
  /** since the last look */
  reads(): number;
  commit(...commands: readonly Command[]): Promise<(CommittedChange | number)[]>;
}

type Command = Omit<ProfileCommand, 'sdkAppId'> & Record<string, unknown>;

/** A store with an app, and two processes beside it that only commit. */
async function twoProcesses(t: TestContext): Promise<{ a: Process; b: Process; store: PostgresStore }> {
  const url = await testDatabase(t);
  const clock = new FakeClock();
  const store = await openPostgresStore({ url, poolSize: 3, laneCount: LANES, clock });
  atEnd(t, () => store.close());
  await store.createApp(sampleApp());
  return { a: await process(t, url), b: await process(t, url), store };
}

/** Another process, by a way that can be cut. */
async function processBehindProxy(
  t: TestContext,
  store: PostgresStore,
): Promise<{ process: Process; proxy: TcpProxy }> {
  const [row] = await store.parts.database.query('SELECT current_database() AS name');
  const postgres = await postgresServer();
  const proxy = await startTcpProxy(t, postgres.port);
  return { process: await process(t, postgres.url(row?.name as string, proxy.port)), proxy };
}

async function process(t: TestContext, url: string): Promise<Process> {
  const clock = new FakeClock();
  const database = new Database({ url, poolSize: 2, clock });
  atEnd(t, () => database.close());
  await database.learnLimits();
  let reads = 0;
  const query = database.query.bind(database);
  database.query = (...asked) => {
    reads += 1;
    return query(...asked);
  };
  const commits = new ChangeCommits({ database, laneCount: LANES, clock, time: () => clock.now() });
  return {
    clock,
    reads: () => {
      const seen = reads;
      reads = 0;
      return seen;
    },
    commit: async (...commands) => {
      const all = commands.map((command) => ({ sdkAppId: APP, ...command }) as ProfileCommand);
      const results = await commits.commit(all);
      return results().map((result) => {
        if ('value' in result) return result.value;
        if (result.error instanceof ApiError) return result.error.code;
        throw result.error;
      });
    },
  };
}

const set = (userId: string, tag: string, value: string | number, more: object = {}): Command => ({
  kind: 'set',
  userId,
  items: [{ tag, value }],
  origin: ORIGIN,
  ...more,
});
const account = (userId: string): Command => ({ kind: 'import', userId, items: [], origin: ORIGIN, announce: false });
const made = (result: CommittedChange | number | undefined): CommittedChange => {
  assert.ok(typeof result === 'object', `refused with ${result}`);
  return result;
};
const sameLane = (userId: string, other: number): string => {
  const names = Array.from({ length: 100 }, (_, number) => `other${number}`);
  const inLane = names.filter((name) => laneOf(APP, name, LANES) === laneOf(APP, userId, LANES));
  return inLane[other] as string;
};

test('who is alone reads a profile once', async (t) => {
  const { a } = await twoProcesses(t);
  await a.commit(account('ann'), account('bob'));
  assert.equal(a.reads(), 1);
  for (let round = 1; round <= 3; round += 1) {
    const [ann, bob] = await a.commit(set('ann', NICK, `Ann ${round}`), set('bob', NICK, `Bob ${round}`));
    assert.deepEqual([made(ann).profile.version, made(bob).profile.version], [round, round]);
  }
  assert.equal(a.reads(), 0);
});

test('what another process wrote is seen, whoever believes to know better', async (t) => {
  const { a, b, store } = await twoProcesses(t);
  await a.commit(account('ann'));
  await a.commit(set('ann', NICK, 'Ann'));
  await b.commit(set('ann', NICK, 'Bea'));
  const [last] = await a.commit(set('ann', NICK, 'Cleo'));
  const { profile, event } = made(last);
  assert.deepEqual([profile.version, event?.seq, event?.previousSeq], [3, 3, 2]);
  assert.deepEqual(event?.previousItems, [{ tag: NICK, value: 'Bea' }]);
  assert.deepEqual(await store.getProfiles(APP, ['ann']), [profile]);
});

test('after a wrong belief profiles are read first, until what is known has been right for a while', async (t) => {
  const { a, b } = await twoProcesses(t);
  await a.commit(account('ann'), account('bob'));
  await b.commit(set('ann', NICK, 'Bea'));
  a.reads();
  const [wrong] = await a.commit(set('ann', NICK, 'Ann'));
  assert.equal(made(wrong).profile.version, 2);
  let batches = 0;
  while (a.reads() > 0 || batches === 0) {
    batches += 1;
    assert.ok(batches < 30, 'it never believes again');
    await a.commit(set('bob', LEVEL, batches));
  }
  assert.equal(batches, 13);
  for (let round = 0; round < 20; round += 1) {
    await b.commit(set('ann', LEVEL, round));
    await a.commit(set('ann', NICK, `Ann ${round}`));
  }
  assert.equal(a.reads(), 19, 'all but the first');
});

test('what changes nothing rests on what is, too', async (t) => {
  const { a, b, store } = await twoProcesses(t);
  await a.commit(account('ann'));
  await a.commit(set('ann', NICK, 'Ann'));
  await b.commit({ kind: 'delete', userId: 'ann' });
  const [again] = await a.commit(account('ann'));
  assert.deepEqual([made(again).profile.isDeleted, made(again).profile.fields], [false, {}]);
  assert.deepEqual(await store.getProfiles(APP, ['ann']), [made(again).profile]);
});

test('a caller who was revoked elsewhere is refused, and what came with him in the batch is not', async (t) => {
  const { a, b, store } = await twoProcesses(t);
  await a.commit(account('root'), account('ann'), account('bob'));
  const asker = { userId: 'root', issuedAtSeconds: Math.floor(a.clock.now() / 1_000) };
  const unknown = { userId: 'nobody', issuedAtSeconds: asker.issuedAtSeconds };
  const before = await a.commit(set('ann', NICK, 'Ann', { asker }), set('bob', NICK, 'Bob', { asker: unknown }));
  assert.deepEqual(
    before.map((result) => made(result).profile.version),
    [1, 1],
    'who has no record was not revoked',
  );
  await b.commit({ kind: 'revoke', userId: 'root' });
  const after = await a.commit(set('ann', NICK, 'Anna', { asker }), set('bob', NICK, 'Rob'));
  assert.deepEqual([after[0], made(after[1]).profile.version], [70001, 2]);
  const [ann] = await store.getProfiles(APP, ['ann']);
  assert.deepEqual(ann?.fields, { [NICK]: 'Ann' });
  assert.deepEqual(await a.commit(set('ann', NICK, 'Anna', { asker })), [70001]);
});

test('a caller whom the same batch revokes is refused from there on', async (t) => {
  const { a } = await twoProcesses(t);
  await a.commit(account('root'), account('ann'));
  const asker = { userId: 'root', issuedAtSeconds: Math.floor(a.clock.now() / 1_000) };
  const results = await a.commit(
    set('ann', NICK, 'Ann', { asker }),
    { kind: 'revoke', userId: 'root' },
    set('ann', NICK, 'Anna', { asker }),
  );
  assert.equal(made(results[0]).profile.version, 1);
  assert.equal(results[2], 70001);
});

test('an event is not older than those before it, in the log and in the body, whatever the clocks', async (t) => {
  const { a, b, store } = await twoProcesses(t);
  const other = sameLane('ann', 0);
  const tricky = '\\"EventTime\\":1,"EventTime":2';
  await a.commit(account('ann'), account(other));
  b.clock.advance(5_000);
  await b.commit(set(other, NICK, 'Otto'));
  const results = await a.commit(set('ann', NICK, tricky), set(other, NICK, 'Udo'), set('ann', NICK, 'Ann'));
  const events = results.map((result) => made(result).event);
  for (const event of events) {
    assert.equal(event?.atMs, b.clock.now());
    assert.equal(JSON.parse(event?.body ?? '').EventTime, b.clock.now());
  }
  assert.equal(JSON.parse(events[0]?.body ?? '').ProfileItem[0].Value, tricky);
  assert.deepEqual(
    events.map((event) => [event?.seq, event?.previousSeq]),
    [
      [2, 0],
      [3, 1],
      [4, 2],
    ],
  );
  const lane = laneOf(APP, 'ann', LANES);
  assert.deepEqual((await store.readEvents({ sdkAppId: APP, lane, afterSeq: 1, limit: 10 })).slice(), events);
  const [ann, udo] = await store.getProfiles(APP, ['ann', other]);
  assert.deepEqual([ann, udo], [made(results[2]).profile, made(results[1]).profile]);
  assert.deepEqual([ann?.updatedAtMs, ann?.lastSeq, udo?.lastSeq], [b.clock.now(), 4, 3]);
  const [later] = await a.commit(set('ann', LEVEL, 1));
  assert.equal(made(later).event?.atMs, b.clock.now(), 'until the own clock has caught up');
});

test('an app that another process deleted is not there, and one made anew begins anew', async (t) => {
  const { a, store } = await twoProcesses(t);
  await a.commit(account('ann'));
  for (let round = 0; round < 3; round += 1) await a.commit(set('ann', NICK, `Ann ${round}`));
  await store.deleteApp(APP);
  assert.deepEqual(await a.commit(set('ann', NICK, 'Anna'), account('ann')), [70020, 70020]);
  await store.createApp(sampleApp());
  assert.deepEqual(await a.commit(set('ann', NICK, 'Anna')), [40003]);
  const [fresh] = await a.commit(account('ann'));
  assert.deepEqual([made(fresh).profile.version, made(fresh).profile.fields], [0, {}]);
  const [first] = await a.commit(set('ann', NICK, 'Anna'));
  assert.deepEqual([made(first).profile.version, made(first).event?.seq], [1, 1]);
});

test('a record that an app of the same number had before is not taken for the one that is there', async (t) => {
  const { a, b, store } = await twoProcesses(t);
  await a.commit(account('ann'));
  await a.commit(set('ann', NICK, 'Ann'));
  await store.deleteApp(APP);
  await store.createApp(sampleApp());
  b.clock.advance(1_000);
  await b.commit(account('ann'));
  await b.commit(set('ann', LEVEL, 1));
  const [last] = await a.commit(set('ann', LEVEL, 2));
  assert.deepEqual([made(last).profile.version, made(last).profile.fields], [2, { [LEVEL]: 2 }]);
});

test('a database that was set back to an older state is believed', async (t) => {
  const { a, store } = await twoProcesses(t);
  await a.commit(account('ann'));
  for (const value of ['Ann', 'Bea', 'Cleo']) await a.commit(set('ann', NICK, value));
  await store.parts.database.query(
    `UPDATE portrait.profile SET revision = revision - 2, version = 1, last_seq = 1, fields = '{"${NICK}":"Ann"}'`,
  );
  const [next] = await a.commit(set('ann', LEVEL, 1));
  assert.deepEqual([made(next).profile.version, made(next).profile.fields], [2, { [NICK]: 'Ann', [LEVEL]: 1 }]);
  for (let round = 0; round < 20; round += 1) await a.commit(set('ann', LEVEL, round));
  a.reads();
  const [last] = await a.commit(set('ann', LEVEL, 3));
  assert.deepEqual(await store.getProfiles(APP, ['ann']), [made(last).profile]);
  assert.equal(a.reads(), 0, 'and known again');
});

test('a connection that breaks while changes are done again with locks fails them, and nothing else', async (t) => {
  const { b, store } = await twoProcesses(t);
  const { process: a, proxy } = await processBehindProxy(t, store);
  await a.commit(account('ann'));
  await a.commit(set('ann', NICK, 'Ann'));
  await b.commit(set('ann', NICK, 'Bea'));
  const hold = proxy.holdAt('COMMIT', 'Cleo');
  const lost = a.commit(set('ann', NICK, 'Cleo'), account('bob'));
  const failed = assert.rejects(lost, { name: 'StoreError', kind: 'unavailable' });
  await until(() => hold.isHolding, { what: () => 'the writes with their COMMIT' });
  proxy.cutAll();
  await failed;
  hold.release();
  const [again] = await a.commit(set('ann', NICK, 'Cleo'));
  assert.deepEqual([made(again).profile.version, made(again).event?.previousItems], [3, [{ tag: NICK, value: 'Bea' }]]);
});

test('who falls silent in the middle of what he writes keeps nobody else from writing for long', async (t) => {
  const { b, store } = await twoProcesses(t);
  const { process: a, proxy } = await processBehindProxy(t, store);
  await a.commit(account('ann'), account('bob'));
  const hold = proxy.holdFrom('Dora');
  // the head has moved when the server comes to the new record, of which it gets no more
  const dora = { ...account(sameLane('ann', 1)), items: [{ tag: NICK, value: 'Dora' }] };
  const silent = assert.rejects(a.commit(set('ann', NICK, 'Ann'), dora), { name: 'StoreError', kind: 'unavailable' });
  await until(() => hold.isHolding, { what: () => 'a part of the writes' });
  proxy.freeze();
  const [first] = await b.commit(set('ann', NICK, 'Bea'));
  assert.deepEqual([made(first).profile.version, made(first).event?.previousItems], [1, []]);
  proxy.cutAll();
  await silent;
});
