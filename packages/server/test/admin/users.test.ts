import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertProblem, makeApp, makeEndpoint, setNick, startAdmin } from './support.ts';

describe('admin API: users', () => {
  it('shows a profile with the last deliveries', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    await makeEndpoint(admin, id);
    for (let i = 1; i <= 12; i += 1) {
      await setNick(admin, id, 'ann', `A${i}`);
      admin.advance(1000);
    }
    const listed = {
      userId: 'ann',
      version: 12,
      fields: { Tag_Profile_IM_Nick: 'A12' },
      createdAt: '2026-11-23T10:00:00.000Z',
      updatedAt: '2026-11-23T10:00:11.000Z',
      online: false,
    };
    const { deliveries, ...shown } = (await admin.call('GET', `/apps/${id}/users/ann`)).body;
    assert.deepEqual(shown, { ...listed, sessions: [] });
    const sequences = deliveries.map((delivery: { sequence: number }) => delivery.sequence);
    assert.deepEqual(sequences, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    assert.deepEqual((await admin.call('GET', `/apps/${id}/users`)).body, { items: [listed], nextCursor: null });
  });

  it('takes any UserID in the path', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    for (const userId of ['a/b', 'a b', '?#%', '..x', '@TGS#1', '~'.repeat(32)]) {
      await setNick(admin, id, userId, 'x');
      const answer = await admin.call('GET', `/apps/${id}/users/${encodeURIComponent(userId)}`);
      assert.deepEqual([answer.status, answer.body.userId], [200, userId]);
    }
  });

  it('lists users by name, by prefix and page by page', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    for (const userId of ['bob', 'ann', 'anna', 'Ann', 'a_n', 'a%n']) await setNick(admin, id, userId, 'x');
    const list = async (query: string) => {
      const { items, nextCursor } = (await admin.call('GET', `/apps/${id}/users?${query}`)).body;
      return { names: items.map((user: { userId: string }) => user.userId), nextCursor };
    };
    assert.deepEqual((await list('')).names, ['Ann', 'a%n', 'a_n', 'ann', 'anna', 'bob']);
    assert.deepEqual((await list('prefix=')).names.length, 6);
    assert.deepEqual((await list('prefix=an')).names, ['ann', 'anna']);
    assert.deepEqual((await list('prefix=a_')).names, ['a_n']);
    assert.deepEqual((await list('prefix=a%25')).names, ['a%n']);
    assert.deepEqual((await list('prefix=zz')).names, []);
    const first = await list('prefix=a&limit=3');
    assert.deepEqual(first.names, ['a%n', 'a_n', 'ann']);
    assert.deepEqual(await list(`prefix=a&limit=3&cursor=${first.nextCursor}`), { names: ['anna'], nextCursor: null });
  });

  it('knows no user that is not there or was deleted', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    await setNick(admin, id, 'ann', 'x');
    await admin.store.commitChange({ sdkAppId: id, userId: 'ann', kind: 'delete' });
    assertProblem(await admin.call('GET', `/apps/${id}/users/ann`), 404, `there is no user ann of app ${id}`);
    assertProblem(await admin.call('GET', `/apps/${id}/users/bob`), 404);
    assertProblem(await admin.call('GET', '/apps/99/users/bob'), 404, 'there is no app 99');
    assertProblem(await admin.call('GET', '/apps/99/users'), 404, 'there is no app 99');
    assert.deepEqual((await admin.call('GET', `/apps/${id}/users`)).body.items, []);
  });

  it('refuses wrong parameters', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    for (const query of ['limit=0', 'limit=201', 'cursor=ann', 'cursor=', `prefix=${'x'.repeat(33)}`, 'name=ann']) {
      assertProblem(await admin.call('GET', `/apps/${id}/users?${query}`), 400, query.split('=', 1)[0] ?? '');
    }
    for (const userId of ['x'.repeat(33), '%C3%BC', '%0A']) {
      assertProblem(await admin.call('GET', `/apps/${id}/users/${userId}`), 400, 'path parameter userId');
    }
    assertProblem(await admin.call('GET', `/apps/${id}/users/ann?limit=5`), 400, 'query parameter limit');
  });
});
