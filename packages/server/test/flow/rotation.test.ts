/** Secrets change while callbacks go on: both are live for the overlap, and it ends by itself. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type AppOptions, verify } from '@portrait/receiver';
import { type Clock, systemClock } from '../../src/clock.ts';
import { ok, type ReceivedCallback, startReceiver, status } from '../support/live/receiver.ts';
import { nick, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';

const HOUR_MS = 3_600_000;

/** The machine's time, and more of it when a test says so. */
class MovableClock implements Clock {
  #aheadMs = 0;
  now = (): number => systemClock.now() + this.#aheadMs;
  monotonic = systemClock.monotonic;
  sleep = systemClock.sleep;
  after = systemClock.after;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** How the admin API shows an endpoint after a rotation. */
interface Rotated extends TestEndpoint {
  readonly previousToken: string;
  readonly verificationKeys: readonly string[];
}

async function start(t: TestContext) {
  const clock = new MovableClock();
  const server = await startTestServer(t, { clock });
  const receiver = await startReceiver(t);
  const app = await server.createApp();
  await app.importUsers('id1');
  const rotate = async ({ endpointId }: TestEndpoint, body: object): Promise<Rotated> => {
    const answer = await app.admin('POST', `/endpoints/${endpointId}/rotate`, body);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  const next = async (): Promise<ReceivedCallback> => {
    const { length } = receiver.callbacks;
    await app.set('id1', nick(`name ${length}`));
    return (await receiver.untilReceived(length + 1))[length] ?? assert.fail();
  };
  /** Whether a receiver that knows only these takes the callback. */
  const takes = async (callback: ReceivedCallback, known: Pick<AppOptions, 'token' | 'signingSecrets'>) =>
    (await verify(callback, { sdkAppId: app.sdkAppId, clock, ...known })).ok;
  return { clock, server, receiver, app, rotate, next, takes };
}

const restart = async (server: { close(): Promise<void>; start(): Promise<void> }): Promise<void> => {
  await server.close();
  await server.start();
};

test('old and new signing secret both sign for the overlap, which ends by itself, also over a restart', async (t) => {
  const { clock, server, receiver, app, rotate, next, takes } = await start(t);
  const endpoint = await app.addEndpoint(receiver.url);
  const [old = ''] = endpoint.signingSecrets;
  assert.ok(await takes(await next(), { signingSecrets: [old] }));
  const [made = ''] = (await rotate(endpoint, { what: 'signingSecret', overlapSeconds: 3_600 })).signingSecrets;
  const during = await next();
  assert.deepEqual(
    [await takes(during, { signingSecrets: [made] }), await takes(during, { signingSecrets: [old] })],
    [true, true],
  );
  assert.equal(String(during.headers['webhook-signature']).split(' ').length, 2);
  clock.advance(HOUR_MS / 2);
  await restart(server);
  const afterRestart = await next();
  assert.ok(await takes(afterRestart, { signingSecrets: [old] }));
  clock.advance(HOUR_MS / 2);
  const after = await next();
  assert.deepEqual(
    [await takes(after, { signingSecrets: [made] }), await takes(after, { signingSecrets: [old] })],
    [true, false],
  );
  await restart(server);
  assert.equal(await takes(await next(), { signingSecrets: [old] }), false);
});

test('an attempt after the end of the overlap is signed by the new secret alone, whatever the first one was', async (t) => {
  const { clock, receiver, app, rotate, takes } = await start(t);
  const endpoint = await app.addEndpoint(receiver.url);
  const [old = ''] = endpoint.signingSecrets;
  const [made = ''] = (await rotate(endpoint, { what: 'signingSecret', overlapSeconds: 3_600 })).signingSecrets;
  receiver.script = ({ attempt }) => {
    if (attempt > 1) return ok();
    clock.advance(HOUR_MS);
    return status(500);
  };
  await app.set('id1', nick('a'));
  const [first, second] = await receiver.untilReceived(2);
  assert.ok(first && second);
  assert.equal(String(first.headers['webhook-signature']).split(' ').length, 2);
  assert.deepEqual(
    [await takes(second, { signingSecrets: [made] }), await takes(second, { signingSecrets: [old] })],
    [true, false],
  );
  assert.deepEqual([second.eventId, second.body], [first.eventId, first.body]);
});

test('without an overlap the old secret ends at once', async (t) => {
  const { receiver, app, rotate, next, takes } = await start(t);
  const endpoint = await app.addEndpoint(receiver.url);
  const [old = ''] = endpoint.signingSecrets;
  const { signingSecrets } = await rotate(endpoint, { what: 'signingSecret', overlapSeconds: 0 });
  const callback = await next();
  assert.deepEqual(
    [await takes(callback, { signingSecrets }), await takes(callback, { signingSecrets: [old] })],
    [true, false],
  );
});

test('a receiver goes over to a public key without a gap', async (t) => {
  const { clock, receiver, app, rotate, next, takes } = await start(t);
  const endpoint = await app.addEndpoint(receiver.url);
  const [hmacSecret = ''] = endpoint.signingSecrets;
  const { verificationKeys } = await rotate(endpoint, {
    what: 'signingSecret',
    type: 'ed25519',
    overlapSeconds: 3_600,
  });
  const during = await next();
  assert.match(String(during.headers['webhook-signature']), /^v1a,\S+ v1,\S+$/);
  for (const signingSecrets of [[hmacSecret], verificationKeys]) assert.ok(await takes(during, { signingSecrets }));
  clock.advance(HOUR_MS);
  const after = await next();
  assert.match(String(after.headers['webhook-signature']), /^v1a,\S+$/);
  assert.deepEqual(
    [await takes(after, { signingSecrets: verificationKeys }), await takes(after, { signingSecrets: [hmacSecret] })],
    [true, false],
  );
});

test('of two tokens the new one signs; the body is covered by the other signature', async (t) => {
  const { receiver, app, rotate, next, takes } = await start(t);
  const endpoint = await app.addEndpoint(receiver.url, { token: 'mytoken' });
  const before = await next();
  const { token, previousToken, signingSecrets } = await rotate(endpoint, { what: 'token' });
  assert.equal(previousToken, 'mytoken');
  const after = await next();
  const both = [token, previousToken];
  for (const callback of [before, after]) assert.ok(await takes(callback, { token: both, signingSecrets }));
  assert.deepEqual([await takes(after, { token }), await takes(after, { token: 'mytoken' })], [true, false]);
  const forged = { ...after, body: after.body.replace('name', 'evil') };
  assert.deepEqual([await takes(forged, { token }), await takes(forged, { token, signingSecrets })], [true, false]);
});
