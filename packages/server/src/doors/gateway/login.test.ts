/** Logins at the wrong moment: the store fails, is slow, or the user is kicked meanwhile. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Owner } from '../../../test/support/live/cleanup.ts';
import { loginRawClient, openRawClient } from '../../../test/support/live/raw-client.ts';
import { STUB_APP, startStubServer, stubContext, stubProfile } from '../../../test/support/live/stub-store-server.ts';
import { NICK, ORIGIN } from '../../../test/support/samples.ts';
import { until } from '../../../test/support/until.ts';
import { StoreError } from '../../errors.ts';
import { tellSessions } from '../../sessions/tell-sessions.ts';
import type { Profile } from '../../storage/store.ts';

const HELLO = 'im_open_status.wshello';

/** A server over a store that the test commands. */
async function start(t: Owner) {
  const errors: string[] = [];
  const stub = await stubContext(({ msg }) => errors.push(msg));
  const server = await startStubServer(t, stub);
  return { ...stub, errors, place: { server, app: STUB_APP } };
}

const fail = (): Promise<never> => Promise.reject(new StoreError('unavailable'));

describe('a store that fails', () => {
  test('a login is refused and can be tried again', async (t) => {
    const { store, place, errors } = await start(t);
    const { getProfiles } = store;
    const client = await openRawClient(t, place);
    store.getProfiles = fail;
    const { ErrorInfo, ...rest } = await client.tryLogin('ann');
    assert.deepEqual(rest, { ActionStatus: 'FAIL', ErrorCode: 40006 });
    assert.match(ErrorInfo ?? '', /the store does not answer/);
    assert.deepEqual(errors, ['login.fault']);
    store.getProfiles = getProfiles;
    await client.login('ann');
  });

  test('an account that can not be made is no login', async (t) => {
    const { context, store, place } = await start(t);
    store.getProfiles = async () => [undefined];
    store.commitChange = () => Promise.reject(new StoreError('full'));
    const client = await openRawClient(t, place);
    const { ErrorCode, ErrorInfo } = await client.tryLogin('ann');
    assert.equal(ErrorCode, 40006);
    assert.match(ErrorInfo ?? '', /no space left, nothing was written/);
    assert.equal(context.sessions.count, 0);
  });

  test('a client that is back is cut off rather than answered: it would believe it is online', async (t) => {
    const { context, store, place, errors } = await start(t);
    const { getProfiles } = store;
    const login = (await loginRawClient(t, place, { userId: 'ann' })).loggedIn;
    assert.ok(login);
    store.getProfiles = fail;
    const client = await openRawClient(t, place);
    await assert.rejects(client.relogin(login), /closed with .*1006/);
    assert.deepEqual([client.frames, errors], [[], ['login.fault']]);
    store.getProfiles = getProfiles;
    const again = await openRawClient(t, place);
    assert.equal((await again.relogin(login)).ErrorCode, 0);
    assert.equal(context.sessions.count, 1);
  });

  test('a client whose own profile can not be read is cut off, and has one reply', async (t) => {
    const { context, store, place, errors } = await start(t);
    const client = await openRawClient(t, place);
    let reads = 0;
    store.getProfiles = async () => {
      reads += 1;
      return reads === 1 ? [stubProfile('ann')] : fail();
    };
    await client.login('ann');
    assert.equal((await client.untilClosed()).code, 1006);
    assert.equal(client.frames.length, 1);
    assert.equal(context.sessions.count, 0);
    assert.deepEqual(errors, ['client.fault']);
  });
});

describe('a store that is slow', () => {
  test('a client that goes away while it logs in leaves no session', async (t) => {
    const { context, store, place } = await start(t);
    const gate = Promise.withResolvers<void>();
    let reads = 0;
    store.getProfiles = async () => {
      reads += 1;
      await gate.promise;
      return [stubProfile('ann')];
    };
    const [during, after] = [await openRawClient(t, place), await openRawClient(t, place)];
    void during.tryLogin('ann').catch(() => undefined);
    await until(() => reads === 1, { what: () => 'the login to be under way' });
    during.terminate();
    // the second one is behind it: when it has seen a reply the server has seen the end of the first
    await during.untilClosed();
    await after.request('heartbeat.alive');
    gate.resolve();
    await after.login('bea');
    await until(() => context.sessions.of(STUB_APP.sdkAppId, 'ann').length === 0, { what: () => 'Ann to be gone' });
    assert.equal(context.sessions.count, 1);
  });

  test('the own profile that was read before a change is not pushed behind it', async (t) => {
    const { context, store, place } = await start(t);
    const profile = (nick: string): Profile => stubProfile('ann', { fields: { [NICK]: nick } });
    const gate = Promise.withResolvers<void>();
    let reads = 0;
    store.getProfiles = async () => {
      reads += 1;
      if (reads === 2) await gate.promise;
      return [profile(reads <= 2 ? 'old' : 'new')];
    };
    const client = await loginRawClient(t, place, { userId: 'ann' });
    await until(() => reads === 2, { what: () => 'the own profile to be read' });
    const { sdkAppId } = STUB_APP;
    const items = [{ tag: NICK, value: 'new' }];
    tellSessions(context.sessions, { kind: 'set', sdkAppId, userId: 'ann', items, origin: ORIGIN });
    gate.resolve();
    await client.untilPushed('Tag_Profile_IM_Level', 0);
    assert.deepEqual(
      client.pushes.map((pushed) => pushed[NICK]),
      ['new', 'new'],
    );
  });

  test('a kick between the proof and the login ends it', async (t) => {
    const { context, store, place } = await start(t);
    let reads = 0;
    store.getProfiles = async () => {
      reads += 1;
      return [stubProfile('ann', { revokedAtMs: reads === 1 ? 0 : Date.now() + 60_000 })];
    };
    const client = await loginRawClient(t, place, { userId: 'ann' });
    assert.deepEqual(await client.untilKicked(), { KickType: 3 });
    assert.deepEqual([client.pushes, context.sessions.count], [[], 0]);
  });

  test('frames wait for the one before them, heartbeats do not', async (t) => {
    const { store, place } = await start(t);
    const client = await loginRawClient(t, place, { userId: 'ann' });
    await client.untilPushed('Tag_Profile_IM_Level', 0);
    const { getProfiles } = store;
    const gate = Promise.withResolvers<void>();
    store.getProfiles = async (...query) => {
      await gate.promise;
      return getProfiles(...query);
    };
    const before = client.frames.length;
    const first = client.send(HELLO);
    const second = client.send('openim.getmsg');
    await client.request('heartbeat.alive');
    assert.equal(client.frames.length, before + 1);
    gate.resolve();
    await client.untilReplied('openim.getmsg', second);
    const seqs = client.frames.slice(before + 1).map(({ head }) => head.seq);
    assert.deepEqual(seqs, [first, second]);
  });
});

describe('too many logins from an address', () => {
  test('are refused, and a client that is back is cut off', async (t) => {
    const { context, place } = await start(t);
    const login = (await loginRawClient(t, place, { userId: 'ann' })).loggedIn;
    assert.ok(login);
    while (context.loginLimits.take('127.0.0.1'));
    const client = await openRawClient(t, place);
    const { ErrorCode, ErrorInfo } = await client.tryLogin('ann');
    assert.equal(ErrorCode, 60018);
    assert.match(ErrorInfo ?? '', /too many logins from this address/);
    await assert.rejects(client.relogin(login), /closed with .*1006/);
  });
});
