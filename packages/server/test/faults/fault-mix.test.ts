/** Receivers that fail in all ways, by chance and in phases, while changes go on: nothing lost, invented or out of order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastClock } from '../support/live/fast-clock.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { type Random, randomFrom, testSeed } from '../support/live/random.ts';
import { fail, HANG, ok, RESET, type ReceiverAnswer, startReceiver, status, text } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'mix-token';
const USERS = 20;
const CHANGES = 12;
const PHASES = 8;
const CALLBACKS_PER_PHASE = 15;
/** Pauses of up to half an hour are over in 18 s then, and probes come every 0.6 s at least. */
const TIMES = 100;

const FAULTS: readonly ReceiverAnswer[] = [
  HANG,
  RESET,
  status(429, { 'retry-after': '1' }),
  status(500),
  status(502),
  status(503),
  status(404),
  fail(),
  text('<p>'),
];

/** A share of failures, and which. */
function phaseOf(random: Random): (dice: number) => ReceiverAnswer {
  const share = random.between(0, 4) / 4;
  const faults = Array.from({ length: random.between(1, 3) }, () => FAULTS[random.between(0, FAULTS.length - 1)]);
  return (dice) => (dice < share ? (faults[random.between(0, faults.length - 1)] ?? HANG) : ok(random.between(0, 5)));
}

test('a mix of faults in phases, and a receiver that goes down and comes back', async (t) => {
  const seed = testSeed();
  t.diagnostic(`PORTRAIT_TEST_SEED=${seed}`);
  const random = randomFrom(seed);
  const phases = Array.from({ length: PHASES }, () => phaseOf(random));
  const receiver = await startReceiver(t, ({ index }) => {
    const answer = phases[Math.floor(index / CALLBACKS_PER_PHASE)];
    return answer ? answer(random.next()) : ok();
  });
  const server = await startTestServer(t, { clock: fastClock(TIMES) });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, timeoutMs: 30_000, maxAttempts: 50 });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const users = Array.from({ length: USERS }, (_, number) => `id${number}`);
  await app.importUsers(...users);
  const writers = users.map(async (userId) => {
    for (let change = 1; change <= CHANGES; change += 1) {
      assert.equal(await recordedSet(app, checker, { userId, value: `${userId}#${change}` }), 'acknowledged');
    }
  });
  for (let outage = 0; outage < 3; outage += 1) {
    const enough = receiver.callbacks.length + random.between(10, 50);
    await until(() => receiver.callbacks.length >= enough, {
      what: () => `${enough} callbacks, got ${receiver.callbacks.length} (seed ${seed})`,
      withinMs: 60_000,
    });
    await receiver.stop();
    const { circuit } = (await app.admin('GET', `/endpoints/${endpoint.endpointId}`)).json;
    t.diagnostic(`down at ${receiver.callbacks.length} callbacks, circuit ${circuit.state}`);
    await receiver.listen();
  }
  await Promise.all(writers);
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes (seed ${seed})`,
    withinMs: 100_000,
  });
  await app.untilSettled();
  const { acknowledged } = checker.check();
  assert.equal(acknowledged, USERS * CHANGES);
});
