/**
 * The embedded store after a crash: a copy of its files, taken between two commits, is what a process that dies at this moment
 * leaves behind. It must open to exactly what was acknowledged.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ProfileCommand, Store } from '../../src/storage/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { APP, LEVEL, NICK, ORIGIN, OTHER_APP, sampleApp, sampleEndpoint } from '../support/samples.ts';
import { makeFolder, openStore } from './sqlite-fixture.ts';

/** A store, and copies of it as a crash would leave it. */
async function begin(t: TestContext) {
  const [folder, copies] = [await makeFolder(t), await makeFolder(t)];
  const clock = new FakeClock();
  const store = openStore(t, folder, clock);
  for (const sdkAppId of [APP, OTHER_APP]) await store.createApp(sampleApp({ sdkAppId }));
  await store.createEndpoint(sampleEndpoint());
  const [lease] = await store.claimLanes({ owner: 'node-1', leaseMs: 60_000 });
  let count = 0;
  /** The store as another process would find it now. */
  const afterCrash = async (): Promise<Store> => {
    count += 1;
    const copy = join(copies, String(count));
    await mkdir(copy);
    for (const name of await readdir(folder)) {
      if (/^portrait\.db(-wal)?$/.test(name)) await copyFile(join(folder, name), join(copy, name));
    }
    return openStore(t, copy, clock);
  };
  return { afterCrash, clock, epoch: lease?.epoch ?? 0, folder, store };
}

/** All that can be asked of these users. */
async function picture(store: Store, users: readonly string[]): Promise<unknown> {
  const apps = [APP, OTHER_APP];
  const perApp = await Promise.all(
    apps.map(async (sdkAppId) => ({
      profiles: await store.getProfiles(sdkAppId, users),
      order: (await store.getProfiles(sdkAppId, users)).map((profile) => profile && Object.keys(profile.fields)),
      list: await store.listProfiles({ sdkAppId, limit: 1_000 }),
      part: await store.listProfiles({ sdkAppId, limit: 2, prefix: 'id', cursor: 'id1' }),
      log: await store.readEvents({ sdkAppId, lane: 0, afterSeq: 0, limit: 100_000 }),
      deliveries: await store.listDeliveries({ sdkAppId, limit: 20 }),
    })),
  );
  const heads = await store.readHeads([0]);
  return {
    perApp,
    heads: heads.toSorted((a, b) => a.sdkAppId - b.sdkAppId),
    progress: await store.loadProgress('ep_1'),
    apps: await store.listApps(),
  };
}

const USERS = ['id1', 'id2', 'id3', 'id4'];
const user = fc.record(
  { sdkAppId: fc.constantFrom(APP, OTHER_APP), userId: fc.constantFrom(...USERS) },
  { noNullPrototype: true },
);
const items = fc.uniqueArray(
  fc.record(
    { tag: fc.constantFrom(NICK, LEVEL, 'Tag_a'), value: fc.oneof(fc.string(), fc.nat()) },
    { noNullPrototype: true },
  ),
  { selector: ({ tag }) => tag, minLength: 1 },
);
const command: fc.Arbitrary<ProfileCommand> = fc
  .tuple(user, items, fc.boolean(), fc.constantFrom('set', 'set', 'set', 'import', 'import', 'delete', 'revoke'))
  .map(([who, list, announce, kind]): ProfileCommand => {
    if (kind === 'set') return { ...who, kind, items: list, origin: ORIGIN };
    if (kind === 'import') return { ...who, kind, items: list, origin: ORIGIN, announce };
    return { ...who, kind: kind as 'delete' | 'revoke' };
  });
/** Changes that share a commit; time between it and the next; whether the process dies after it. */
const commit = fc.record({
  commands: fc.array(command, { minLength: 1, maxLength: 6 }),
  afterMs: fc.constantFrom(0, 0, 1_000),
  crash: fc.nat(3).map((chance) => chance === 0),
});

describe('sqlite: after a crash', () => {
  test('whatever was asked of it, a store opens to exactly what was acknowledged', async (t) => {
    const property = fc.asyncProperty(
      fc.array(commit, { minLength: 1, maxLength: 15, size: 'max' }),
      async (commits) => {
        const { afterCrash, clock, epoch, store } = await begin(t);
        try {
          for (const { commands, afterMs, crash } of commits) {
            clock.advance(afterMs);
            const results = await Promise.allSettled(commands.map((one) => store.commitChange(one)));
            await settleOne(store, epoch, results.length);
            if (crash) await assertSame(await afterCrash(), store, USERS);
          }
          await assertSame(await afterCrash(), store, USERS);
        } finally {
          await store.close();
        }
      },
    );
    await fc.assert(property, { numRuns: 25, interruptAfterTimeLimit: 10_000 });
  });

  test('a crash after a crash, and changes between them, lose nothing', async (t) => {
    const { afterCrash, folder, store } = await begin(t);
    await commitAll(store, importsOf(USERS));
    await commitAll(store, setsOf(USERS, 'first'));
    assert.ok(folder);
    const second = await afterCrash();
    await commitAll(store, setsOf(USERS, 'second'));
    await commitAll(second, setsOf(USERS, 'second'));
    assert.deepEqual(await picture(second, USERS), await picture(store, USERS));
    await second.close();
  });

  test('what is deleted, revoked or quietly changed while thousands of changes come stays so', async (t) => {
    const { afterCrash, clock, folder, store } = await begin(t);
    const users = Array.from({ length: 400 }, (_, i) => `id${String(i).padStart(3, '0')}`);
    await commitAll(store, importsOf(users));
    for (let round = 0; round < 21; round += 1) await commitAll(store, setsOf(users, `round ${round}`));
    // From here on each commit may carry work that the store put off.
    for (let step = 0; step < 8; step += 1) {
      clock.advance(1_000);
      const some = users.filter((_, index) => index % 8 === step);
      const third = Math.ceil(some.length / 3);
      await commitAll(store, [
        ...some.slice(0, third).map((userId): ProfileCommand => ({ sdkAppId: APP, userId, kind: 'delete' })),
        ...some.slice(third, third * 2).map((userId): ProfileCommand => ({ sdkAppId: APP, userId, kind: 'revoke' })),
        ...importsOf(some.slice(third * 2), 'quiet'),
        ...setsOf(
          users.slice(0, 20).filter((userId) => !some.includes(userId)),
          `step ${step}`,
        ).filter(({ userId }) => {
          return users.indexOf(userId) % 8 > step;
        }),
      ]);
      if (step % 3 === 0) await assertSame(await afterCrash(), store, users);
    }
    const before = await picture(store, users);
    await assertSame(await afterCrash(), store, users);
    await store.close();
    assert.deepEqual(await picture(openStore(t, folder, clock), users), before);
  });

  test('a store that begins again with thousands of changes behind it has them all', async (t) => {
    const { afterCrash, store } = await begin(t);
    await commitAll(store, importsOf(USERS));
    for (let round = 0; round < 5_000; round += 500) {
      await commitAll(
        store,
        Array.from({ length: 500 }, (_, i) => setsOf([USERS[i % 4] ?? ''], `${round + i}`)).flat(),
      );
    }
    const again = await afterCrash();
    await assertSame(again, store, USERS);
  });

  test('an app that was deleted, and one that took its number, are what they were', async (t) => {
    const { afterCrash, store } = await begin(t);
    await commitAll(store, importsOf(USERS));
    for (let round = 0; round < 30; round += 1) await commitAll(store, setsOf(USERS, `old ${round}`));
    await store.deleteApp(APP);
    await store.createApp(sampleApp());
    await store.createEndpoint(sampleEndpoint());
    await assertSame(await afterCrash(), store, USERS);
    await commitAll(store, importsOf(USERS.slice(1)));
    for (let round = 0; round < 3; round += 1) await commitAll(store, setsOf(USERS.slice(1), `new ${round}`));
    await assertSame(await afterCrash(), store, USERS);
  });
});

async function assertSame(opened: Store, store: Store, users: readonly string[]): Promise<void> {
  try {
    assert.deepEqual(await picture(opened, users), await picture(store, users));
  } finally {
    await opened.close();
  }
}

async function commitAll(store: Store, commands: readonly ProfileCommand[]): Promise<void> {
  await Promise.all(commands.map((one) => store.commitChange(one)));
}

function importsOf(users: readonly string[], nick?: string): ProfileCommand[] {
  const list = nick === undefined ? [] : [{ tag: NICK, value: nick }];
  return users.map((userId) => ({
    sdkAppId: APP,
    userId,
    kind: 'import',
    items: list,
    origin: ORIGIN,
    announce: false,
  }));
}

function setsOf(users: readonly string[], nick: string): ProfileCommand[] {
  return users.map((userId) => {
    return { sdkAppId: APP, userId, kind: 'set', items: [{ tag: NICK, value: nick }], origin: ORIGIN };
  });
}

/** The cursor goes one on, if there is an event for it. */
async function settleOne(store: Store, epoch: number, waiting: number): Promise<void> {
  const { cursors } = await store.loadProgress('ep_1');
  const seq = (cursors[0]?.seq ?? 0) + 1;
  const [event] = await store.readEvents({ sdkAppId: APP, lane: 0, afterSeq: seq - 1, limit: 1 });
  if (!event) return;
  const isParked = waiting % 2 === 0;
  const parked = { userId: event.userId, lane: 0, attempts: 1, nextTryAtMs: 5, reason: 'status', waiting: [seq] };
  await store.settle({
    endpointId: 'ep_1',
    sdkAppId: APP,
    lane: 0,
    epoch,
    cursor: { lane: 0, seq, doneAhead: [] },
    attempts: [{ seq, number: 1, atMs: 1, outcome: isParked ? 'failed' : 'delivered', durationMs: 1 }],
    parked: isParked ? [parked] : [],
    unparkedSeqs: [],
    unparkedUsers: [],
  });
}
