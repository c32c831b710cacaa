/** Whatever is sent, the answer is one of the protocol and the server goes on. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { findErrorCode, REST_COMMANDS } from '@portrait/wire';
import fc from 'fast-check';
import { anyJson } from '../../../wire/test/support.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { exchange, type HttpAnswer } from '../support/live/http-exchange.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { restCall, restQuery } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';

const MEMBERS = [
  'From_Account',
  'To_Account',
  'ProfileItem',
  'TagList',
  'Tag',
  'Value',
  'UserID',
  'Identifier',
  'Nick',
  'FaceUrl',
  'Accounts',
  'AccountList',
  'CheckItem',
  'DeleteItem',
  'IsNeedDetail',
];
const NAMES = ['sdkappid', 'identifier', 'usersig', 'random', 'contenttype', '__proto__', 'constructor', ''];
const PATHS = REST_COMMANDS.map(({ service, command }) => `${service}/${command}`);

const anyPath = fc.constantFrom(...PATHS);
/** Characters that an HTTP client lets through, escapes that are well-formed and such as are not. */
const anyQueryText = fc
  .array(
    fc.constantFrom('&', '=', '%', '%zz', '%00', '%ff', '%C3%A9', '+', ';', '[', ']', '__proto__', 'a', '1', ...NAMES),
  )
  .map((parts) => parts.join(''));

/** As JSON.stringify, but a lone surrogate or any other text goes out as it is escaped. */
function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function assertProtocol({ status, text }: HttpAnswer): void {
  assert.equal(status, 200, text);
  const { ActionStatus, ErrorCode, ErrorInfo } = JSON.parse(text);
  assert.ok(findErrorCode(ErrorCode), `code ${ErrorCode} is documented`);
  assert.equal(ActionStatus, ErrorCode === 0 ? 'OK' : 'FAIL');
  assert.equal(ErrorInfo === '', ErrorCode === 0, ErrorInfo);
  assert.ok(![40006, 60008, 70500, 91000].includes(ErrorCode), `a fault of ours: ${text}`);
}

describe('any input', () => {
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
  });

  test('any JSON body to any command', async () => {
    const property = fc.asyncProperty(anyPath, anyJson(MEMBERS), async (path, body) => {
      assertProtocol(await restCall(app.caller(), path, body, { rawBody: jsonText(body) }));
    });
    await fc.assert(property, { numRuns: 600 });
  });

  test('any members of the right name to any command', async () => {
    const value = fc.oneof(
      fc.constantFrom('id1', '__proto__', 'Tag_Profile_IM_Nick', 'Tag_Profile_IM_Level', 1),
      anyJson(MEMBERS),
    );
    const list = fc.array(
      fc.oneof(value, fc.record({ Tag: value, Value: value, UserID: value, Nick: value }, { requiredKeys: [] })),
    );
    const body = fc.dictionary(fc.constantFrom(...MEMBERS), fc.oneof(value, list));
    const property = fc.asyncProperty(anyPath, body, async (path, members) => {
      assertProtocol(await restCall(app.caller(), path, members, { rawBody: jsonText(members) }));
    });
    await fc.assert(property, { numRuns: 600 });
  });

  test('any bytes as body', async () => {
    const property = fc.asyncProperty(anyPath, fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
      assertProtocol(await restCall(app.caller(), path, undefined, { rawBody: bytes }));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test('any query string', async () => {
    const property = fc.asyncProperty(anyPath, anyQueryText, fc.boolean(), async (path, query, isAdded) => {
      const whole = isAdded ? `${restQuery(app.caller())}&${query}` : query;
      assertProtocol(await exchange(`${server.url}/v4/${path}?${whole}`, { method: 'POST', body: '{}' }));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('any parameters', async () => {
    const parameters = fc.dictionary(
      fc.constantFrom(...NAMES),
      fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string(), { maxLength: 3 }), fc.constant(undefined)),
    );
    const property = fc.asyncProperty(anyPath, parameters, async (path, query) => {
      assertProtocol(await restCall(app.caller(), path, {}, { query }));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('any path', async () => {
    const property = fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (service, command) => {
      const path = `${encodeURIComponent(service.toWellFormed())}/${encodeURIComponent(command)}`;
      assertProtocol(
        await exchange(`${server.url}/v4/${path}?${restQuery(app.caller())}`, { method: 'POST', body: '{}' }),
      );
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test('after all this a change is stored and delivered', async () => {
    await app.importUsers('last');
    await app.set('last', nick('still alive'));
    await app.untilSettled();
    assert.equal(receiver.of('last').at(-1)?.value, 'still alive');
  });
});
