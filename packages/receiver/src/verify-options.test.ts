import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP, OTHER_SECRET, SECRET, VERIFICATION_KEY } from '../test/support.ts';
import { createHandler } from './create-handler.ts';
import type { HandlerOptions } from './handler-options.ts';
import { readApps, type VerifyOptions } from './verify-options.ts';

test('the strictest policy that can be held is the default', () => {
  const policyOf = (options: VerifyOptions) => readApps(options).get(APP)?.policy;
  assert.equal(policyOf({ sdkAppId: APP, token: 't', signingSecrets: [SECRET] }), 'body-signature');
  assert.equal(policyOf({ sdkAppId: APP, signingSecrets: [VERIFICATION_KEY] }), 'body-signature');
  assert.equal(policyOf({ sdkAppId: APP, token: 't' }), 'token');
  assert.equal(policyOf({ sdkAppId: APP, token: 't', signingSecrets: [SECRET], require: 'token' }), 'token');
  assert.equal(policyOf({ sdkAppId: APP, require: 'none' }), 'none');
});

test('options that make no sense are refused at the start, in words, without secrets', () => {
  const cases: readonly (readonly [options: object, message: RegExp])[] = [
    [{ sdkAppId: APP }, /^app 1400000001: require "token" needs a token; with neither say require: "none"/],
    [{ sdkAppId: APP, token: [] }, /needs a token/],
    [{ sdkAppId: APP, token: '' }, /a token is empty: anybody could sign with it/],
    [{ sdkAppId: APP, token: ['t', ''] }, /a token is empty/],
    [{ sdkAppId: APP, signingSecrets: [''] }, /signingSecrets must be whsec_/],
    [{ sdkAppId: APP, signingSecrets: [undefined] }, /signingSecrets must be whsec_/],
    [{ sdkAppId: APP, signingSecrets: ['whsec_hunter2'] }, /signingSecrets must be whsec_/],
    [{ sdkAppId: APP, require: 'body-signature', token: 't' }, /require "body-signature" needs signingSecrets/],
    [{ sdkAppId: APP, require: 'either', token: 't' }, /require "either" needs signingSecrets/],
    [{ sdkAppId: APP, require: 'either', signingSecrets: [SECRET] }, /require "either" needs a token/],
    [{ sdkAppId: APP, require: 'token', signingSecrets: [SECRET] }, /require "token" needs a token/],
    [{ sdkAppId: APP, require: 'any', token: 't' }, /require must be one of body-signature, either, token, none/],
    [{ sdkAppId: Number.NaN, token: 't' }, /sdkAppId must be a positive integer/],
    [{ apps: [] }, /apps: expected some/],
    [
      {
        apps: [
          { sdkAppId: 1, token: 't' },
          { sdkAppId: 1, token: 'u' },
        ],
      },
      /each once/,
    ],
    [
      { sdkAppId: APP, token: 't', on: { 'State.StateChange': undefined } },
      /on\["State\.StateChange"\] must be a function/,
    ],
    [{ sdkAppId: APP, token: 't', answerWithinMs: 0 }, /answerWithinMs must be greater than 0/],
  ];
  for (const [options, message] of cases) {
    assert.throws(
      () => createHandler(options as HandlerOptions),
      (error) => error instanceof TypeError && message.test(error.message) && !error.message.includes('hunter2'),
      String(message),
    );
  }
  createHandler({
    apps: [
      { sdkAppId: 1, token: 't' },
      { sdkAppId: 2, signingSecrets: [OTHER_SECRET] },
    ],
  });
});
