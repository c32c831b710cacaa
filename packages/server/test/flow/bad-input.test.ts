/** What is refused is refused with a code that is documented and a sentence that helps, and leaves no trace. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { findErrorCode } from '@portrait/wire';
import { suiteOwner } from '../support/live/cleanup.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { type CallOverrides, type RestAnswer, restCall } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { type BadCall, item, query, raw, SET } from './bad-input/bad-call.ts';
import { BODIES } from './bad-input/bodies.ts';
import { COMMANDS, METHODS } from './bad-input/commands.ts';
import { QUERIES, USER_SIGS } from './bad-input/credentials.ts';
import { VALUES } from './bad-input/values.ts';

describe('bad input', () => {
  const owner = suiteOwner();
  let server: TestServer;
  let app: TestApp;
  let receiver: Receiver;

  before(async () => {
    server = await startTestServer(owner);
    receiver = await startReceiver(owner);
    app = await server.createApp();
    await app.addEndpoint(receiver.url);
    await app.importUsers('id1');
    await app.set('id1', [...nick('Ann'), { Tag: 'Tag_Profile_IM_Level', Value: 1 }]);
    await app.untilSettled();
  });

  /** All that a call could have changed: users with their fields and times, and events. */
  async function everything(): Promise<string> {
    const [users, deliveries] = [await app.admin('GET', '/users?limit=100'), await app.admin('GET', '/deliveries')];
    assert.deepEqual([users.status, deliveries.status], [200, 200]);
    return users.text + deliveries.text;
  }

  async function send({ path = SET, body, overrides }: BadCall): Promise<RestAnswer> {
    return await restCall(app.caller(), path, body, typeof overrides === 'function' ? overrides(app) : overrides);
  }

  function check({ status = 200, code, info }: BadCall, answer: RestAnswer): void {
    const { ActionStatus, ErrorCode, ErrorInfo } = answer.reply;
    assert.deepEqual(
      { status: answer.status, code: ErrorCode, text: ActionStatus },
      { status, code, text: 'FAIL' },
      ErrorInfo,
    );
    assert.ok(findErrorCode(code), `${code} is documented`);
    assert.ok(ErrorInfo.length < 600, 'a sentence, not an echo');
    for (const text of info) assert.ok(ErrorInfo.includes(text), `"${text}" is missing in: ${ErrorInfo}`);
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  }

  const withSigs = USER_SIGS.map(({ sig, ...call }) => ({
    ...call,
    body: item('Tag_Profile_IM_Nick', 'x'),
    overrides: (one: TestApp): CallOverrides => ({ query: { usersig: sig(one) } }),
  }));
  const withBody = (calls: readonly BadCall[]): readonly BadCall[] =>
    calls.map((call) => ({ body: item('Tag_Profile_IM_Nick', 'x'), ...call }));

  for (const [group, calls] of Object.entries({
    value: VALUES,
    body: BODIES,
    query: withBody(QUERIES),
    UserSig: withSigs,
    command: COMMANDS,
    method: METHODS,
  })) {
    describe(group, () => {
      for (const call of calls) {
        test(call.name.slice(0, 80), async () => {
          const was = await everything();
          check(call, await send(call));
          assert.ok((await everything()) === was, 'nothing is written');
        });
      }
    });
  }

  const GOOD: readonly (Omit<BadCall, 'code' | 'info'> & { readonly value?: string })[] = [
    { name: 'Content-Type text/plain', overrides: { headers: { 'content-type': 'text/plain' } } },
    { name: 'Content-Type multipart', overrides: { headers: { 'content-type': 'multipart/form-data; boundary=x' } } },
    { name: 'Content-Type that is none', overrides: { headers: { 'content-type': ';;;' } } },
    { name: 'no Content-Type', overrides: { headers: {} } },
    { name: 'a body in chunks', overrides: { headers: { 'transfer-encoding': 'chunked' } } },
    { name: 'no random', ...query({ random: undefined }) },
    { name: 'random that is a text', ...query({ random: '7ac3-x' }) },
    { name: 'no contenttype', ...query({ contenttype: undefined }) },
    { name: 'contenttype JSON', ...query({ contenttype: 'JSON' }) },
    { name: 'parameters that nobody knows', ...query({ __proto__: 'x', constructor: 'y', foo: ['1', '2'] }) },
    { name: 'a trailing slash', path: `${SET}/` },
    {
      name: 'members that nobody knows',
      ...raw(
        '{"__proto__":{"x":1},"constructor":1,"From_Account":"good","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"members","toString":1}]}',
      ),
      value: 'members',
    },
    { name: '500 bytes of emoji', value: '😀'.repeat(125) },
    { name: 'an empty text', value: '' },
    { name: 'control characters', value: '\u0001\u001f\u007f\u2028\u2029\ufeff' },
  ];
  describe('what looks odd and is fine', () => {
    let good: TestApp;

    before(async () => {
      good = await server.createApp();
      await good.addEndpoint(receiver.url);
      await good.importUsers('good');
    });

    for (const { name, path = SET, overrides, value = name } of GOOD) {
      test(name, async () => {
        const body = { From_Account: 'good', ProfileItem: nick(value) };
        assert.ok(typeof overrides !== 'function');
        const { status, reply, text } = await restCall(good.caller(), path, body, overrides);
        assert.deepEqual([status, reply.ErrorCode], [200, 0], text);
        assert.deepEqual(await good.get('good'), { Tag_Profile_IM_Nick: value });
        const callback = (await receiver.untilReceived(1, 'good')).at(-1);
        await good.untilSettled();
        assert.equal(receiver.of('good').at(-1)?.value, value);
        assert.ok(callback);
      });
    }

    for (const userId of ['__proto__', 'constructor', 'toString', 'a b~"\\/%?#&', 'x'.repeat(32)]) {
      test(`a user whose name is ${userId}`, async () => {
        await good.importUsers(userId);
        await good.set(userId, nick(`nick of ${userId}`));
        assert.deepEqual(await good.get(userId), { Tag_Profile_IM_Nick: `nick of ${userId}` });
        const own = { From_Account: userId, ProfileItem: nick('own') };
        assert.equal((await restCall(good.caller(userId), SET, own)).reply.ErrorCode, 0);
        const callbacks = await receiver.untilReceived(2, userId);
        assert.deepEqual(
          callbacks.map(({ sequence, value }) => [sequence, value]),
          [
            [1, `nick of ${userId}`],
            [2, 'own'],
          ],
        );
      });
    }
  });

  test('and after all this no callback came but that of the good call', async () => {
    await app.set('id1', nick('still alive'));
    await app.untilSettled();
    assert.deepEqual(
      receiver.of('id1').map(({ sequence, value }) => [sequence, value]),
      [
        [1, 'Ann'],
        [2, 'still alive'],
      ],
    );
  });
});
