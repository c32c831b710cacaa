/**
 * What a batch of changes costs on PostgreSQL by its size, in processor time of this process and of the server and in time that passes: the store alone, one
 * batch after the other, with and without what is known from the batches before. PostgreSQL runs on the same machine, with its default durability.
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '../packages/server/src/clock.ts';
import { ChangeCommits } from '../packages/server/src/storage/postgres/commit-changes.ts';
import { openPostgresStore } from '../packages/server/src/storage/postgres/open.ts';
import type { ProfileCommand } from '../packages/server/src/storage/store.ts';
import { startPostgresServer } from '../packages/server/test/support/postgres-server.ts';
import { median, report } from './support/measure.ts';
import { app, changeOf, ORIGIN, SDK_APP_ID } from './support/sample-settings.ts';
import { watchChildrenCpu, watchCpu } from './support/usage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SIZES = [1, 8, 32, 128, 512] as const;
const USERS = 10_000;
/** About a second for each size. */
const CHANGES = 8_000;
/** What a batch costs, in changes. */
const BATCH = 12;

const postgres = await startPostgresServer(['-c', 'shared_buffers=128MB']);
const url = await postgres.createDatabase();
const [{ data_directory: folder } = { data_directory: '' }] = await postgres.query('SHOW data_directory');
const [postmaster = ''] = readFileSync(`${folder}/postmaster.pid`, 'utf8').split('\n');
const store = await openPostgresStore({ url, poolSize: 4, clock: systemClock });
await store.createApp(app);

let made = 0;
function change(): ProfileCommand {
  made += 1;
  return changeOf(made, USERS);
}

interface Figures {
  readonly nodeUs: number[];
  readonly serverUs: number[];
  readonly passedUs: number[];
}

const figures = new Map<string, Figures>();

/** @param commits  gives what carries out the next batch */
async function measure(name: string, size: number, commits: () => ChangeCommits): Promise<void> {
  const batches = Math.floor(CHANGES / (size + BATCH));
  const [node, server, startedAt] = [watchCpu(process.pid), watchChildrenCpu(Number(postmaster)), performance.now()];
  for (let batch = 0; batch < batches; batch += 1) await commits().commit(Array.from({ length: size }, change));
  const passedMs = performance.now() - startedAt;
  const of = figures.get(name) ?? { nodeUs: [], serverUs: [], passedUs: [] };
  figures.set(name, of);
  of.nodeUs.push((node() * passedMs * 1_000) / batches);
  of.serverUs.push((server() * passedMs * 1_000) / batches);
  of.passedUs.push((passedMs * 1_000) / batches);
}

const base = { kind: 'import', sdkAppId: SDK_APP_ID, items: [], origin: ORIGIN, announce: false } as const;
const alone = new ChangeCommits(store.parts);
for (let first = 0; first < USERS; first += 500) {
  await alone.commit(Array.from({ length: 500 }, (_, index) => ({ ...base, userId: `user_${first + index}` })));
}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const size of SIZES) {
    await measure(`${size} changes, known`, size, () => alone);
    await measure(`${size} changes, read`, size, () => new ChangeCommits(store.parts));
  }
}
for (const [name, { nodeUs, serverUs, passedUs }] of figures) {
  const [node, server, passed] = [median(nodeUs), median(serverUs), median(passedUs)];
  report(`postgres batch of ${name}`, { nodeUs: node, serverUs: server, passedUs: passed });
}
await store.close();
await postgres.stop();
