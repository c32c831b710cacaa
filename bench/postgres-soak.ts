/**
 * Tables while a node on PostgreSQL takes changes, delivers them and removes what is older than 10 s: sizes must level off. In the middle somebody holds a
 * snapshot for a minute, so that nothing can be cleaned up: what was made before must still go out as fast. `MINUTES` sets its length, 3 by default,
 * `PER_SECOND` the rate of changes, 2,000.
 */
import pg from 'pg';
import { startPostgresServer } from '../packages/server/test/support/postgres-server.ts';
import { startChild, temporaryFolder } from './support/child.ts';
import { admin, paced, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { report } from './support/measure.ts';

const MINUTES = Number(process.env.MINUTES ?? 3);
const PER_SECOND = Number(process.env.PER_SECOND ?? 2_000);
const STEP_S = 20;
const STEPS = Math.ceil((MINUTES * 60) / STEP_S);
const HELD_STEPS = 3;
const BACKLOG = 20_000;
const BACKLOG_PER_SECOND = 2_000;
const TABLES = ['event', 'attempt', 'profile', 'head', 'cursor', 'lane', 'node', 'meta'];

const postgres = await startPostgresServer(['-c', 'shared_buffers=128MB', '-c', 'autovacuum_naptime=5s']);
const databaseUrl = await postgres.createDatabase();
const receiver = await startChild('./receiver.ts');
const portrait = await startChild('./portrait-server.ts', [
  '--data',
  temporaryFolder(),
  '--database-url',
  databaseUrl,
  '--retention',
  '10s',
]);
const app = await prepare(portrait);
const url = `http://127.0.0.1:${receiver.port}/callback`;
const endpoints = `/apps/${app.sdkAppId}/endpoints`;
const { endpointId } = await admin(portrait, 'POST', endpoints, { url, token: 'token', concurrency: 64 });

/** Each of the changes arrives within the step, or it does not end. */
async function step(): Promise<void> {
  const total = PER_SECOND * STEP_S;
  await control(receiver, 'reset', { target: total });
  await paced({ server: portrait, app, perSecond: PER_SECOND, total });
  await control(receiver, 'reached');
}

/** Callbacks a second from a backlog, from the first arrival to the last. */
async function drain(): Promise<number> {
  await admin(portrait, 'POST', `${endpoints}/${endpointId}/pause`);
  await control(receiver, 'reset', { target: BACKLOG });
  await paced({ server: portrait, app, perSecond: BACKLOG_PER_SECOND, total: BACKLOG });
  await admin(portrait, 'POST', `${endpoints}/${endpointId}/resume`);
  const { milliseconds } = await control<{ milliseconds: number }>(receiver, 'reached');
  return (BACKLOG / milliseconds) * 1_000;
}

async function reportTables(name: string): Promise<void> {
  const sizes = TABLES.map((table) => `(pg_total_relation_size('portrait.${table}') / 1024)::int AS ${table}`);
  const rows = '(SELECT count(*)::int FROM portrait.event) AS events';
  const [kilobytes] = await postgres.query(`SELECT ${sizes.join()}, ${rows}`, databaseUrl);
  report(`${name}, kB`, kilobytes as Record<string, number>);
  const stats = await postgres.query(
    `SELECT relname, n_dead_tup::int AS dead, autovacuum_count::int AS vacuums FROM pg_stat_user_tables
      WHERE schemaname = 'portrait' AND relname IN ('${TABLES.join("','")}') ORDER BY relname`,
    databaseUrl,
  );
  for (const what of ['dead', 'vacuums']) {
    report(`${name}, ${what}`, Object.fromEntries(stats.map((row) => [row.relname, row[what] as number])));
  }
}

/** As a backup does, or a session that somebody forgot. */
async function holdSnapshot(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM portrait.lane');
  return () => client.end();
}

const middle = Math.ceil(STEPS / 2);
for (let passed = 1; passed <= STEPS; passed += 1) {
  if (passed === middle) {
    const before = [await drain(), await drain()];
    const letGo = await holdSnapshot();
    for (let held = 1; held <= HELD_STEPS; held += 1) {
      await step();
      await reportTables(`snapshot ${held * STEP_S} s`);
    }
    const during = [await drain(), await drain()];
    await letGo();
    const rates = [before, during].map((two) => (two.reduce((sum, rate) => sum + rate) / two.length) as number);
    const [rateBefore = 0, rateDuring = 0] = rates;
    report('drain', { before: rateBefore, during: rateDuring, ratio: rateDuring / rateBefore });
  }
  await step();
  await reportTables(`soak ${passed * STEP_S} s`);
}
for (const child of [portrait, receiver]) await child.stop();
await postgres.stop();
