import assert from 'node:assert/strict';
import { CALLBACK_PORTRAIT_SET, formatPortraitSetCallback } from '@portrait/wire';
import { formatEventId, parseEventId } from '../../../src/storage/event-id.ts';
import type { Profile, ProfileCommand } from '../../../src/storage/store.ts';
import { APP, LEVEL, NICK, ORIGIN, OTHER_APP } from '../../support/samples.ts';
import type { AddCase, Given } from './given.ts';

const importOf = (userId: string, nick: string, announce: boolean): ProfileCommand => ({
  kind: 'import',
  sdkAppId: APP,
  userId,
  items: [{ tag: NICK, value: nick }],
  origin: ORIGIN,
  announce,
});

const deletion = (userId: string): ProfileCommand => ({ kind: 'delete', sdkAppId: APP, userId });
const revocation = (userId: string): ProfileCommand => ({ kind: 'revoke', sdkAppId: APP, userId });

const emptyProfile = (userId: string, nowMs: number): Profile => ({
  sdkAppId: APP,
  userId,
  version: 0,
  fields: {},
  isDeleted: false,
  revokedAtMs: 0,
  lastSeq: 0,
  createdAtMs: nowMs,
  updatedAtMs: nowMs,
});

async function rejectsWithCode(work: Promise<unknown>, code: number): Promise<void> {
  await assert.rejects(work, { name: 'ApiError', code });
}

/** What a command does to profile and log. */
export function changeCases(add: AddCase): void {
  add('an import makes an account and no event', async (given) => {
    const expected = emptyProfile('id1', given.clock.now());
    assert.deepEqual(await given.importUser('id1'), { profile: expected });
    assert.deepEqual(await given.profile('id1'), expected);
    assert.deepEqual(await given.log(), []);
  });

  add('a set stores the values and an event that says all about the change', async (given) => {
    await given.importUser('id1');
    const createdAtMs = given.clock.now();
    given.clock.advance(5_000);
    const atMs = given.clock.now();
    const items = [
      { tag: NICK, value: 'Ann' },
      { tag: LEVEL, value: 7 },
    ];
    const lane = given.laneOf('id1');
    const profile = {
      ...emptyProfile('id1', createdAtMs),
      version: 1,
      fields: { [NICK]: 'Ann', [LEVEL]: 7 },
      lastSeq: 1,
      updatedAtMs: atMs,
    };
    const event = {
      eventId: formatEventId({ atMs, sdkAppId: APP, lane, seq: 1 }),
      sdkAppId: APP,
      lane,
      seq: 1,
      previousSeq: 0,
      userId: 'id1',
      version: 1,
      command: CALLBACK_PORTRAIT_SET,
      atMs,
      clientIp: ORIGIN.clientIp,
      platform: ORIGIN.platform,
      body: formatPortraitSetCallback({ operatorId: ORIGIN.operatorId, userId: 'id1', atMs, items }),
      previousItems: [],
    };
    assert.deepEqual(await given.set('id1', items), { profile, event });
    assert.deepEqual(await given.profile('id1'), profile);
    assert.deepEqual(await given.readLane(lane), [event]);
  });

  add(
    'a further set merges fields, and its event tells what was there and where the one before stands',
    async (given) => {
      await given.announceAll(given.usersOfOneLane(3));
      await given.set('id1', [{ tag: LEVEL, value: 1 }]);
      const { profile, event } = await given.set('id1', [
        { tag: 'Tag_Profile_IM_Location', value: 'Oslo' },
        { tag: LEVEL, value: 2 },
        { tag: NICK, value: 'new' },
      ]);
      assert.deepEqual(Object.entries(profile.fields), [
        [NICK, 'new'],
        [LEVEL, 2],
        ['Tag_Profile_IM_Location', 'Oslo'],
      ]);
      assert.deepEqual([profile.version, profile.lastSeq], [3, 5]);
      assert.deepEqual([event?.version, event?.seq, event?.previousSeq], [3, 5, 4]);
      assert.deepEqual(event?.previousItems, [
        { tag: LEVEL, value: 1 },
        { tag: NICK, value: 'name 1' },
      ]);
      assert.deepEqual(await given.profile('id1'), profile);
    },
  );

  add('the chain of previousSeq leads through a whole history', async (given) => {
    const [, other] = given.usersOfOneLane(2) as [string, string];
    await given.announceAll(['id1', other, other, 'id1', other, 'id1']);
    const bySeq = new Map((await given.readLane(given.laneOf('id1'))).map((event) => [event.seq, event]));
    const chain: number[] = [];
    for (let seq = (await given.profile('id1'))?.lastSeq ?? 0; seq > 0; seq = bySeq.get(seq)?.previousSeq ?? 0) {
      chain.push(seq);
    }
    assert.deepEqual(chain, [6, 4, 1]);
  });

  add('an event id names the place of its row', async (given) => {
    for (const event of await given.announceAll(['id1', 'id2', 'id1'])) {
      const { atMs, sdkAppId, lane, seq } = event;
      assert.deepEqual(parseEventId(event.eventId), { atMs, sdkAppId, lane, seq });
      const found = await given.store.readEvents({ sdkAppId, lane, afterSeq: seq - 1, limit: 1 });
      assert.deepEqual(found, [event]);
    }
  });

  add('a second import without items changes nothing', async (given) => {
    await given.importUser('id1');
    const { profile } = await given.set('id1', 'Ann');
    given.clock.advance(1_000);
    assert.deepEqual(await given.importUser('id1'), { profile });
    assert.deepEqual(await given.profile('id1'), profile);
  });

  add('an import with items sets them: with an event if it is announced, else without', async (given) => {
    await given.ensureApp();
    const quiet = await given.store.commitChange(importOf('id1', 'Ann', false));
    assert.deepEqual([quiet.profile.version, quiet.profile.fields, quiet.event], [0, { [NICK]: 'Ann' }, undefined]);
    given.clock.advance(1_000);
    const loud = await given.store.commitChange(importOf('id1', 'Bea', true));
    assert.deepEqual([loud.profile.version, loud.profile.fields], [1, { [NICK]: 'Bea' }]);
    assert.deepEqual(loud.event?.previousItems, [{ tag: NICK, value: 'Ann' }]);
    assert.equal(loud.profile.updatedAtMs, given.clock.now());
    assert.equal(loud.profile.createdAtMs, quiet.profile.createdAtMs);
    assert.deepEqual(await given.log(), [loud.event]);
  });

  add('deleting an account wipes its fields, keeps its version and refuses its UserSigs', async (given) => {
    await given.announceAll(['id1', 'id1']);
    const before = (await given.profile('id1')) as Profile;
    given.clock.advance(1_000);
    const nowMs = given.clock.now();
    const deleted = { ...before, fields: {}, isDeleted: true, revokedAtMs: nowMs, updatedAtMs: nowMs };
    assert.deepEqual(await given.store.commitChange(deletion('id1')), { profile: deleted });
    assert.deepEqual(await given.profile('id1'), deleted);
    assert.equal((await given.log()).length, 2);
  });

  add('an account of a deleted name goes on counting, without the old values', async (given) => {
    await given.announceAll(['id1', 'id1']);
    await given.store.commitChange(deletion('id1'));
    given.clock.advance(1_000);
    const { profile } = await given.importUser('id1');
    const { version, fields, isDeleted, createdAtMs, lastSeq } = profile;
    assert.deepEqual([version, fields, isDeleted, createdAtMs, lastSeq], [2, {}, false, given.clock.now(), 2]);
    assert.equal(profile.revokedAtMs, given.clock.now() - 1_000);
    const event = await given.announce('id1', 'again');
    assert.deepEqual([event.version, event.seq, event.previousSeq, event.previousItems], [3, 3, 2, []]);
  });

  add('a revocation is stored and makes no event', async (given) => {
    await given.importUser('id1');
    const { profile } = await given.set('id1', 'Ann');
    given.clock.advance(1_000);
    const revoked = { ...profile, revokedAtMs: given.clock.now() };
    assert.deepEqual(await given.store.commitChange(revocation('id1')), { profile: revoked });
    assert.deepEqual(await given.profile('id1'), revoked);
  });

  add('a command whose caller was revoked is refused and writes nothing', async (given) => {
    await given.importUsers(['id1', 'root']);
    const issuedAtSeconds = Math.floor(given.clock.now() / 1_000);
    const setBy = (userId: string, issued = issuedAtSeconds): ProfileCommand => ({
      kind: 'set',
      sdkAppId: APP,
      userId: 'id1',
      items: [{ tag: NICK, value: 'Ann' }],
      origin: ORIGIN,
      asker: { userId, issuedAtSeconds: issued },
    });
    const { profile } = await given.store.commitChange(setBy('root'));
    await given.store.commitChange(setBy('nobody'));
    given.clock.advance(1_000);
    await given.store.commitChange(revocation('root'));
    await rejectsWithCode(given.store.commitChange(setBy('root')), 70001);
    await rejectsWithCode(given.store.commitChange({ ...setBy('root'), userId: 'not there' }), 70001);
    assert.equal((await given.profile('id1'))?.version, profile.version + 1);
    await given.store.commitChange(setBy('root', issuedAtSeconds + 2));
    await given.store.commitChange(revocation('id1'));
    await rejectsWithCode(given.store.commitChange(setBy('id1')), 70001);
  });

  add('a command for an account that is not there is refused and writes nothing', async (given) => {
    await given.ensureApp();
    await rejectsWithCode(given.set('id1', 'Ann'), 40003);
    await rejectsWithCode(given.store.commitChange(deletion('id1')), 70107);
    await rejectsWithCode(given.store.commitChange(revocation('id1')), 70107);
    assert.equal(await given.profile('id1'), undefined);
    await given.importUser('id1');
    await given.store.commitChange(deletion('id1'));
    const deleted = await given.profile('id1');
    given.clock.advance(1_000);
    await given.ensureApp();
    await rejectsWithCode(given.set('id1', 'Ann'), 40003);
    await rejectsWithCode(given.store.commitChange(deletion('id1')), 70107);
    assert.deepEqual(await given.profile('id1'), deleted);
    assert.deepEqual(await given.log(), []);
  });

  add('a clock that was set back hides no later change', async (given) => {
    await given.importUser('id1');
    await given.set('id1', 'Ann');
    for (const command of [
      importOf('id1', 'Bea', false),
      revocation('id1'),
      importOf('id1', 'Cleo', true),
      deletion('id1'),
    ]) {
      given.clock.jumpTo(given.clock.now() - 3_600_000);
      const { profile } = await given.store.commitChange(command);
      assert.deepEqual(await given.profile('id1'), profile, command.kind);
    }
    const last = await given.profile('id1');
    await given.reopen();
    assert.deepEqual(await given.profile('id1'), last);
    assert.equal(last?.isDeleted, true);
  });

  add('users of the same name in two apps have nothing to do with each other', async (given) => {
    await given.importUser('id1');
    await given.ensureApp(OTHER_APP);
    await rejectsWithCode(given.set('id1', 'Ann', OTHER_APP), 40003);
    await given.importUser('id1', OTHER_APP);
    await given.set('id1', 'Ann');
    const other = await given.set('id1', 'Bea', OTHER_APP);
    assert.deepEqual([other.profile.version, other.event?.seq, other.event?.previousItems], [1, 1, []]);
    await given.store.commitChange(deletion('id1'));
    assert.deepEqual(await given.profile('id1', OTHER_APP), other.profile);
  });
}

/** Also used where a case needs an account gone. */
export async function deleteUser(given: Given, userId: string): Promise<void> {
  await given.store.commitChange(deletion(userId));
}
