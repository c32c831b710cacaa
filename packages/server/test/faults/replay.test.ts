/** kill -9 and clean stops in the middle of a replay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChildServer } from '../support/live/child-server.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { readReplay, startReplay, untilReplayed } from '../support/live/replay.ts';
import { TestApp } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';

const TOKEN = 'replay-token';
/** So few that the circuit takes their failures for their own: what fails dies. */
const USERS = ['a', 'b', 'c', 'd'];
const CHANGES = 75;
const TOTAL = USERS.length * CHANGES;

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`a replay that ${signal} interrupts goes on after the start: all arrives, in order, little of it twice`, async (t) => {
    let isBroken = true;
    const receiver = await startReceiver(t, () => (isBroken ? status(500) : ok(2)));
    const server = await startChildServer(t);
    const app = await TestApp.create(server);
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 1 });
    const [signingSecret = ''] = endpoint.signingSecrets;
    const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
    await app.importUsers(...USERS);
    for (let number = 0; number < CHANGES; number += 1) {
      await Promise.all(USERS.map((userId) => recordedSet(app, checker, { userId, value: `${userId} ${number}` })));
    }
    await app.untilSettled('', ['dead']);
    isBroken = false;
    receiver.onCallback = checker.received;
    const before = receiver.callbacks.length;
    const { jobId, total } = await startReplay(app, { endpointId: endpoint.endpointId, state: 'dead' });
    assert.equal(total, TOTAL);
    for (const enough of [40, 120]) {
      await until(() => receiver.callbacks.length - before >= enough, { what: () => `${enough} callbacks` });
      await server.end(signal);
      assert.ok(receiver.callbacks.length - before < TOTAL, 'it was in the middle');
      await server.start();
    }
    const replay = await untilReplayed(app, jobId);
    assert.deepEqual([replay.delivered, replay.failed, replay.done], [TOTAL, 0, TOTAL]);
    const { repeats } = checker.check();
    assert.ok(repeats <= (signal === 'SIGKILL' ? 2 * 8 : 0), `${repeats} repeats: only what was under way`);
    const deliveries = await app.deliveries();
    assert.ok(deliveries.every(({ state }) => state === 'delivered'));
    assert.deepEqual(await readReplay(app, jobId), replay);
  });
}
