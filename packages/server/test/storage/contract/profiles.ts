import assert from 'node:assert/strict';
import { APP, NICK, ORIGIN, OTHER_APP } from '../../support/samples.ts';
import { deleteUser } from './changes.ts';
import { type AddCase, countTo, type Given } from './given.ts';

/** Reading profiles. */
export function profileCases(add: AddCase): void {
  add('profiles come in the order asked for, undefined where there is none', async (given) => {
    await given.importUsers(['id1', 'id2', 'id3']);
    await deleteUser(given, 'id2');
    const found = await given.store.getProfiles(APP, ['id3', 'nobody', 'id1', 'id2', 'id3']);
    assert.deepEqual(
      found.map((profile) => profile && [profile.userId, profile.isDeleted]),
      [['id3', false], undefined, ['id1', false], ['id2', true], ['id3', false]],
    );
    assert.deepEqual(await given.store.getProfiles(APP, []), []);
    assert.deepEqual(await given.store.getProfiles(OTHER_APP, ['id1']), [undefined]);
  });

  add('a list has the accounts of one app by UserID, without those that are deleted', async (given) => {
    await given.importUsers(['id3', 'id1', 'ID2', 'id2', 'id10']);
    await given.importUser('other', OTHER_APP);
    await deleteUser(given, 'id3');
    await given.set('id1', 'Ann');
    const { items, nextCursor } = await given.store.listProfiles({ sdkAppId: APP, limit: 10 });
    assert.equal(nextCursor, undefined);
    assert.deepEqual(items, await given.store.getProfiles(APP, ['ID2', 'id1', 'id10', 'id2']));
    assert.equal(items[1]?.fields[NICK], 'Ann');
  });

  add('an account that comes back is listed again, with its new values', async (given) => {
    await given.importUsers(['id1', 'id2']);
    await given.set('id1', 'old');
    for (const announce of [true, false]) {
      await deleteUser(given, 'id1');
      assert.deepEqual(await namesOf(given, { limit: 10 }), ['id2']);
      const items = [{ tag: NICK, value: `back ${announce}` }];
      const { profile } = await given.store.commitChange({
        kind: 'import',
        sdkAppId: APP,
        userId: 'id1',
        items,
        origin: ORIGIN,
        announce,
      });
      const list = await given.store.listProfiles({ sdkAppId: APP, limit: 10 });
      assert.deepEqual(list.items[0], profile);
      await given.reopen();
      assert.deepEqual(await given.profile('id1'), profile);
    }
  });

  add('pages hold each account once, whatever their size', async (given) => {
    const users = countTo(25).map((number) => `id${number}`);
    await given.importUsers(users);
    for (const limit of [1, 2, 7, 24, 25, 26]) {
      assert.deepEqual(await namesOf(given, { limit }), users.toSorted());
    }
  });

  add('a page that ends with the list has no cursor', async (given) => {
    await given.importUsers(['id1', 'id2']);
    const page = await given.store.listProfiles({ sdkAppId: APP, limit: 2 });
    assert.deepEqual([page.items.length, 'nextCursor' in page], [2, false]);
    const none = await given.store.listProfiles({ sdkAppId: OTHER_APP, limit: 2 });
    assert.deepEqual(none, { items: [] });
  });

  add('accounts that come and go between two pages neither repeat nor hide others', async (given) => {
    await given.importUsers(['b', 'd', 'f', 'h']);
    const first = await given.store.listProfiles({ sdkAppId: APP, limit: 2 });
    await given.importUsers(['a', 'e']);
    await deleteUser(given, 'd');
    const rest = await namesOf(given, { limit: 2, cursor: first.nextCursor ?? '' });
    assert.deepEqual([...first.items.map(({ userId }) => userId), ...rest], ['b', 'd', 'e', 'f', 'h']);
  });

  add('a prefix is plain text: no pattern, no folding of case', async (given) => {
    const users = [
      '50%',
      '50% off',
      '500',
      'a_b',
      'a_c',
      'aXb',
      'A_b',
      'a\\b',
      'a*',
      '😀',
      '😀1',
      '😁',
      'ä',
      'äx',
      'a',
    ];
    await given.importUsers(users);
    for (const prefix of ['50%', 'a_', 'a', 'A', 'a\\', 'a*', '😀', 'ä', '%', '_', '', 'zz', '😀1', '500000']) {
      const expected = byBytes(users.filter((userId) => userId.startsWith(prefix)));
      for (const limit of [1, 3, 50]) assert.deepEqual(await namesOf(given, { limit, prefix }), expected, prefix);
    }
  });

  add('a prefix goes on behind the cursor', async (given) => {
    await given.importUsers(countTo(30).map((number) => `id${number}`));
    const { items, nextCursor } = await given.store.listProfiles({ sdkAppId: APP, limit: 3, prefix: 'id2' });
    assert.deepEqual(
      items.map(({ userId }) => userId),
      ['id2', 'id20', 'id21'],
    );
    assert.deepEqual(
      await namesOf(given, { limit: 3, prefix: 'id2', cursor: nextCursor ?? '' }),
      countTo(29)
        .filter((number) => number > 21)
        .map((number) => `id${number}`),
    );
  });
}

async function namesOf(
  given: Given,
  query: { readonly limit: number; readonly prefix?: string; readonly cursor?: string },
): Promise<readonly string[]> {
  const names: string[] = [];
  let { cursor } = query;
  do {
    const at = cursor === undefined ? {} : { cursor };
    const page = await given.store.listProfiles({ sdkAppId: APP, ...query, ...at });
    assert.ok(page.items.length <= query.limit);
    names.push(...page.items.map(({ userId }) => userId));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

/** The order of both engines: that of the names' UTF-8 bytes. */
function byBytes(names: readonly string[]): readonly string[] {
  return names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
