import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertProblem, makeApp, setNick, startAdmin } from './support.ts';

describe('admin API: changing users', () => {
  it('makes an account, changes it, and each change makes an event in the name of the administrator', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const made = await admin.call('POST', `/apps/${id}/users`, {
      userId: 'ann',
      fields: { Tag_Profile_IM_Nick: 'Ann' },
    });
    assert.deepEqual([made.status, made.body.version, made.body.fields], [201, 1, { Tag_Profile_IM_Nick: 'Ann' }]);
    const fields = { Tag_Profile_IM_Level: 3, Tag_Profile_IM_Nick: 'Anna' };
    const changed = await admin.call('PATCH', `/apps/${id}/users/ann`, { fields });
    assert.deepEqual([changed.status, changed.body.version], [200, 2]);
    const [event] = changed.body.deliveries.map((delivery: { event: object }) => delivery.event);
    assert.deepEqual([event.operator, event.platform, event.clientIp], ['administrator', 'RESTAPI', '127.0.0.1']);
    assert.deepEqual(event.items, [
      { tag: 'Tag_Profile_IM_Level', value: 3 },
      { tag: 'Tag_Profile_IM_Nick', value: 'Anna' },
    ]);
    assertProblem(await admin.call('POST', `/apps/${id}/users`, { userId: 'ann' }), 409, 'there already');
    assert.deepEqual(
      admin.announced.map(({ kind }) => kind),
      ['import', 'set'],
    );
  });

  it('refuses what is no field or no value of it, whole', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    await setNick(admin, id, 'ann', 'Ann');
    for (const [fields, word] of [
      [{ Tag_Profile_IM_Nick: 'x', Tag_Profile_IM_Nope: 'x' }, '40009'],
      [{ Tag_Profile_IM_Nick: 'x'.repeat(501) }, '500'],
      [{ Tag_Profile_IM_Gender: 'no' }, 'Gender'],
    ] as const) {
      const faults = assertProblem(await admin.call('PATCH', `/apps/${id}/users/ann`, { fields }), 400, word);
      assert.ok(faults['#/fields']);
    }
    assert.equal((await admin.call('GET', `/apps/${id}/users/ann`)).body.version, 1);
    assertProblem(await admin.call('PATCH', `/apps/${id}/users/bob`, { fields: { Tag_Profile_IM_Level: 1 } }), 404);
  });

  it('kicks and deletes', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    await setNick(admin, id, 'ann', 'Ann');
    assert.equal((await admin.call('POST', `/apps/${id}/users/ann/kick`)).status, 200);
    assert.equal((await admin.call('DELETE', `/apps/${id}/users/ann`)).status, 204);
    assertProblem(await admin.call('GET', `/apps/${id}/users/ann`), 404);
    assertProblem(await admin.call('POST', `/apps/${id}/users/ann/kick`), 404);
    assert.deepEqual(
      admin.announced.map(({ kind }) => kind),
      ['revoke', 'delete'],
    );
  });
});

describe('admin API: UserSigs', () => {
  it('makes one, which is valid until it runs out or its user is kicked', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    await setNick(admin, id, 'ann', 'Ann');
    const made = await admin.call('POST', `/apps/${id}/usersig`, { userId: 'ann', expireSeconds: 60 });
    const { userSig, issuedAt, expiresAt } = made.body;
    assert.equal(Date.parse(expiresAt) - Date.parse(issuedAt), 60_000);
    const verify = async (body: object, app = id) =>
      (await admin.call('POST', `/apps/${app}/usersig/verify`, body)).body;
    const claims = { userId: 'ann', sdkAppId: id, issuedAt, expiresAt };
    assert.deepEqual(await verify({ userSig }), { isValid: true, code: 0, claims });
    assert.equal((await verify({ userSig: ` ${userSig}\n`, userId: 'ann' })).isValid, true);
    const other = await makeApp(admin, { sdkAppId: id + 1 });
    for (const [body, app, code, word] of [
      [{ userSig, userId: 'bob' }, id, 70013, 'another UserID'],
      [{ userSig }, other, 70014, 'another SDKAppID'],
      [{ userSig: 'nonsense' }, id, 70003, 'usersig'],
    ] as const) {
      const verdict = await verify(body, app);
      assert.deepEqual([verdict.isValid, verdict.code], [false, code]);
      assert.match(verdict.detail, new RegExp(word));
    }
    await admin.call('POST', `/apps/${id}/users/ann/kick`);
    assert.match((await verify({ userSig })).detail, /revoked/);
    admin.advance(61_000);
    assert.deepEqual([(await verify({ userSig })).code], [70001]);
  });
});
