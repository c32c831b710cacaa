/** The store on PostgreSQL when connections break, the server crashes, and several starters come at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/errors.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import type { CommittedChange, Store } from '../../src/storage/store.ts';
import { startTcpProxy } from '../cluster/tcp-proxy.ts';
import { atEnd, type Owner } from '../support/live/cleanup.ts';
import { postgresServer, startPostgres, testDatabase } from '../support/postgres.ts';
import { APP, NICK, ORIGIN, sampleApp } from '../support/samples.ts';
import { until } from '../support/until.ts';

async function open(owner: Owner, url: string): Promise<Store> {
  const store = await openPostgresStore({ url, poolSize: 6, clock: systemClock });
  atEnd(owner, () => store.close());
  return store;
}

function set(store: Store, userId: string, value: string): Promise<CommittedChange> {
  return store.commitChange({ kind: 'set', sdkAppId: APP, userId, items: [{ tag: NICK, value }], origin: ORIGIN });
}

async function importUsers(store: Store, userIds: readonly string[]): Promise<void> {
  await store.createApp(sampleApp());
  await Promise.all(
    userIds.map((userId) =>
      store.commitChange({ kind: 'import', sdkAppId: APP, userId, items: [], origin: ORIGIN, announce: false }),
    ),
  );
}

/** What a user's events say was written. */
async function writtenOf(store: Store, userId: string): Promise<readonly string[]> {
  const heads = await store.readHeads(Array.from({ length: store.laneCount }, (_, lane) => lane));
  const lanes = await Promise.all(
    heads.map(({ lane }) => store.readEvents({ sdkAppId: APP, lane, afterSeq: 0, limit: 100_000 })),
  );
  return lanes
    .flat()
    .filter((event) => event.userId === userId)
    .map(({ body }) => (JSON.parse(body) as { ProfileItem: [{ Value: string }] }).ProfileItem[0].Value);
}

describe('postgres: starts', () => {
  test('many who start at once on an empty database all find the same store', async (t) => {
    const url = await testDatabase(t);
    const stores = await Promise.all(Array.from({ length: 6 }, () => open(t, url)));
    assert.deepEqual(new Set(stores.map(({ laneCount }) => laneCount)), new Set([256]));
    await stores[0]?.createApp(sampleApp());
    for (const store of stores) assert.equal((await store.listApps()).length, 1);
  });

  test('the store of a newer Portrait is refused, and left as it was', async (t) => {
    const url = await testDatabase(t);
    await (await openPostgresStore({ url, poolSize: 3, clock: systemClock })).close();
    const postgres = await postgresServer();
    await postgres.query("UPDATE portrait.meta SET value = 99 WHERE name = 'schema'", url);
    await assert.rejects(open(t, url), (error) => {
      assert.ok(error instanceof StoreError);
      assert.equal(error.kind, 'refused');
      assert.match(error.message, /99.*newer/);
      return true;
    });
  });

  test('a schema of the same name that is another program’s is refused', async (t) => {
    const url = await testDatabase(t);
    await (await postgresServer()).query('CREATE SCHEMA portrait CREATE TABLE photo (x INT)', url);
    await assert.rejects(open(t, url), { kind: 'refused', message: /not made by Portrait/ });
  });

  test('a database that is not there is refused with what the server says, without the password', async (t) => {
    const url = (await postgresServer()).url('nowhere');
    await assert.rejects(open(t, url), (error) => {
      assert.ok(error instanceof StoreError && error.kind === 'refused');
      assert.match(error.message, /nowhere/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
});

describe('postgres: broken connections', () => {
  for (const when of ['before', 'after'] as const) {
    test(`a commit whose connection is cut ${when} it gets through is whole or absent, and never double`, async (t) => {
      const postgres = await postgresServer();
      const url = await testDatabase(t);
      const proxy = await startTcpProxy(t, postgres.port);
      const direct = await open(t, url);
      const users = Array.from({ length: 12 }, (_, number) => `id${number}`);
      await importUsers(direct, users);
      const cut = await open(t, postgres.url(new URL(url).pathname.slice(1), proxy.port));
      const fates = new Map<string, 'acknowledged' | 'unknown'>();
      for (let round = 0; round < 8; round += 1) {
        if (round % 2 === 0) proxy.cutAt(`${users[0]} ${round}`, when, 1);
        await Promise.all(
          users.map(async (userId) => {
            const value = `${userId} ${round}`;
            try {
              await set(cut, userId, value);
              fates.set(value, 'acknowledged');
            } catch (error) {
              assert.ok(error instanceof StoreError, String(error));
              assert.equal(error.kind, 'unavailable');
              fates.set(value, 'unknown');
            }
          }),
        );
      }
      const unknown = [...fates.values()].filter((fate) => fate === 'unknown').length;
      assert.ok(proxy.cuts > 0 && unknown > 0 && unknown < fates.size, `${proxy.cuts} cuts, ${unknown} unknown`);
      let stored = 0;
      for (const userId of users) {
        const written = await writtenOf(direct, userId);
        assert.equal(new Set(written).size, written.length, `${written} has one twice`);
        for (const [value, fate] of fates) {
          if (!value.startsWith(`${userId} `)) continue;
          if (fate === 'acknowledged') assert.ok(written.includes(value), `${value} was acknowledged`);
          if (fate === 'unknown' && written.includes(value)) stored += 1;
        }
        const [profile] = await direct.getProfiles(APP, [userId]);
        assert.equal(profile?.version, written.length);
        assert.equal(profile?.fields[NICK], written.at(-1));
      }
      assert.equal(stored, when === 'after' ? unknown : 0);
    });
  }

  test('a store that is given up while the database is silent rejects what waits, and closes', async (t) => {
    const postgres = await postgresServer();
    const databaseUrl = await testDatabase(t);
    const proxy = await startTcpProxy(t, postgres.port);
    const url = postgres.url(new URL(databaseUrl).pathname.slice(1), proxy.port);
    const store = await openPostgresStore({ url, poolSize: 6, clock: systemClock });
    await importUsers(store, ['alice']);
    proxy.freeze();
    const waiting = [set(store, 'alice', 'lost'), store.listApps(), store.getProfiles(APP, ['alice']), store.check()];
    const outcomes = Promise.allSettled(waiting);
    store.abandon();
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreError, JSON.stringify(outcome));
      assert.equal(outcome.reason.kind, 'unavailable');
    }
    await assert.rejects(store.listApps(), StoreError);
    await store.close();
    proxy.thaw();
  });

  test('after a break of all connections the next calls succeed', async (t) => {
    const postgres = await postgresServer();
    const url = await testDatabase(t);
    const proxy = await startTcpProxy(t, postgres.port);
    const store = await open(t, postgres.url(new URL(url).pathname.slice(1), proxy.port));
    await importUsers(store, ['id1']);
    proxy.cutAll();
    await until(async () => (await store.listApps().catch(() => [])).length === 1, { what: () => 'the store' });
    await set(store, 'id1', 'after');
    assert.equal((await store.getProfiles(APP, ['id1']))[0]?.version, 1);
  });

  test('a crash of the server loses nothing that was acknowledged, and the store goes on by itself', async (t) => {
    const postgres = await startPostgres();
    atEnd(t, () => postgres.stop());
    const store = await open(t, await postgres.createDatabase());
    const users = Array.from({ length: 8 }, (_, number) => `id${number}`);
    await importUsers(store, users);
    const acknowledged = new Map<string, number>(users.map((userId) => [userId, 0]));
    let isWriting = true;
    const write = async (userId: string): Promise<void> => {
      for (let count = 1; isWriting; count += 1) {
        const change = await set(store, userId, `${userId} ${count}`).catch((error: unknown) => {
          assert.ok(error instanceof StoreError && error.kind === 'unavailable', String(error));
        });
        if (change?.event) acknowledged.set(userId, change.event.version);
        await new Promise(setImmediate);
      }
    };
    const writers = users.map(write);
    const more = async (): Promise<void> => {
      const enough = Math.min(...acknowledged.values()) + 20;
      await until(() => Math.min(...acknowledged.values()) >= enough, {
        what: () => '20 changes each',
        withinMs: 30_000,
      });
    };
    try {
      await more();
      await postgres.crash();
      await more();
    } finally {
      isWriting = false;
      await Promise.all(writers);
    }
    for (const [userId, version] of acknowledged) {
      const [profile] = await store.getProfiles(APP, [userId]);
      assert.ok((profile?.version ?? 0) >= version);
      assert.equal((await writtenOf(store, userId)).length, profile?.version);
    }
  });
});

test('postgres: 32 writers on 10 hot users, by four processes’ stores, never end in a deadlock', async (t) => {
  const url = await testDatabase(t);
  const stores = await Promise.all(Array.from({ length: 4 }, () => open(t, url)));
  const [first] = stores;
  assert.ok(first);
  const users = Array.from({ length: 10 }, (_, number) => `id${number}`);
  await importUsers(first, users);
  await Promise.all(
    Array.from({ length: 32 }, async (_, writer) => {
      const store = stores[writer % stores.length] as Store;
      for (let round = 0; round < 25; round += 1) {
        // all of them at once, in an order of its own
        await Promise.all(
          users.map((_user, at) => set(store, users[(at + writer) % 10] as string, `${writer} ${round}`)),
        );
      }
    }),
  );
  const postgres = await postgresServer();
  const [row] = await postgres.query('SELECT sum(deadlocks)::int AS n FROM pg_stat_database', url);
  assert.equal(row?.n, 0);
  for (const profile of await first.getProfiles(APP, users)) assert.equal(profile?.version, 32 * 25);
});
