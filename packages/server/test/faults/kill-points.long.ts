/** kill -9 at each named point of a change's way: nothing lost, invented or out of order, whatever the process had just done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChildServer } from '../support/live/child-server.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { randomFrom, testSeed } from '../support/live/random.ts';
import { ok, RESET, type ReceiverScript, startReceiver, status } from '../support/live/receiver.ts';
import { TestApp } from '../support/live/test-app.ts';
import { Writers, type WriterTurn } from '../support/live/writers.ts';
import { until } from '../support/until.ts';

const TOKEN = 'kill-point-token';
const USERS = 6;
const WRITERS = 9;
const ROUNDS = 2;
/** A point is passed so many times at most before it kills. */
const MAX_PASSES = 25;
/** So that deliveries keep up: the log is erased and removed only behind them. */
const WRITER_PAUSE_MS = 5;
const PRELOAD = new URL('../support/live/kill-point.ts', import.meta.url).href;
const PHOENIX = 'phoenix';
const KILLED_WITHIN_MS = 60_000;
const DRAINED_WITHIN_MS = 300_000;

/** What else happens until the point is passed. */
interface Circumstances {
  readonly args?: readonly string[];
  /** at most so many passes, where they are rare */
  readonly maxPasses?: number;
  readonly needs?: 'outages' | 'replays' | 'deletions' | 'stop';
}

const commits = (kind: string): readonly string[] => [`before commit of ${kind}`, `after commit of ${kind}`];

const POINTS: readonly (readonly [points: readonly string[], circumstances: Circumstances])[] = [
  [['call begun', ...commits('change'), 'answered'], {}],
  [['before POST', 'POST sent', 'answer to POST begun', 'answer to POST read'], {}],
  [[...commits('attempt'), ...commits('park')], {}],
  [commits('circuit'), { needs: 'outages', maxPasses: 2 }],
  [commits('replay'), { needs: 'replays', maxPasses: 5 }],
  [commits('erasing'), { needs: 'deletions', maxPasses: 2 }],
  [commits('retention'), { args: ['--retention', '1s'], maxPasses: 3 }],
  [commits('profile rows'), { needs: 'stop', maxPasses: 1 }],
];

test('kill -9 at each point of the way', { timeout: 1_800_000 }, async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed} (PORTRAIT_TEST_SEED)`);
  const random = randomFrom(seed);
  let isUnreliable = true;
  const script: ReceiverScript = () => {
    const dice = isUnreliable ? random.next() : 1;
    if (dice < 0.08) return status(500);
    return dice < 0.1 ? RESET : ok(dice < 0.3 ? random.between(1, 10) : 0);
  };
  const receiver = await startReceiver(t, script);
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 50, timeoutMs: 5_000 });
  const { endpointId } = endpoint;
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = [...Array.from({ length: USERS }, (_, number) => `user${number}`), PHOENIX];
  await app.importUsers(...userIds);

  let needs: Circumstances['needs'];
  const quietly = async (call: Promise<unknown>): Promise<void> => {
    await call.catch(() => undefined); // the server may go at any moment
  };
  const between = async ({ userId, change }: WriterTurn): Promise<void> => {
    await sleep(WRITER_PAUSE_MS);
    const isDeletion = needs === 'deletions' && userId === PHOENIX && change % 3 === 0;
    if (isDeletion) await quietly(app.call('im_open_login_svc/account_delete', { DeleteItem: [{ UserID: PHOENIX }] }));
    if (userId === PHOENIX) await quietly(app.call('im_open_login_svc/account_import', { UserID: PHOENIX }));
  };
  const writers = new Writers(t, { app, checker, userIds, count: WRITERS, between });

  let hasEnded = false;
  const isCircuitClosed = async (): Promise<boolean> => {
    const shown = await app.admin('GET', `/endpoints/${endpointId}`).catch(() => undefined);
    return shown?.json.circuit.state === 'closed';
  };
  const cancelReplays = async (): Promise<void> => {
    const { json } = await app.admin('GET', '/replays');
    for (const { jobId, state } of json.items as readonly { readonly jobId: string; readonly state: string }[]) {
      if (state === 'queued' || state === 'running') await app.admin('POST', `/replays/${jobId}/cancel`);
    }
  };
  /** Whatever lets the point be passed. */
  async function provoke(): Promise<void> {
    if (needs === 'outages') {
      // one that is open already would only be probed
      await quietly(app.turnEndpoint(endpoint, 'resume'));
      await until(async () => hasEnded || (await isCircuitClosed()), { what: () => 'the circuit to close' });
      await receiver.stop();
    } else if (needs === 'replays') {
      const replay = { endpointId, from: '0', state: 'delivered', ratePerSecond: 1_000 };
      await quietly(app.admin('POST', '/replay', replay));
    } else if (needs === 'stop') {
      const enough = writers.acknowledged + 50;
      await until(() => writers.acknowledged >= enough, { what: () => '50 changes', withinMs: 60_000 });
      process.kill(server.pid as number, 'SIGTERM');
    }
  }

  let kills = 0;
  for (const [points, circumstances] of POINTS) {
    const { args = [], maxPasses = MAX_PASSES } = circumstances;
    for (const point of points) {
      for (let round = 0; round < ROUNDS; round += 1) {
        const killAt = `${point}#${random.between(1, maxPasses)}`;
        await server.end('SIGTERM');
        await server.start({ args, nodeOptions: `--import=${PRELOAD}`, env: { PORTRAIT_TEST_KILL_AT: killAt } });
        needs = circumstances.needs;
        hasEnded = false;
        void server.untilEnded().then(() => {
          hasEnded = true;
        });
        writers.go();
        await provoke();
        await until(() => hasEnded, { what: () => `${killAt} to be passed`, withinMs: KILLED_WITHIN_MS });
        writers.rest();
        const ended = await server.untilEnded();
        assert.equal(ended?.signal, 'SIGKILL', `${killAt}: ${ended?.stdout}${ended?.stderr}`);
        kills += 1;
        if (needs === 'outages') await receiver.listen();
        await server.start();
        // else nothing is removed before they are done
        if (needs === 'replays') await cancelReplays();
        needs = undefined;
      }
    }
  }
  await writers.stop();
  isUnreliable = false;
  await app.turnEndpoint(endpoint, 'resume');
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive: ${checker.missing().slice(0, 5).join()}`,
    withinMs: DRAINED_WITHIN_MS,
  });
  const summary = checker.check();
  t.diagnostic(JSON.stringify({ kills, ...summary }));
  assert.equal(kills, POINTS.flatMap(([points]) => points).length * ROUNDS);
});
