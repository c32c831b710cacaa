/** From an administrator's call to the callback that the app's backend gets. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { suiteOwner } from '../support/live/cleanup.ts';
import { type ReceivedCallback, type Receiver, startReceiver } from '../support/live/receiver.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('a change by an administrator', () => {
  const owner = suiteOwner();
  let server: TestServer;
  let receiver: Receiver;
  let app: TestApp;

  before(async () => {
    server = await startTestServer(owner);
    receiver = await startReceiver(owner);
    app = await server.createApp();
    await app.importUsers('id1', 'id2', 'id3', 'id4', 'id5');
  });

  /** Make a change of `userId`; @returns its callback */
  async function changed(userId: string, items: Parameters<TestApp['set']>[1]): Promise<ReceivedCallback> {
    const count = receiver.of(userId).length;
    await app.set(userId, items);
    const callback = (await receiver.untilReceived(count + 1, userId)).at(-1);
    assert.ok(callback);
    return callback;
  }

  test('makes the documented callback, signed in both ways', async (t) => {
    const token = 'xxxxyyyy';
    const endpoint = await app.addEndpoint(receiver.url, { token });
    t.after(() => app.removeEndpoint(endpoint));
    const beforeMs = Date.now();
    const items = [
      { Tag: 'Tag_Profile_IM_Level', Value: 3 },
      { Tag: 'Tag_Profile_IM_Nick', Value: 'Ann "é😀" \\ \u2028' },
      { Tag: 'Tag_Profile_IM_Gender', Value: 'Gender_Type_Female' },
      { Tag: 'Tag_Profile_Custom_Data', Value: '' },
    ];
    const callback = await changed('id1', items);
    const afterMs = Date.now();

    const { EventTime } = JSON.parse(callback.body);
    assert.ok(EventTime >= beforeMs && EventTime <= afterMs);
    assert.equal(
      callback.body,
      JSON.stringify({
        CallbackCommand: 'Profile.CallbackPortraitSet',
        Operator_Account: 'administrator',
        From_Account: 'id1',
        EventTime,
        ProfileItem: items,
      }),
    );

    const time = /RequestTime=(\d+)$/.exec(callback.url)?.[1] ?? '';
    assert.ok(Math.abs(Number(time) - afterMs / 1_000) < 60);
    const sign = createHash('sha256').update(token).update(time).digest('hex');
    assert.equal(callback.method, 'POST');
    assert.equal(
      callback.url,
      `/callback?SdkAppid=${app.sdkAppId}&CallbackCommand=Profile.CallbackPortraitSet&contenttype=json` +
        `&ClientIP=127.0.0.1&OptPlatform=RESTAPI&Sign=${sign}&RequestTime=${time}`,
    );

    const { headers } = callback;
    const eventId = headers['webhook-id'];
    assert.match(String(eventId), /^evt_[0-9a-z_]+$/);
    assert.deepEqual(
      { ...headers, 'webhook-signature': undefined },
      {
        host: new URL(receiver.url).host,
        connection: 'keep-alive',
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(callback.body)),
        'user-agent': `Portrait/${version}`,
        'webhook-id': eventId,
        'webhook-timestamp': time,
        'webhook-signature': undefined,
        'portrait-sequence': '1',
        'portrait-attempt': '1',
      },
    );
    for (const secret of endpoint.signingSecrets) {
      new Webhook(secret).verify(callback.body, headers as Record<string, string>);
    }

    const [delivery] = await app.untilSettled('userId=id1');
    assert.ok(delivery);
    const { attempts, event } = await app.delivery(delivery.deliveryId);
    assert.equal(delivery.eventId, eventId);
    assert.deepEqual(
      attempts.map(({ number, outcome, status, answer }) => ({ number, outcome, status, answer })),
      [{ number: 1, outcome: 'delivered', status: 200, answer: '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}' }],
    );
    assert.deepEqual(
      { ...event, eventId: undefined },
      {
        eventId: undefined,
        sdkAppId: app.sdkAppId,
        userId: 'id1',
        sequence: 1,
        command: 'Profile.CallbackPortraitSet',
        at: new Date(EventTime).toISOString(),
        operator: 'administrator',
        clientIp: '127.0.0.1',
        platform: 'RESTAPI',
        items: items.map(({ Tag, Value }) => ({ tag: Tag, value: Value })),
        previousItems: [],
        body: callback.body,
      },
    );
  });

  test('keeps the previous values in the delivery log, and counts the sequence', async (t) => {
    const endpoint = await app.addEndpoint(receiver.url);
    t.after(() => app.removeEndpoint(endpoint));
    await changed('id2', [...nick('one'), { Tag: 'Tag_Profile_IM_Role', Value: 7 }]);
    const second = await changed('id2', [{ Tag: 'Tag_Profile_IM_Level', Value: 1 }, ...nick('two')]);
    const third = await changed('id2', nick('two'));
    assert.deepEqual([second.sequence, third.sequence], [2, 3]);
    const deliveries = await app.untilSettled('userId=id2');
    assert.deepEqual(
      deliveries.map(({ sequence, event }) => [sequence, event.previousItems]),
      [
        [1, []],
        [2, [{ tag: 'Tag_Profile_IM_Nick', value: 'one' }]],
        [3, [{ tag: 'Tag_Profile_IM_Nick', value: 'two' }]],
      ],
    );
  });

  test('has no Sign and no RequestTime when the endpoint has no token', async (t) => {
    const endpoint = await app.addEndpoint(`${receiver.origin}`);
    t.after(() => app.removeEndpoint(endpoint));
    const callback = await changed('id3', nick('Ann'));
    assert.equal(
      callback.url,
      `/?SdkAppid=${app.sdkAppId}&CallbackCommand=Profile.CallbackPortraitSet&contenttype=json` +
        '&ClientIP=127.0.0.1&OptPlatform=RESTAPI',
    );
  });

  test('keeps the query of the configured URL in front', async (t) => {
    const endpoint = await app.addEndpoint(`${receiver.origin}/a%20b/c?tenant=7`);
    t.after(() => app.removeEndpoint(endpoint));
    const callback = await changed('id3', nick('Ann'));
    assert.match(callback.url, /^\/a%20b\/c\?tenant=7&SdkAppid=\d+&CallbackCommand=/);
  });

  test('has the members of the extended payload behind the documented ones', async (t) => {
    const endpoint = await app.addEndpoint(receiver.url, { payload: 'extended' });
    t.after(() => app.removeEndpoint(endpoint));
    await changed('id4', nick('Ann}'));
    const callback = await changed('id4', [...nick('Bea'), { Tag: 'Tag_Profile_IM_Level', Value: 1 }]);
    const { EventTime } = JSON.parse(callback.body);
    assert.equal(
      callback.body,
      JSON.stringify({
        CallbackCommand: 'Profile.CallbackPortraitSet',
        Operator_Account: 'administrator',
        From_Account: 'id4',
        EventTime,
        ProfileItem: [...nick('Bea'), { Tag: 'Tag_Profile_IM_Level', Value: 1 }],
        EventId: callback.eventId,
        Sequence: 2,
        PreviousProfileItem: nick('Ann}'),
      }),
    );
    const [secret = ''] = endpoint.signingSecrets;
    new Webhook(secret).verify(callback.body, callback.headers as Record<string, string>);
  });

  test('carries the headers of the endpoint, and a signature for each of its secrets', async (t) => {
    const signingSecrets = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`);
    const headers = { 'X-Tenant': 'blue', authorization: 'Basic dTpw' };
    const endpoint = await app.addEndpoint(receiver.url, { signingSecrets, headers });
    t.after(() => app.removeEndpoint(endpoint));
    const callback = await changed('id5', nick('Ann'));
    assert.equal(callback.headers['x-tenant'], 'blue');
    assert.equal(callback.headers.authorization, 'Basic dTpw');
    assert.ok(callback.rawHeaders.includes('X-Tenant'));
    assert.equal(String(callback.headers['webhook-signature']).split(' ').length, 2);
    for (const secret of signingSecrets) {
      new Webhook(secret).verify(callback.body, callback.headers as Record<string, string>);
    }
  });
});
