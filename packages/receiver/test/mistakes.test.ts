/** What receivers in the wild get wrong, each as a test of this one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHandler, type HandlerOptions, type VerifyOptions, verify } from '@portrait/receiver';
import { type CallbackParts, profileBody, signedRequest } from '@portrait/receiver/testing';
import { APP, AT_MS, clockAt, OTHER_SECRET, SECRET, sent, TOKEN } from './support.ts';

const BOTH = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET] } as const;
const FORGED = profileBody({ userId: 'alice', changed: { nick: 'Mallory' } });

async function outcome(request: Parameters<typeof verify>[0], options: VerifyOptions = BOTH): Promise<string> {
  const result = await verify(request, { clock: clockAt(), ...options });
  return result.ok ? result.delivery.provedBy : result.reason;
}

/** A handler that counts how often it was run, and a request for it. */
function counting(options: Partial<HandlerOptions> = {}) {
  const seen: string[] = [];
  const reasons: string[] = [];
  const receiver = createHandler({
    ...BOTH,
    clock: clockAt(),
    on: { 'Profile.CallbackPortraitSet': ({ userId }) => void seen.push(userId) },
    onRejected: ({ reason }) => void reasons.push(reason),
    ...options,
  });
  const post = async (parts: Partial<CallbackParts> = {}) => receiver(await signedRequest({ ...BOTH, ...parts }));
  return { seen, reasons, receiver, post };
}

describe('proofs', () => {
  test('mistake: no check at all. Anybody who knows the address is refused', async () => {
    const { seen, post } = counting();
    assert.equal((await post({ token: undefined, signingSecrets: [] })).status, 401);
    assert.deepEqual(seen, []);
    assert.throws(() => createHandler({ sdkAppId: APP }), TypeError);
  });

  test('mistake: Sign without the time window. A URL that was seen is worth nothing a minute later', async () => {
    const request = await sent({ signingSecrets: [] });
    const known = { sdkAppId: APP, token: TOKEN };
    assert.equal(await outcome(request, { ...known, clock: clockAt(61) }), 'sign-too-old');
    const other = request.url.replace(/RequestTime=\d+/, `RequestTime=${AT_MS / 1000 + 61}`);
    assert.equal(await outcome({ ...request, url: other }, { ...known, clock: clockAt(61) }), 'sign-mismatch');
  });

  test('mistake: Sign taken for a signature of the body. With signing secrets another body is refused', async () => {
    const request = await sent();
    assert.equal(await outcome({ ...request, body: FORGED }), 'signature-mismatch');
    assert.equal(await outcome({ ...request, body: FORGED }, { sdkAppId: APP, token: TOKEN }), 'token');
  });

  test('mistake: one right proof outweighs a wrong one', async () => {
    for (const require of [undefined, 'body-signature', 'either'] as const) {
      const options = { ...BOTH, require };
      assert.equal(await outcome(await sent({ signingSecrets: [OTHER_SECRET] }), options), 'signature-mismatch');
      assert.equal(await outcome(await sent({ token: 'other' }), options), 'sign-mismatch');
      assert.equal(await outcome(await sent(), options), 'body-signature');
    }
  });

  test('mistake: taking headers away helps. Whoever sends one of three is held to all', async () => {
    const either = { ...BOTH, require: 'either' } as const;
    for (const kept of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const gone = Object.fromEntries(
        ['webhook-id', 'webhook-timestamp', 'webhook-signature']
          .filter((name) => name !== kept)
          .map((name) => [name, undefined]),
      );
      assert.equal(await outcome(await sent({ headers: gone }), either), 'signature-missing');
    }
    const plain = await sent({ signingSecrets: [] });
    assert.equal(await outcome(plain, either), 'token');
    assert.equal(await outcome(plain), 'signature-missing');
    assert.equal(await outcome(await sent({ signingSecrets: [], token: undefined }), either), 'sign-missing');
  });

  test('mistake: signature of the parsed body. Other bytes of the same JSON are refused', async () => {
    const request = await sent();
    const again = JSON.stringify(JSON.parse(request.body), null, 1);
    assert.equal(await outcome({ ...request, body: again }), 'signature-mismatch');
  });

  test('mistake: the command is taken from the URL, which no signature covers', async () => {
    const request = await sent();
    const url = request.url.replace('Profile.CallbackPortraitSet', 'State.StateChange');
    assert.equal(await outcome({ ...request, url }), 'command');
  });

  test('mistake: another app that knows its own secrets is believed', async () => {
    const apps = [BOTH, { sdkAppId: 7, token: 'seven', signingSecrets: [OTHER_SECRET] }];
    const foreign = await sent({ sdkAppId: APP, token: 'seven', signingSecrets: [OTHER_SECRET] });
    assert.equal(await outcome(foreign, { apps }), 'signature-mismatch');
  });

  test('mistake: upper-case, shortened or repeated Sign is compared loosely', async () => {
    const request = await sent({ signingSecrets: [] });
    const known = { sdkAppId: APP, token: TOKEN };
    const sign = /Sign=([0-9a-f]+)/.exec(request.url)?.[1] ?? '';
    for (const wrong of [sign.toUpperCase(), sign.slice(0, 63), `${sign}0`, '']) {
      assert.equal(await outcome({ ...request, url: request.url.replace(sign, wrong) }, known), 'sign-mismatch');
    }
    assert.equal(await outcome({ ...request, url: `${request.url}&Sign=${'0'.repeat(64)}` }, known), 'sign-mismatch');
  });
});

describe('answers', () => {
  test('mistake: the answer tells an attacker what was wrong', async () => {
    const { post, reasons } = counting();
    const answers = [
      await post({ sdkAppId: 1 }),
      await post({ token: 'other' }),
      await post({ signingSecrets: [OTHER_SECRET] }),
      await post({ body: '{}' }),
      await post({ nowMs: AT_MS - 3_600_000 }),
    ];
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    assert.deepEqual(new Set(texts), new Set(['{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"refused"}']));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]));
    assert.deepEqual(reasons, ['app', 'sign-mismatch', 'signature-mismatch', 'command', 'signature-too-old']);
  });

  test('mistake: OK before the work is done. A handler that fails is answered 500, and gets the event again', async () => {
    const errors: unknown[] = [];
    let failures = 1;
    const { post } = counting({
      on: {
        'Profile.CallbackPortraitSet': async () => {
          failures -= 1;
          if (failures >= 0) throw new Error('database gone');
        },
      },
      onError: (error) => void errors.push(error),
    });
    const first = await post();
    assert.deepEqual(
      [first.status, await first.text()],
      [500, '{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"the app could not handle it"}'],
    );
    assert.equal((await post()).status, 200);
    assert.deepEqual([String(errors[0]), errors.length, failures], ['Error: database gone', 1, -1]);
  });

  test('mistake: an endless body fills the memory', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const { receiver } = counting({ maxBodyBytes: 10_000 });
    const { url, headers } = await sent();
    const reply = await receiver.receive({ method: 'POST', url, headers, body });
    assert.equal(reply.status, 413);
    assert.ok(pulled <= 13, String(pulled));
  });

  test('mistake: what is not understood is refused for ever. Unknown commands are acknowledged and handed on', async () => {
    const unknown: unknown[] = [];
    const { post } = counting({
      onUnknown: (event) => void unknown.push(event.command),
    });
    const known = { command: 'State.StateChange', body: '{"CallbackCommand":"State.StateChange"}' };
    const newer = { command: 'Profile.New', body: '{"CallbackCommand":"Profile.New"}' };
    const answers = [await post({ ...known, webhookId: 'a' }), await post({ ...newer, webhookId: 'b' })];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.deepEqual(unknown, ['State.StateChange', 'Profile.New']);
    assert.equal((await counting().post(newer)).status, 200);
  });

  test('mistake: any method will do', async () => {
    const { receiver } = counting();
    const answer = await receiver(new Request('http://receiver.test/'));
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST']);
  });
});

describe('effects', () => {
  test('mistake: every repeat is applied again', async () => {
    const { post, seen } = counting();
    for (let attempt = 1; attempt <= 3; attempt += 1) assert.equal((await post({ attempt })).status, 200);
    assert.deepEqual(seen, ['alice']);
  });

  test('mistake: an event is marked as seen before it is handled, and lost when that fails', async () => {
    let runs = 0;
    const { post } = counting({
      on: {
        'Profile.CallbackPortraitSet': () => {
          runs += 1;
          return runs === 1 ? { ErrorCode: 1, ErrorInfo: 'not now' } : undefined;
        },
      },
    });
    assert.equal((await (await post()).json()).ErrorCode, 1);
    assert.equal((await (await post()).json()).ErrorCode, 0);
    assert.equal((await post()).status, 200);
    assert.equal(runs, 2);
  });

  test('mistake: an old change that comes late overwrites a newer one', async () => {
    const stale: unknown[] = [];
    const { post, seen } = counting({
      onStale: (_event, { sequence, lastSequence }) => void stale.push([sequence, lastSequence]),
    });
    await post({ webhookId: 'new', sequence: 6 });
    assert.equal((await post({ webhookId: 'old', sequence: 5 })).status, 200);
    assert.deepEqual([seen, stale], [['alice'], [[5, 6]]]);
  });

  test('mistake: a member named __proto__ changes every object', async () => {
    const { profilePatch } = await import('@portrait/receiver');
    const patch = profilePatch({ items: [{ tag: 'Tag_Profile_Custom___proto__', value: 'x' }] });
    assert.deepEqual(Object.keys(patch.custom ?? {}), ['__proto__']);
    assert.equal(Object.getPrototypeOf(patch.custom), Object.prototype);
  });
});
