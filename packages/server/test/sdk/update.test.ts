/** `updateMyProfile` of the official packages, field by field, to the callback at the app's backend. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { suiteOwner } from '../support/live/cleanup.ts';
import { type ReceivedCallback, type Receiver, startReceiver } from '../support/live/receiver.ts';
import type { TestEndpoint, WireItem } from '../support/live/test-app.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, type World } from './support/world.ts';

const TOKEN = 'callback-token';
const IM = 'Tag_Profile_IM_';

/** An option of `updateMyProfile`, a value, and the tag it is on the wire. */
const FIELDS: readonly (readonly [option: string, value: unknown, tag: string])[] = [
  ['nick', 'Ann "é😀" \\ \u2028', `${IM}Nick`],
  ['nick', '', `${IM}Nick`],
  ['nick', 'é'.repeat(250), `${IM}Nick`],
  ['gender', 'Gender_Type_Female', `${IM}Gender`],
  ['gender', 'Gender_Type_Male', `${IM}Gender`],
  ['gender', 'Gender_Type_Unknown', `${IM}Gender`],
  ['birthday', 19_900_102, `${IM}BirthDay`],
  ['location', '深圳', `${IM}Location`],
  ['selfSignature', 'x'.repeat(500), `${IM}SelfSignature`],
  ['avatar', 'https://img.example.com/a.png?x=1&y=2', `${IM}Image`],
  ['allowType', 'AllowType_Type_NeedConfirm', `${IM}AllowType`],
  ['allowType', 'AllowType_Type_DenyAny', `${IM}AllowType`],
  ['allowType', 'AllowType_Type_AllowAny', `${IM}AllowType`],
  ['language', 1, `${IM}Language`],
  ['messageSettings', 1, `${IM}MsgSettings`],
  ['adminForbidType', 'AdminForbid_Type_SendOut', `${IM}AdminForbidType`],
  ['adminForbidType', 'AdminForbid_Type_None', `${IM}AdminForbidType`],
  ['level', 7, `${IM}Level`],
  ['level', 0, `${IM}Level`],
  ['role', 4_294_967_295, `${IM}Role`],
  ['profileCustomField', [{ key: 'Tag_Profile_Custom_Data', value: 'c {"x":1}' }], 'Tag_Profile_Custom_Data'],
];

/** What the server refuses although the SDK sends it. */
const REFUSED = [
  { title: 'a custom field that is for administrators', code: 40008, fields: custom('Tag_Profile_Custom_Rank', '5') },
  { title: 'a custom field users do not see', code: 40008, fields: custom('Tag_Profile_Custom_Note', 'n') },
  { title: 'a custom field that is not declared', code: 40009, fields: custom('Tag_Profile_Custom_Nope', 'n') },
  { title: 'a custom value of 501 bytes', code: 40601, fields: custom('Tag_Profile_Custom_Data', 'x'.repeat(501)) },
  { title: 'a signature of 501 bytes', code: 40601, fields: { selfSignature: 'x'.repeat(501) } },
  { title: 'a level over 32 bits', code: 40605, fields: { level: 2 ** 32 } },
  { title: 'a level below 0', code: 40605, fields: { level: -1 } },
  { title: 'a level with a fraction', code: 40605, fields: { level: 1.5 } },
] as const;

/** What the SDK refuses by itself. */
const REFUSED_BY_SDK = [
  { title: 'no field', fields: {} },
  { title: 'an unknown field', fields: { nickname: 'x' } },
  { title: 'a number as nick', fields: { nick: 5 } },
  { title: 'an unknown gender', fields: { gender: 'Gender_Type_Other' } },
  { title: 'a custom field without its prefix', fields: custom('Data', 'x') },
] as const;

describe('updateMyProfile', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let world: World<TestServer>;
  let receiver: Receiver;
  let endpoint: TestEndpoint;

  before(async () => {
    world = await startWorld(owner);
    receiver = await startReceiver(owner);
    endpoint = await world.app.addEndpoint(receiver.url, { token: TOKEN });
  });

  function assertCallback(callback: ReceivedCallback, userId: string, items: readonly WireItem[]): void {
    const { EventTime } = JSON.parse(callback.body);
    assert.ok(Math.abs(EventTime - callback.atUnixMs) < 5_000);
    assert.equal(
      callback.body,
      JSON.stringify({
        CallbackCommand: 'Profile.CallbackPortraitSet',
        Operator_Account: userId,
        From_Account: userId,
        EventTime,
        ProfileItem: items,
      }),
    );
    const time = /RequestTime=(\d+)$/.exec(callback.url)?.[1] ?? '';
    const sign = createHash('sha256').update(TOKEN).update(time).digest('hex');
    assert.equal(
      callback.url,
      `/callback?SdkAppid=${world.app.sdkAppId}&CallbackCommand=Profile.CallbackPortraitSet&contenttype=json` +
        `&ClientIP=127.0.0.1&OptPlatform=Web&Sign=${sign}&RequestTime=${time}`,
    );
    const [secret = ''] = endpoint.signingSecrets;
    new Webhook(secret).verify(callback.body, callback.headers as Record<string, string>);
  }

  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: each field reaches the backend, signed, from the Web client`, async (t) => {
      const userId = `fields of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      for (const [index, [option, value, tag]] of FIELDS.entries()) {
        const profile = await client.update({ [option]: value });
        assert.deepEqual(profile[option], value);
        const callback = (await receiver.untilReceived(index + 1, userId)).at(-1);
        assert.ok(callback);
        const wireValue = option === 'profileCustomField' ? 'c {"x":1}' : value;
        assertCallback(callback, userId, [{ Tag: tag, Value: wireValue }]);
        assert.deepEqual(await world.app.get(userId, [tag]), { [tag]: wireValue });
      }
      assert.deepEqual(
        receiver.of(userId).map(({ sequence, attempt }) => [sequence, attempt]),
        FIELDS.map((_, index) => [index + 1, 1]),
      );
    });

    sdkTest(`${name}: all fields at once are one change`, async (t) => {
      const userId = `all of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      const all = new Map(FIELDS.map(([option, value]) => [option, value]));
      const profile = await client.update(Object.fromEntries(all));
      const [callback, ...more] = await receiver.untilReceived(1, userId);
      assert.ok(callback);
      const sent = client.sent('profile.portrait_set');
      assert.equal(sent.length, 1);
      assertCallback(callback, userId, sent[0]?.body.ProfileItem);
      assert.equal(sent[0]?.body.ProfileItem.length, all.size);
      assert.deepEqual(more, []);
      for (const [option, value] of all) assert.deepEqual(profile[option], value, option);
      const again = await world.loggedIn(t, userId, { package: name });
      const stored = await again.myProfile();
      for (const [option, value] of all) assert.deepEqual(stored[option], value, `${option} at the next login`);
    });

    sdkTest(`${name}: what is refused changes nothing, here or there`, async (t) => {
      const userId = `refused of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      await client.update({ nick: 'before', ...custom('Tag_Profile_Custom_Data', 'before') });
      await receiver.untilReceived(1, userId);
      const before = await client.myProfile();
      for (const { title, code, fields } of REFUSED) {
        await assert.rejects(client.update({ nick: 'after', ...fields }), (error: Error & { code: number }) => {
          assert.equal(error.code, code, `${title}: ${error.message}`);
          assert.match(error.message, /\w+ \w+/, title);
          return true;
        });
        assert.deepEqual(await client.myProfile(), before, title);
      }
      const sentBefore = client.sent('profile.portrait_set').length;
      assert.equal(sentBefore, 1 + REFUSED.length);
      for (const { title, fields } of REFUSED_BY_SDK) {
        await assert.rejects(client.update(fields), { code: 2721 }, title);
      }
      assert.equal(client.sent('profile.portrait_set').length, sentBefore);
      client.allowWarning(/updateMyProfile failed\. .*"code":40\d{3}/, /updateMyProfile info:/);

      await client.update({ nick: 'after' });
      const callbacks = await receiver.untilReceived(2, userId);
      assert.deepEqual(
        callbacks.map(({ value }) => value),
        ['before', 'after'],
      );
      await client.untilUpdated(userId, { nick: 'after' });
      const nicks = client.eventsOf('PROFILE_UPDATED').map(({ data: [profile] }) => profile.nick);
      assert.deepEqual(
        nicks.filter((nick) => nick !== ''),
        ['before', 'after'],
      );
    });
  }
});

function custom(key: string, value: string): { readonly profileCustomField: readonly object[] } {
  return { profileCustomField: [{ key, value }] };
}
