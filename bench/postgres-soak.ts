/**
 * Sizes of tables while a node on PostgreSQL takes changes, delivers them and removes what is older than 10 s: they must level off. `MINUTES` sets its
 * length, 3 by default; 2,000 changes a second.
 */
import { startPostgresServer } from '../packages/server/test/support/postgres-server.ts';
import { startChild, temporaryFolder } from './support/child.ts';
import { admin, paced, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { report } from './support/measure.ts';

const MINUTES = Number(process.env.MINUTES ?? 3);
const PER_SECOND = Number(process.env.PER_SECOND ?? 2_000);
const STEP_S = 20;
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
await control(receiver, 'reset', { target: Number.MAX_SAFE_INTEGER });
const url = `http://127.0.0.1:${receiver.port}/callback`;
await admin(portrait, 'POST', `/apps/${app.sdkAppId}/endpoints`, { url, token: 'token' });

for (let passed = STEP_S; passed <= MINUTES * 60; passed += STEP_S) {
  await paced({ server: portrait, app, perSecond: PER_SECOND, total: PER_SECOND * STEP_S });
  const sizes = TABLES.map((table) => `(pg_total_relation_size('portrait.${table}') / 1024)::int AS ${table}`);
  const rows = '(SELECT count(*)::int FROM portrait.event) AS events';
  const [row] = await postgres.query(`SELECT ${sizes.join()}, ${rows}`, databaseUrl);
  report(`soak ${passed} s, kB`, row as Record<string, number>);
}
for (const child of [portrait, receiver]) await child.stop();
await postgres.stop();
