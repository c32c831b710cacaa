/** `getMyProfile` and `getUserProfile` of the official packages. */
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { assertOk } from '../support/live/rest-call.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { SDK_PACKAGES, type SdkPackage } from './support/message.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, type World } from './support/world.ts';

const ALL_ITEMS = [
  { Tag: 'Tag_Profile_IM_Nick', Value: 'Bea "é😀" \\ \u2028' },
  { Tag: 'Tag_Profile_IM_Gender', Value: 'Gender_Type_Female' },
  { Tag: 'Tag_Profile_IM_BirthDay', Value: 19_900_102 },
  { Tag: 'Tag_Profile_IM_Location', Value: '深圳' },
  { Tag: 'Tag_Profile_IM_SelfSignature', Value: 'line 1\nline 2' },
  { Tag: 'Tag_Profile_IM_AllowType', Value: 'AllowType_Type_DenyAny' },
  { Tag: 'Tag_Profile_IM_Language', Value: 2 },
  { Tag: 'Tag_Profile_IM_Image', Value: 'https://img.example.com/bea.png' },
  { Tag: 'Tag_Profile_IM_MsgSettings', Value: 1 },
  { Tag: 'Tag_Profile_IM_AdminForbidType', Value: 'AdminForbid_Type_SendOut' },
  { Tag: 'Tag_Profile_IM_Level', Value: 4_294_967_295 },
  { Tag: 'Tag_Profile_IM_Role', Value: 7 },
  { Tag: 'Tag_Profile_Custom_Data', Value: 'data' },
  { Tag: 'Tag_Profile_Custom_Rank', Value: 'first' },
  { Tag: 'Tag_Profile_Custom_Note', Value: 'for administrators' },
];

const ALL_SHOWN = {
  nick: 'Bea "é😀" \\ \u2028',
  gender: 'Gender_Type_Female',
  birthday: 19_900_102,
  location: '深圳',
  selfSignature: 'line 1\nline 2',
  allowType: 'AllowType_Type_DenyAny',
  language: 2,
  avatar: 'https://img.example.com/bea.png',
  messageSettings: 1,
  adminForbidType: 'AdminForbid_Type_SendOut',
  level: 4_294_967_295,
  role: 7,
  profileCustomField: [
    { key: 'Tag_Profile_Custom_Data', value: 'data' },
    { key: 'Tag_Profile_Custom_Rank', value: 'first' },
  ],
};

const MANY = 250;
/** What the packages make of so many: requests of at most 100; tim-js-sdk takes no more than that. */
const REQUESTS: Readonly<Record<SdkPackage, readonly number[]>> = {
  '@tencentcloud/chat': [100, 100, 50],
  'tim-js-sdk': [100],
};

describe('profiles', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let world: World<TestServer>;
  const many = Array.from({ length: MANY }, (_, number) => `many-${number}`);

  before(async () => {
    world = await startWorld(owner);
    await world.app.importUsers('bea', 'plain');
    await world.set('bea', ...ALL_ITEMS);
    for (let from = 0; from < MANY; from += 100) {
      const AccountList = many.slice(from, from + 100).map((UserID) => ({ UserID, Nick: `nick of ${UserID}` }));
      assertOk(await world.app.call('im_open_login_svc/multiaccount_import', { AccountList }));
    }
  });

  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: the own profile has all that was set over REST, but for what users may not see`, async (t) => {
      const client = await world.loggedIn(t, 'bea', { package: name });
      const { userID, lastUpdatedTime, ...shown } = await client.myProfile();
      assert.deepEqual({ userID, ...shown }, { userID: 'bea', ...ALL_SHOWN });
    });

    sdkTest(`${name}: others' profiles, with and without values; unknown users are left out`, async (t) => {
      const client = await world.loggedIn(t, 'ann', { package: name });
      const profiles = await client.profiles('bea', 'nobody', 'plain');
      assert.deepEqual(
        profiles.map(({ userID }) => userID),
        ['bea', 'plain'],
      );
      const [bea, plain] = profiles;
      for (const [member, value] of Object.entries(ALL_SHOWN)) assert.deepEqual(bea?.[member], value, member);
      assert.ok(plain);
      assert.deepEqual([plain.nick, plain.level, plain.profileCustomField], ['', 0, []]);
      assert.deepEqual(await client.profiles('nobody'), []);
    });

    for (const devMode of [false, true]) {
      sdkTest(`${name}: ${MANY} at once, ${devMode ? 'as text on /info' : 'compressed on /binfo'}`, async (t) => {
        const client = await world.loggedIn(t, 'reader', { package: name, devMode });
        const before = client.sent('profile.portrait_get_all').length;
        const profiles = await client.profiles(...many.slice(0, 50), 'nobody', ...many.slice(50, MANY - 1));
        const expected = many.slice(0, REQUESTS[name].reduce((sum, count) => sum + count) - 1);
        assert.deepEqual(
          profiles.map(({ userID, nick }) => [userID, nick]),
          expected.map((userId) => [userId, `nick of ${userId}`]),
        );
        const requests = client.sent('profile.portrait_get_all').slice(before);
        assert.deepEqual(
          requests.map(({ body }) => body.UserItem.length),
          REQUESTS[name],
        );
        const forms = requests.map(({ seq }) => client.received().find((frame) => frame.seq === seq)?.form);
        assert.equal(forms[0], devMode ? 'text' : 'compressed');
        client.allowWarning(/getUserProfile .*100/);
      });
    }
  }
});
