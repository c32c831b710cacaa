/** What a change means to the official clients that are online. */
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { assertOk } from '../support/live/rest-call.ts';
import { nick } from '../support/live/test-app.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { SDK_PACKAGES, type SdkPackage } from './support/message.ts';
import type { RecordedClient } from './support/recorded-client.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, type World } from './support/world.ts';

const CHAT: SdkPackage = '@tencentcloud/chat';
const TIM: SdkPackage = 'tim-js-sdk';

describe('pushes', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let world: World<TestServer>;

  before(async () => {
    world = await startWorld(owner);
  });

  /** Values that were pushed to a client, last one last. */
  function pushed(client: RecordedClient, tag: string): readonly unknown[] {
    return client
      .received('im_open_push.msg_push')
      .flatMap(({ body }) => body.EventArray)
      .flatMap(({ ProfileDataMod }) => ProfileDataMod)
      .flatMap(({ ProfileList }) => ProfileList)
      .filter(({ Tag }) => Tag === tag)
      .map(({ ValueBytes, ValueNum }) => ValueBytes ?? ValueNum);
  }

  for (const [from, to] of [
    [CHAT, TIM],
    [TIM, CHAT],
  ] as const) {
    sdkTest(`an update by ${from} is seen by the same user's ${to}`, async (t) => {
      const userId = `two of ${from}`;
      const one = await world.loggedIn(t, userId, { package: from });
      const other = await world.loggedIn(t, userId, { package: to });
      const stranger = await world.loggedIn(t, 'stranger', { package: to });
      const fields = {
        nick: 'Ann é😀',
        level: 3,
        gender: 'Gender_Type_Female',
        profileCustomField: [{ key: 'Tag_Profile_Custom_Data', value: 'c' }],
      };
      const mine = await one.update(fields);
      const seen = await other.untilUpdated(userId, { nick: 'Ann é😀', level: 3, gender: 'Gender_Type_Female' });
      assert.deepEqual(seen.profileCustomField, fields.profileCustomField);
      assert.deepEqual({ ...seen, lastUpdatedTime: 0 }, { ...mine, lastUpdatedTime: 0 });
      assert.deepEqual(await other.myProfile(), seen);
      await one.untilUpdated(userId, { nick: 'Ann é😀' });
      assert.deepEqual(pushed(one, 'Tag_Profile_IM_Nick'), [''], 'who made the change is not told of it');

      await other.update({ nick: '' });
      await one.untilUpdated(userId, { nick: '', level: 3 });
      await other.update({ level: 0 });
      await one.untilUpdated(userId, { nick: '', level: 0 });
      assert.deepEqual(pushed(stranger, 'Tag_Profile_IM_Nick'), [''], 'strangers hear nothing');
    });
  }

  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: a change over REST is seen`, async (t) => {
      const userId = `rest of ${name}`;
      const clients = [
        await world.loggedIn(t, userId, { package: name }),
        await world.loggedIn(t, userId, { package: name, devMode: true }),
      ];
      const items = [
        { Tag: 'Tag_Profile_IM_Nick', Value: 'by REST' },
        { Tag: 'Tag_Profile_IM_BirthDay', Value: 19_900_102 },
        { Tag: 'Tag_Profile_IM_MsgSettings', Value: 1 },
        { Tag: 'Tag_Profile_IM_AllowType', Value: 'AllowType_Type_DenyAny' },
        { Tag: 'Tag_Profile_Custom_Rank', Value: 'first' },
      ];
      await world.set(userId, ...items);
      for (const client of clients) {
        const seen = await client.untilUpdated(userId, {
          nick: 'by REST',
          birthday: 19_900_102,
          messageSettings: 1,
          allowType: 'AllowType_Type_DenyAny',
        });
        assert.deepEqual(seen.profileCustomField, [{ key: 'Tag_Profile_Custom_Rank', value: 'first' }]);
        assert.deepEqual(await client.myProfile(), seen);
      }
    });

    sdkTest(`${name}: what users may not see is not pushed`, async (t) => {
      const userId = `note of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      const note = { Tag: 'Tag_Profile_Custom_Note', Value: 'secret' };
      await world.set(userId, note);
      await world.set(userId, note, ...nick('seen'));
      await client.untilUpdated(userId, { nick: 'seen' });
      assert.deepEqual((await client.myProfile()).profileCustomField, []);
      assert.ok(!JSON.stringify(client.received()).includes('secret'));
      assert.equal(client.received('im_open_push.msg_push').length, 2, 'at login, and of the nick');
      await client.call('logout');
      await client.untilEvent('SDK_NOT_READY');
      const again = await world.loggedIn(t, userId, { package: name });
      assert.equal((await again.myProfile()).nick, 'seen');
      assert.ok(!JSON.stringify(again.received()).includes('secret'));
    });

    sdkTest(`${name}: many changes in a row end in the last one, everywhere`, async (t) => {
      const userId = `many of ${name}`;
      const writer = await world.loggedIn(t, userId, { package: name });
      const watcher = await world.loggedIn(t, userId, { package: name });
      const values = Array.from({ length: 100 }, (_, number) => `value ${number}`);
      for (const [index, value] of values.entries()) {
        if (index % 2 === 0) await writer.update({ nick: value });
        else await world.set(userId, ...nick(value));
      }
      await watcher.untilUpdated(userId, { nick: 'value 99' });
      await writer.untilUpdated(userId, { nick: 'value 99' });
      assert.deepEqual(pushed(watcher, 'Tag_Profile_IM_Nick').slice(1), values, 'all, in order');
      for (const client of [writer, watcher]) assert.equal((await client.myProfile()).nick, 'value 99');
    });

    sdkTest(`${name}: nothing more is heard after a logout`, async (t) => {
      const userId = `gone of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      const watcher = await world.loggedIn(t, userId, { package: name });
      await client.call('logout');
      await client.untilEvent('SDK_NOT_READY');
      await world.set(userId, ...nick('unheard'));
      await watcher.untilUpdated(userId, { nick: 'unheard' });
      assert.deepEqual(pushed(client, 'Tag_Profile_IM_Nick'), ['']);
    });

    sdkTest(`${name}: an account that is imported again with another nick`, async (t) => {
      const userId = `import of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      const body = { UserID: userId, Nick: 'imported', FaceUrl: 'https://img.example.com/i.png' };
      assertOk(await world.app.call('im_open_login_svc/account_import', body));
      await client.untilUpdated(userId, { nick: 'imported', avatar: 'https://img.example.com/i.png' });
    });
  }
});
