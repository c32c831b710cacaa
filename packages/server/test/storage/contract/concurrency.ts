import assert from 'node:assert/strict';
import type { ChangeEvent } from '../../../src/storage/store.ts';
import { APP, NICK, OTHER_APP } from '../../support/samples.ts';
import { type AddCase, countTo, type Given, itemsOf } from './given.ts';

/** Changes that come while others are under way. */
export function concurrencyCases(add: AddCase): void {
  add('seq counts 1, 2, 3 … in each lane without a hole under many writers', async (given) => {
    const apps = [APP, OTHER_APP];
    const users = countTo(40).map((number) => `id${number}`);
    await Promise.all(apps.map((app) => given.importUsers(users, app)));
    const writes = countTo(8).flatMap((round) =>
      apps.flatMap((app) => users.map((userId) => given.set(userId, `name ${round}`, app))),
    );
    const answers = (await Promise.all(writes)).map(({ event }) => event as ChangeEvent);

    for (const app of apps) {
      const log = await given.log(app);
      assertSameEvents(
        log,
        answers.filter((event) => event.sdkAppId === app),
      );
      for (const lane of Map.groupBy(log, (event) => event.lane).values()) assertIsWholeLane(lane);
    }
    const heads = await given.store.readHeads(given.lanes);
    assert.equal(
      heads.reduce((sum, { seq }) => sum + seq, 0),
      writes.length,
    );
  });

  add('changes of one user at the same time get versions 1, 2, 3 …, each knowing the one before', async (given) => {
    await given.importUser('id1');
    await Promise.all(countTo(100).map((number) => given.set('id1', `name ${number}`)));
    const history = await given.history('id1');
    assert.deepEqual(
      history.map(({ version }) => version),
      countTo(100),
    );
    for (const [index, event] of history.entries()) {
      const before = history[index - 1];
      assert.deepEqual(event.previousItems, before ? itemsOf(before) : []);
      assert.equal(event.previousSeq, before?.seq ?? 0);
    }
    const profile = await given.profile('id1');
    assert.equal(profile?.version, 100);
    assert.deepEqual([{ tag: NICK, value: profile?.fields[NICK] }], itemsOf(history.at(-1) as ChangeEvent));
  });

  add('changes that one caller makes one after the other come in his order', async (given) => {
    const users = countTo(10).map((number) => `id${number}`);
    await given.importUsers(users);
    await Promise.all(
      users.map(async (userId) => {
        for (const round of countTo(20)) {
          const { event } = await given.set(userId, round);
          assert.equal(event?.version, round);
        }
      }),
    );
    for (const userId of users) {
      const written = (await given.history(userId)).map((event) => itemsOf(event)[0]?.value);
      assert.deepEqual(written, countTo(20));
    }
  });

  add('an account that many import at the same time is made once', async (given) => {
    const answers = await Promise.all(countTo(30).map(() => given.importUser('id1')));
    const profile = await given.profile('id1');
    for (const answer of answers) assert.deepEqual(answer.profile, profile);
  });

  add('who breaks a rule fails alone among those who come at the same time', async (given) => {
    const users = countTo(60).map((number) => `id${number}`);
    const known = users.filter((_, index) => index % 3 > 0);
    await given.importUsers(known);
    const results = await Promise.allSettled(users.map((userId) => given.set(userId, 'Ann')));
    for (const [index, result] of results.entries()) {
      if (known.includes(users[index] as string)) assert.equal(result.status, 'fulfilled');
      else assert.equal((result as PromiseRejectedResult).reason.code, 40003);
    }
    assert.equal((await given.log()).length, known.length);
    assert.deepEqual(await versions(given, users), [
      ...users.map((userId) => (known.includes(userId) ? 1 : undefined)),
    ]);
  });

  add('a user who is deleted and changed at the same time is in one state or the other', async (given) => {
    await given.importUser('id1');
    await Promise.allSettled([
      given.set('id1', 'Ann'),
      given.store.commitChange({ kind: 'delete', sdkAppId: APP, userId: 'id1' }),
      given.set('id1', 'Bea'),
      given.importUser('id1'),
      given.set('id1', 'Cleo'),
    ]);
    const history = await given.history('id1');
    assert.deepEqual(
      history.map(({ version }) => version),
      countTo(history.length),
    );
    assert.equal((await given.profile('id1'))?.version, history.length);
  });
}

function assertIsWholeLane(events: readonly ChangeEvent[]): void {
  assert.deepEqual(
    events.map(({ seq }) => seq),
    countTo(events.length),
  );
  for (const ofUser of Map.groupBy(events, ({ userId }) => userId).values()) {
    assert.deepEqual(
      ofUser.map(({ version }) => version),
      countTo(ofUser.length),
    );
  }
}

function assertSameEvents(actual: readonly ChangeEvent[], expected: readonly ChangeEvent[]): void {
  const sorted = (events: readonly ChangeEvent[]): readonly ChangeEvent[] =>
    events.toSorted((a, b) => a.lane - b.lane || a.seq - b.seq);
  assert.deepEqual(sorted(actual), sorted(expected));
}

async function versions(given: Given, userIds: readonly string[]): Promise<readonly (number | undefined)[]> {
  return (await given.store.getProfiles(APP, userIds)).map((profile) => profile?.version);
}
