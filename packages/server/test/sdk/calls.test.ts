/** Every method of the official packages, and docs/sdk-calls.md, which says what it does here. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { userSigOf } from '../support/live/user-sig.ts';
import { ARGUMENTS, PEER } from './calls/arguments.ts';
import { answerOf, codesOf, resultOf, servcmdsOf } from './calls/classify.ts';
import type { End, Observation, Observed, Script } from './calls/observation.ts';
import { observeCalls } from './calls/observe-calls.ts';
import { readPage, rowOf, servcmdsIn } from './calls/page.ts';
import { startWorld } from './support/world.ts';

const SCRIPTS = ['@tencentcloud/chat', 'tim-js-sdk', 'tim-js-sdk/tim-js-friendship.js'] as const;
const METHODS = Object.keys(ARGUMENTS);
/** The server's own refusal. */
const REFUSED = 60009;
/** The plain build of tim-js-sdk has the methods of this part, and does nothing when they are called. */
const NO_MODULE = 2998;
/** `getConversationList` of tim-js-sdk asks for five lists; thousands would be a client that is not content. */
const MAX_REQUESTS = 5;

type Failed = Extract<End, { kind: 'failed' }>;

describe('calls of the SDK', () => {
  const owner = suiteOwner();
  const page = readPage();
  const seen = new Map<Script, Observed>();

  before(async () => {
    const { server, app } = await startWorld(owner);
    await app.importUsers(PEER);
    const observe = async (script: Script): Promise<void> => {
      const userID = `caller ${SCRIPTS.indexOf(script)}`;
      const login = { userID, userSig: userSigOf(app, userID) };
      seen.set(script, await observeCalls({ script, port: server.port, sdkAppId: app.sdkAppId, login }));
    };
    await Promise.all(SCRIPTS.map(observe));
  });

  function observed(script: Script): Observed {
    const found = seen.get(script);
    assert.ok(found, script);
    return found;
  }

  function observation(script: Script, method: string): Observation | undefined {
    return observed(script).calls.find((call) => call.method === method);
  }

  /** That of the larger build: friends are in it. */
  function ofTim(method: string): Observation | undefined {
    return observation('tim-js-sdk/tim-js-friendship.js', method);
  }

  test('all methods are called, and have one row each', () => {
    const all = new Set(SCRIPTS.flatMap((script) => observed(script).methods));
    assert.deepEqual(METHODS.toSorted(), [...all].sort());
    assert.deepEqual(page.calls.map(({ method }) => method).toSorted(), METHODS.toSorted());
  });

  for (const { method, chat, tim, remark } of page.calls) {
    test(method, () => {
      const calls = [observation('@tencentcloud/chat', method), ofTim(method)];
      assert.deepEqual(
        [chat, tim],
        calls.map((call) => (call ? resultOf(call) : 'absent')),
      );
      const made = calls.filter((call) => call !== undefined);
      assert.deepEqual(servcmdsIn(remark).toSorted(), [...new Set(made.flatMap(servcmdsOf))].sort());
      for (const call of made) assertTold(call, remark);
    });
  }

  for (const script of SCRIPTS) {
    test(`${script}: what goes over the wire stands among the servcmds`, () => {
      const { all, violations } = observed(script);
      assert.deepEqual(violations, [], 'speaks to nobody but the server');
      for (const request of all) {
        assert.equal(rowOf(page, request.servcmd)?.answer, answerOf(request), request.servcmd);
      }
    });
  }

  test('the plain build of tim-js-sdk differs in its friends alone, which it refuses', () => {
    for (const method of observed('tim-js-sdk').methods) {
      const plain = observation('tim-js-sdk', method);
      const larger = ofTim(method);
      assert.ok(plain && larger, method);
      if (codesOf(plain).includes(NO_MODULE)) assert.deepEqual(plain.requests, [], method);
      else assert.deepEqual([resultOf(plain), servcmdsOf(plain)], [resultOf(larger), servcmdsOf(larger)], method);
    }
  });
});

/** What an app's developer sees beside the result. */
function assertTold(call: Observation, remark: string): void {
  const { method, end, isAsync, requests, uncaught } = call;
  assert.ok(method === 'login' || requests.length <= MAX_REQUESTS, `${requests.length} requests`);
  assert.equal(uncaught.length > 0, method.endsWith('Sync'), uncaught.join());
  for (const code of codesOf(call)) {
    if (code !== REFUSED) assert.match(remark, new RegExp(`\\b${code}\\b`));
  }
  if (end.kind === 'failed') assertMessage(end, remark);
  else if (!remark.includes('warning')) assert.deepEqual(unexpected(call), []);
  if (end.kind === 'failed' && end.code === undefined) return;
  assert.equal(remark.includes('no promise'), !isAsync);
}

function assertMessage({ code, message }: Failed, remark: string): void {
  if (code === undefined) assert.match(remark, /throws a TypeError/);
  else if (code !== REFUSED) assert.equal(message, '');
  else assert.match(message, /^This server keeps profiles only: it has no .+ \(.+\)$/);
}

function unexpected({ warnings }: Observation): readonly string[] {
  return warnings.filter((text) => !text.includes('SDK is ready'));
}
