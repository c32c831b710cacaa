/** What has to hold when a node and the database stop hearing each other, and neither is told. */
import assert from 'node:assert/strict';
import { atEnd, type Owner } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { ok, type ReceivedCallback, type Receiver } from '../support/live/receiver.ts';
import { type RestReply, restQuery } from '../support/live/rest-call.ts';
import { nick, type Reachable, TestApp } from '../support/live/test-app.ts';
import { Writers } from '../support/live/writers.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';
import { untilFound } from './cluster.ts';

const TOKEN = 'cut-token';
const USERS = 40;
const WRITERS = 40;
/** A lease, and the second within which others look. */
const TAKEOVER_MS = 6_000;
/** A lease: who has not renewed it for so long does not begin anything. */
const LEASE_MS = 4_500;
/** What is waited for an answer of the database, and then for a new connection: 30 s, and a loaded machine gets more. */
const CALLER_MS = 45_000;
const HEAL_MS = 60_000;

/** A node that is cut off, another one, and the network in between. */
export interface CutOptions {
  readonly cutNode: Reachable;
  readonly otherNode: Reachable;
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  readonly receiver: Receiver;
  /** of the receiver, as both nodes reach it */
  readonly receiverUrl: string;
  readonly isFromCutNode: (callback: ReceivedCallback) => boolean;
  readonly cut: () => Promise<void>;
  readonly heal: () => Promise<void>;
}

/** Cut, see who does what, heal, and check the history of all changes. */
export async function checkNetworkCut(
  owner: Owner & { diagnostic(text: string): void },
  options: CutOptions,
): Promise<void> {
  const { cutNode, otherNode, postgres, databaseUrl, receiver, receiverUrl, isFromCutNode, cut, heal } = options;
  const other = await TestApp.create(otherNode);
  // fewer at a time than there are users: there is always something to send
  const endpoint = await other.addEndpoint(receiverUrl, {
    token: TOKEN,
    maxAttempts: 50,
    concurrency: 8,
    timeoutMs: 2_000,
  });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: other.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = Array.from({ length: USERS }, (_, number) => `user${number}`);
  await other.importUsers(...userIds);
  const app = await untilFound(cutNode, other.sdkAppId);
  const lanes = async (): Promise<number[]> => {
    const sql = 'SELECT count(*)::int AS n FROM portrait.lane WHERE owner IS NOT NULL GROUP BY owner ORDER BY n DESC';
    return (await postgres.query(sql, databaseUrl)).map((row) => row.n as number);
  };
  const untilLanes = async (shares: string): Promise<void> => {
    let last = '';
    await until(
      async () => {
        last = (await lanes()).join();
        return last === shares;
      },
      { what: () => `lanes ${shares}, they are ${last}`, withinMs: HEAL_MS },
    );
  };
  await untilLanes('128,128');
  const groups = [app, other].map((one, at) => {
    return new Writers(owner, { app: one, checker, userIds, count: WRITERS, name: at === 0 ? 'cut.' : 'other.' });
  });
  atEnd(owner, heal);
  const [cutGroup, otherGroup] = groups as [Writers, Writers];
  const more = async (ofGroups: readonly Writers[], changes: number): Promise<void> => {
    const enough = ofGroups.map(({ acknowledged }) => acknowledged + changes);
    await until(() => ofGroups.every(({ acknowledged }, at) => acknowledged >= (enough[at] ?? 0)), {
      what: () =>
        `${changes} more changes: ${ofGroups.map(({ acknowledged }) => acknowledged).join()} of ${enough.join()}`,
      withinMs: HEAL_MS,
    });
  };
  for (const group of groups) group.go();
  await more(groups, 400);

  cutGroup.rest();
  const cutAt = performance.now();
  await cut();
  const tell = checker.sent('user0', 'nobody hears');
  const told = Promise.all([
    timedCall(app, 'profile/portrait_set', { From_Account: 'user0', ProfileItem: nick('nobody hears') }),
    timedCall(app, 'profile/portrait_get', { To_Account: ['user1'], TagList: ['Tag_Profile_IM_Nick'] }),
  ]);
  await untilLanes('256');
  const takenOverMs = Math.round(performance.now() - cutAt);
  await more([otherGroup], 400);
  otherGroup.rest();
  const answers = await told;
  tell('unknown');
  const stalledMs = Math.round(
    longestGap(receiver.callbacks.filter(({ atMs }) => atMs >= cutAt).map(({ atMs }) => atMs)),
  );
  const late = receiver.callbacks.filter((callback) => callback.atMs > cutAt + LEASE_MS && isFromCutNode(callback));
  owner.diagnostic(
    JSON.stringify({ takenOverMs, answers, stalledMs, fromCutNode: receiver.callbacks.filter(isFromCutNode).length }),
  );
  assert.ok(takenOverMs <= TAKEOVER_MS, `${takenOverMs} ms`);
  assert.deepEqual(
    late.map(({ atMs }) => atMs - cutAt),
    [],
    'callbacks of the cut node after the end of its leases',
  );
  for (const { code, ms } of answers) {
    assert.equal(code, 40006);
    assert.ok(ms <= CALLER_MS, `${ms} ms`);
  }

  const healedAt = performance.now();
  await heal();
  receiver.script = () => ok();
  for (const group of groups) group.go();
  await untilLanes('128,128');
  await more(groups, 200);
  const healedMs = Math.round(performance.now() - healedAt);
  await Promise.all(groups.map((group) => group.stop()));
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive: ${checker.missing().slice(0, 5).join()}`,
    withinMs: HEAL_MS,
  });
  assert.ok(
    receiver.callbacks.some((callback) => callback.atMs > healedAt && isFromCutNode(callback)),
    'it sends again',
  );
  owner.diagnostic(JSON.stringify({ healedMs, ...checker.check() }));
}

/** A call whose caller has patience. */
async function timedCall(
  app: TestApp,
  path: string,
  body: object,
): Promise<{ readonly code: number; readonly ms: number }> {
  const calledAt = performance.now();
  const caller = app.caller();
  const answer = await fetch(`${caller.url}/v4/${path}?${restQuery(caller)}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2 * CALLER_MS),
  });
  const { ErrorCode: code } = (await answer.json()) as RestReply;
  return { code, ms: Math.round(performance.now() - calledAt) };
}

function longestGap(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)));
}
