/** kill -9 under load, again and again: what was acknowledged is stored and arrives, in order, and nothing else does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChildServer } from '../support/live/child-server.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { LastWrite } from '../support/live/last-write.ts';
import { randomFrom, testSeed } from '../support/live/random.ts';
import { ok, RESET, type ReceiverScript, startReceiver, status } from '../support/live/receiver.ts';
import { TestApp } from '../support/live/test-app.ts';
import { Writers, type WriterTurn } from '../support/live/writers.ts';
import { until } from '../support/until.ts';

/** Of one run; `KILL_ROUNDS=200 npm run test:kill` is what docs/reliability.md reports. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 30);
const USERS = 12;
const WRITERS = 18;
const MAX_CHANGES_PER_ROUND = 400;
const MAX_EXTRA_MS = 30;
const TOKEN = 'kill-token';
/** Pauses between attempts grow to minutes, and an unlucky user has had five by the end. */
const PATIENCE_MS = 900_000;

const IMAGE = 'Tag_Profile_IM_Image';
/** Is deleted and imported again all the time. */
const PHOENIX = 'phoenix';

/** A call whose answer may never come. @returns whether it succeeded */
async function succeeds(app: TestApp, path: string, body: unknown): Promise<boolean> {
  try {
    return (await app.call(`im_open_login_svc/${path}`, body)).reply.ErrorCode === 0;
  } catch {
    return false;
  }
}

test(`${ROUNDS} times kill -9 under load`, { timeout: 7_200_000 }, async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed} (PORTRAIT_TEST_SEED)`);
  const random = randomFrom(seed);
  let isUnreliable = true;
  const script: ReceiverScript = () => {
    const dice = isUnreliable ? random.next() : 1;
    if (dice < 0.04) return status(500);
    if (dice < 0.06) return RESET;
    return ok(dice < 0.3 ? random.between(1, 25) : 0);
  };
  const receiver = await startReceiver(t, script);
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 50, timeoutMs: 5_000 });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = [...Array.from({ length: USERS }, (_, number) => `user${number}`), PHOENIX];
  await app.importUsers(...userIds);

  const images = new Map(userIds.map((userId) => [userId, new LastWrite()]));
  /** Changes without a callback: they stand in no log that could be replayed. */
  const between = async ({ userId, writer, change }: WriterTurn): Promise<void> => {
    if (userId === PHOENIX && change % 5 === 0) {
      await succeeds(app, 'account_delete', { DeleteItem: [{ UserID: PHOENIX }] });
      await succeeds(app, 'account_import', { UserID: PHOENIX });
    } else if (writer < USERS && change % 3 === 0) {
      const FaceUrl = `http://example.com/${change}`;
      const acknowledge = images.get(userId)?.sent(FaceUrl);
      if (await succeeds(app, 'account_import', { UserID: userId, FaceUrl })) acknowledge?.();
    }
  };
  /** What a reader sees is the last that was acknowledged, or came after it. */
  const assertReadable = async (): Promise<void> => {
    for (const userId of userIds) {
      if (userId === PHOENIX) continue;
      const { Tag_Profile_IM_Nick: value, [IMAGE]: image } = await app.get(userId, ['Tag_Profile_IM_Nick', IMAGE]);
      const values = checker.finalValues(userId);
      const isFine = value === undefined ? !checker.hasAcknowledged(userId) : values.includes(String(value));
      assert.ok(isFine, `${userId} has ${value}, not one of ${values}`);
      const { possible } = images.get(userId) ?? new LastWrite();
      assert.ok(possible.includes(image as string | undefined), `${userId} has ${image}, not one of ${possible}`);
    }
  };

  const writers = new Writers(t, { app, checker, userIds, count: WRITERS, between });
  for (let round = 0; round < ROUNDS; round += 1) {
    const enough = writers.acknowledged + random.between(1, MAX_CHANGES_PER_ROUND);
    writers.go();
    await until(() => writers.acknowledged >= enough, { what: () => `${enough} changes`, withinMs: 60_000 });
    await sleep(random.between(0, MAX_EXTRA_MS));
    writers.rest();
    assert.equal((await server.end('SIGKILL'))?.signal, 'SIGKILL');
    if (random.next() < 0.2) {
      server.spawn();
      await sleep(random.between(0, 400));
      await server.end('SIGKILL');
    }
    await server.start();
    await assertReadable();
  }
  await writers.stop();
  isUnreliable = false;
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive: ${checker.missing().slice(0, 5).join()}`,
    withinMs: PATIENCE_MS,
  });
  await app.untilSettled();
  const summary = checker.check();
  t.diagnostic(JSON.stringify({ rounds: ROUNDS, ...summary }));
  await assertReadable();
  assert.ok(summary.acknowledged > ROUNDS * 20);
});
