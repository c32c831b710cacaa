import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCallbackUrl, parsePortraitSetCallback, verifyCallbackSign, verifyStandardWebhook } from '@portrait/wire';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import vectors from '../../../wire/vectors/signatures.json' with { type: 'json' };
import { NICK, sampleEndpoint, sampleEvent } from '../../test/support/samples.ts';
import { createSigner, verificationKeyOf } from '../signing-keys.ts';
import type { Endpoint } from '../storage/store.ts';
import { CallbackFormat } from './callback-request.ts';
import type { PostRequest } from './post.ts';

const SECRETS = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'];
const event = sampleEvent({ seq: 12, version: 7, previousItems: [{ tag: NICK, value: 'before' }] });

/** The library that receivers use reads the clock itself. */
const NOW_MS = Date.now();
const NOW_SECONDS = Math.floor(NOW_MS / 1_000);

function make(members: Partial<Endpoint> = {}, attempt = 1, nowMs = NOW_MS): PostRequest {
  return new CallbackFormat(sampleEndpoint(members), '1.2.3').request(event, attempt, nowMs);
}

function headersOf({ headers }: PostRequest): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] as string, headers[i + 1] as string]);
  assert.equal(new Set(pairs.map(([name]) => name.toLowerCase())).size, pairs.length, 'a header is there twice');
  return Object.fromEntries(pairs);
}

describe('CallbackFormat', () => {
  test('a request has the documented URL, the headers in their order, and the stored body', () => {
    const nowMs = 1_795_428_000_999;
    const request = make({ token: '', signingSecrets: [], timeoutMs: 1_234 }, 3, nowMs);
    assert.deepEqual(request, {
      path: '/cb?SdkAppid=1400000001&CallbackCommand=Profile.CallbackPortraitSet&contenttype=json&ClientIP=203.0.113.9&OptPlatform=RESTAPI',
      headers: [
        'x-tenant',
        'blue',
        'content-type',
        'application/json',
        'user-agent',
        'Portrait/1.2.3',
        'webhook-id',
        event.eventId,
        'webhook-timestamp',
        '1795428000',
        'portrait-sequence',
        '7',
        'portrait-attempt',
        '3',
      ],
      body: event.body,
      timeoutMs: 1_234,
    });
  });

  for (const [url, origin, start] of [
    ['http://example.com', 'http://example.com', '/?SdkAppid='],
    ['https://example.com:8443/a/b', 'https://example.com:8443', '/a/b?SdkAppid='],
    ['https://example.com:443/a?tenant=7&x=%20', 'https://example.com', '/a?tenant=7&x=%20&SdkAppid='],
    ['http://[::1]:9000/', 'http://[::1]:9000', '/?SdkAppid='],
    ['http://0x7f.1/ä', 'http://127.0.0.1', '/%C3%A4?SdkAppid='],
  ] as const) {
    test(`${url} is posted to ${origin}`, () => {
      const format = new CallbackFormat(sampleEndpoint({ url }), '1');
      assert.equal(format.origin, origin);
      assert.ok(format.request(event, 1, NOW_MS).path.startsWith(start));
    });
  }

  test('a URL that is none is refused when the endpoint is taken up', () => {
    assert.throws(() => new CallbackFormat(sampleEndpoint({ url: '/cb' }), '1'), TypeError);
  });

  test('a receiver with the token verifies Sign and RequestTime', async () => {
    const url = parseCallbackUrl(make({ token: 'secret token' }).path);
    assert.ok(url.ok && url.value.sign);
    const { sign, requestTimeSeconds } = url.value.sign;
    assert.equal(requestTimeSeconds, NOW_SECONDS);
    const input = { sign, requestTimeSeconds, nowSeconds: NOW_SECONDS };
    assert.deepEqual(await verifyCallbackSign({ ...input, token: 'secret token' }), { ok: true });
    assert.equal((await verifyCallbackSign({ ...input, token: 'other' })).ok, false);
  });

  test('an endpoint without a token gets no Sign', () => {
    assert.doesNotMatch(make({ token: '' }).path, /Sign|RequestTime/);
  });

  for (const payload of ['tencent', 'extended'] as const) {
    test(`the library standardwebhooks verifies a request with the ${payload} payload, with each live secret`, () => {
      const request = make({ signingSecrets: SECRETS, payload });
      const headers = headersOf(request);
      for (const secret of SECRETS) {
        assert.deepEqual(new Webhook(secret).verify(request.body, headers), JSON.parse(request.body));
      }
      assert.throws(
        () => new Webhook(SECRETS[0] as string).verify(`${request.body} `, headers),
        WebhookVerificationError,
      );
      const stranger = new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
      assert.throws(() => stranger.verify(request.body, headers), WebhookVerificationError);
    });
  }

  test('wire verifies it too', async () => {
    const request = make({ signingSecrets: SECRETS });
    const headers = headersOf(request);
    const input = {
      id: headers['webhook-id'],
      timestamp: headers['webhook-timestamp'],
      signature: headers['webhook-signature'],
      body: request.body,
      nowSeconds: NOW_SECONDS,
    };
    for (const secret of SECRETS)
      assert.deepEqual(await verifyStandardWebhook({ ...input, secrets: [secret] }), { ok: true });
  });

  test('there is one signature for each live secret, newest first, and none without a secret', () => {
    const both = headersOf(make({ signingSecrets: SECRETS }))['webhook-signature'];
    const alone = SECRETS.map((secret) => headersOf(make({ signingSecrets: [secret] }))['webhook-signature']);
    assert.equal(both, alone.join(' '));
    assert.match(both ?? '', /^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
    assert.ok(!('webhook-signature' in headersOf(make({ signingSecrets: [] }))));
  });

  test('a secret that was rotated out signs behind the others until its overlap ends, to the millisecond', () => {
    const [current = '', old = ''] = SECRETS;
    const oldest = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
    const endpoint = sampleEndpoint({
      signingSecrets: [current],
      retiringSecrets: [
        { secret: old, untilMs: NOW_MS + 2_000 },
        { secret: oldest, untilMs: NOW_MS + 1_000 },
      ],
    });
    const format = new CallbackFormat(endpoint, '1'); // one, all the time: nothing changes but the time
    const signaturesAt = (nowMs: number) => headersOf(format.request(event, 1, nowMs))['webhook-signature'];
    const expected = (nowMs: number, ...signingSecrets: readonly string[]) =>
      headersOf(make({ signingSecrets }, 1, nowMs))['webhook-signature'];
    for (const [afterMs, live] of [
      [0, [current, old, oldest]],
      [999, [current, old, oldest]],
      [1_000, [current, old]],
      [1_999, [current, old]],
      [2_000, [current]],
      [999_999_999, [current]],
    ] as const) {
      assert.equal(signaturesAt(NOW_MS + afterMs), expected(NOW_MS + afterMs, ...live), `${afterMs} ms later`);
    }
  });

  test('a previous token signs nothing', () => {
    const previousToken = { token: 'old token', untilMs: NOW_MS + 1_000 };
    assert.equal(make({ token: 'new token', previousToken }).path, make({ token: 'new token' }).path);
    assert.doesNotMatch(make({ token: '', previousToken }).path, /Sign/);
  });

  test('an Ed25519 key signs v1a beside v1, and its public key verifies it', async () => {
    const [vector] = vectors.standardWebhooksAsymmetric.cases;
    assert.ok(vector);
    const request = make({ signingSecrets: [vector.signingKey, ...SECRETS, vector.seedKey] });
    const headers = headersOf(request);
    const signature = headers['webhook-signature'] ?? '';
    assert.deepEqual(
      signature.split(' ').map((one) => one.split(',')[0]),
      ['v1a', 'v1', 'v1', 'v1a'],
    );
    const input = { id: headers['webhook-id'], timestamp: headers['webhook-timestamp'], signature, body: request.body };
    for (const secret of [vector.verificationKey, ...SECRETS]) {
      const check = await verifyStandardWebhook({ ...input, nowSeconds: NOW_SECONDS, secrets: [secret] });
      assert.deepEqual(check, { ok: true });
    }
    assert.deepEqual(new Webhook(SECRETS[0] as string).verify(request.body, headers), JSON.parse(request.body));
    assert.equal(
      createSigner(vector.signingKey)?.(`${vector.id}.${vector.timestampSeconds}.${vector.body}`),
      vector.signature,
    );
    assert.equal(verificationKeyOf(vector.seedKey), vector.verificationKey);
  });

  test('at a later attempt time and signatures are fresh, id and body the same', () => {
    const [first, later] = [make({}, 1, NOW_MS), make({}, 4, NOW_MS + 600_000)];
    const [before, after] = [headersOf(first), headersOf(later)];
    assert.equal(later.body, first.body);
    assert.equal(after['webhook-id'], before['webhook-id']);
    assert.deepEqual([before['portrait-attempt'], after['portrait-attempt']], ['1', '4']);
    assert.equal(Number(after['webhook-timestamp']), Number(before['webhook-timestamp']) + 600);
    assert.notEqual(after['webhook-signature'], before['webhook-signature']);
    assert.notEqual(later.path, first.path);
  });

  test('the extended payload adds id, sequence and what was there before', () => {
    const { body } = make({ payload: 'extended' });
    const plain = parsePortraitSetCallback(event.body);
    const extended = parsePortraitSetCallback(body);
    assert.ok(plain.ok && extended.ok);
    assert.deepEqual(extended.value, {
      ...plain.value,
      eventId: event.eventId,
      sequence: 7,
      previousItems: [{ tag: NICK, value: 'before' }],
    });
    assert.equal(make({ payload: 'tencent' }).body, event.body);
  });

  test('bodies of other alphabets are signed as the bytes that are sent', () => {
    const body = '{"CallbackCommand":"Profile.CallbackPortraitSet","From_Account":"用户😀"}';
    const format = new CallbackFormat(sampleEndpoint({ signingSecrets: SECRETS.slice(0, 1) }), '1');
    const request = format.request({ ...event, body }, 1, NOW_MS);
    const bytes = Buffer.from(request.body);
    assert.deepEqual(new Webhook(SECRETS[0] as string).verify(bytes, headersOf(request)), JSON.parse(body));
  });
});
