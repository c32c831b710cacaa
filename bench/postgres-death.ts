/**
 * The death of one of two nodes on PostgreSQL under 500 changes a second: how long the changes of its lanes wait (bar 8 s), and whether those of the
 * other node's lanes notice (p99 before and after, from the commit to the arrival at the receiver).
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseEventId } from '../packages/server/src/storage/event-id.ts';
import { startPostgresServer } from '../packages/server/test/support/postgres-server.ts';
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { admin, paced, prepare } from './support/client.ts';
import { median, percentile, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const PER_SECOND = 500;
const SECONDS = 10;
const LANES_SHARED_MS = 6_000;

interface Arrival {
  readonly lane: number;
  readonly seq: number;
  readonly waitMs: number;
}

const postgres = await startPostgresServer(['-c', 'shared_buffers=128MB']);
const folders = [temporaryFolder(), temporaryFolder()] as const;
const before: number[] = [];
const after: number[] = [];
const waits: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const databaseUrl = await postgres.createDatabase();
  const start = (folder: string): Promise<Child> =>
    startChild('./portrait-server.ts', ['--data', folder, '--database-url', databaseUrl]);
  const [living, dying] = [await start(folders[0]), await start(folders[1])];
  const app = await prepare(living);
  let arrivals: Arrival[] = [];
  const receiver = createServer((request, response) => {
    const place = parseEventId(String(request.headers['webhook-id']));
    if (place) arrivals.push({ ...place, waitMs: Date.now() - place.atMs });
    request.resume();
    request.once('end', () => response.end('{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}'));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  await new Promise((resolve) => setTimeout(resolve, LANES_SHARED_MS));
  const shares = await postgres.query(
    'SELECT owner, array_agg(lane) AS lanes FROM portrait.lane GROUP BY owner',
    databaseUrl,
  );
  if (shares.length !== 2) throw new Error(`${shares.length} nodes have lanes`);
  await admin(living, 'POST', `/apps/${app.sdkAppId}/endpoints`, { url: `http://127.0.0.1:${port}/`, token: 'token' });

  const load = { server: living, app, perSecond: PER_SECOND, total: PER_SECOND * SECONDS };
  await paced(load);
  const quiet = arrivals;
  arrivals = [];
  const sending = paced(load);
  process.kill(dying.pid, 'SIGKILL');
  await sending;
  const unique = (): number => new Set(arrivals.map(({ lane, seq }) => `${lane}:${seq}`)).size;
  while (unique() < load.total) await new Promise((resolve) => setTimeout(resolve, 100));

  const [survivor] = await postgres.query('SELECT owner FROM portrait.lane LIMIT 1', databaseUrl);
  const theirs = shares.find(({ owner }) => owner === survivor?.owner)?.lanes as readonly number[];
  const others = (all: readonly Arrival[]): number[] =>
    all
      .filter(({ lane }) => theirs.includes(lane))
      .map(({ waitMs }) => waitMs)
      .sort((a, b) => a - b);
  before.push(percentile(others(quiet), 0.99));
  after.push(percentile(others(arrivals), 0.99));
  waits.push(Math.max(...arrivals.map(({ waitMs }) => waitMs)));
  await living.stop();
  receiver.closeAllConnections();
  receiver.close();
}
report('postgres, death of a node', { longestWaitMs: median(waits), most: Math.max(...waits), bar: 8_000 });
report('the other node', { p99MsBefore: median(before), p99MsAfter: median(after) });
await postgres.stop();
