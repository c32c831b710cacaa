/**
 * One node on PostgreSQL against one on the embedded store, and two nodes against one, in turns: durable portrait_set over 64, 256 and 1,024
 * connections in all (bars 0.7 and 1.0), 20,000 pending events drained (0.7 and 1.0), and statements a second of an idle node (20). PostgreSQL runs
 * on the same machine, with its default durability; the two nodes have a database of their own.
 */
import { readFileSync } from 'node:fs';
import { startPostgresServer } from '../packages/server/test/support/postgres-server.ts';
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { admin, type BenchApp, portraitSets, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';
import { watchChildrenCpu, watchCpu } from './support/usage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const CONNECTIONS = [64, 256, 1_024] as const;
const CONCURRENCY = 64;
const DURATION_MS = 3_000;
const EVENTS = 20_000;
const IDLE_MS = 20_000;

const postgres = await startPostgresServer([
  '-c',
  'shared_preload_libraries=pg_stat_statements',
  '-c',
  'shared_buffers=128MB',
]);
const databaseUrl = await postgres.createDatabase();
await postgres.query('CREATE EXTENSION pg_stat_statements', databaseUrl);
const receiver = await startChild('./receiver.ts');
const start = (...args: readonly string[]): Promise<Child> =>
  startChild('./portrait-server.ts', ['--data', temporaryFolder(), ...args]);

type Kind = 'embedded' | 'one' | 'two';

/** What was measured in all rounds, by kind of store. */
const figures = new Map<string, Record<Kind, number[]>>();
/** Microseconds of processor time, of the nodes and of PostgreSQL, for each change or callback. */
const costs = new Map<string, { readonly nodes: number[]; readonly server: number[] }>();
const [pidRow] = await postgres.query('SHOW data_directory');
const [postmaster = ''] = readFileSync(`${pidRow?.data_directory}/postmaster.pid`, 'utf8').split('\n');

function note(what: string, kind: Kind, figure: number): void {
  const of = figures.get(what) ?? { embedded: [], one: [], two: [] };
  figures.set(what, of);
  of[kind].push(figure);
}

/** Carry out what comes to so many a second, and note what one of it costs. */
async function costed(what: string, nodes: readonly Child[], run: () => Promise<number>): Promise<number> {
  const usages = nodes.map(({ pid }) => watchCpu(pid));
  const serverUsage = watchChildrenCpu(Number(postmaster));
  const perSecond = await run();
  const cost = costs.get(what) ?? { nodes: [], server: [] };
  costs.set(what, cost);
  cost.nodes.push((usages.reduce((sum, usage) => sum + usage(), 0) / perSecond) * 1_000_000);
  cost.server.push((serverUsage() / perSecond) * 1_000_000);
  return perSecond;
}

/** Changes a second, through all of these nodes at once. */
async function write(nodes: readonly Child[], app: BenchApp, all: number): Promise<number> {
  const next = portraitSets(app);
  const check = (answer: string): boolean => answer.includes('"ErrorCode":0');
  const connections = all / nodes.length;
  const runs = nodes.map(({ port }) => runLoad({ port, connections, durationMs: DURATION_MS, next, check }));
  const results = await Promise.all(runs);
  if (results.some(({ failures }) => failures > 0)) throw new Error(JSON.stringify(results));
  return results.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

/** Callbacks a second from the first arrival to the last, to an endpoint that is made for it. */
async function drain(node: Child, app: BenchApp): Promise<{ readonly perSecond: number; readonly endpointId: string }> {
  await control(receiver, 'reset', { target: EVENTS });
  const url = `http://127.0.0.1:${receiver.port}/callback`;
  const settings = { url, token: 'token', startFrom: 'beginning', concurrency: CONCURRENCY };
  const { endpointId } = await admin(node, 'POST', `/apps/${app.sdkAppId}/endpoints`, settings);
  const { milliseconds } = await control<{ milliseconds: number }>(receiver, 'reached');
  return { perSecond: (EVENTS / milliseconds) * 1_000, endpointId };
}

async function statements(): Promise<number> {
  const sql = "SELECT sum(calls)::float8 AS calls FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'";
  return (await postgres.query(sql, databaseUrl))[0]?.calls as number;
}

const embedded = await start();
const embeddedApp = await prepare(embedded);
const one = await start('--database-url', databaseUrl);
const app = await prepare(one);

const before = await statements();
await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
report('postgres idle', { statementsPerSecond: ((await statements()) - before) / (IDLE_MS / 1_000), bar: 20 });

async function measure(kind: Kind, nodes: readonly [Child, ...Child[]], of: BenchApp): Promise<void> {
  for (const connections of CONNECTIONS) {
    const what = `changes, ${connections} connections`;
    note(what, kind, await costed(`${what}, ${kind}`, nodes, () => write(nodes, of, connections)));
  }
  let endpoint = '';
  const drained = await costed(`callbacks, ${kind}`, nodes, async () => {
    const { perSecond, endpointId } = await drain(nodes[0], of);
    endpoint = endpointId;
    return perSecond;
  });
  note('callbacks', kind, drained);
  await admin(nodes[0], 'DELETE', `/apps/${of.sdkAppId}/endpoints/${endpoint}`);
}

const urlOfTwo = await postgres.createDatabase();
const two = [await start('--database-url', urlOfTwo), await start('--database-url', urlOfTwo)] as const;
const appOfTwo = await prepare(two[0]);
await new Promise((resolve) => setTimeout(resolve, 5_000)); // lanes are shared by then

const kinds: readonly (readonly [Kind, readonly [Child, ...Child[]], BenchApp])[] = [
  ['embedded', [embedded], embeddedApp],
  ['one', [one], app],
  ['two', two, appOfTwo],
];
for (const [, nodes, of] of kinds) await write(nodes, of, CONCURRENCY);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [kind, nodes, of] of round % 2 === 0 ? kinds : kinds.toReversed()) await measure(kind, nodes, of);
}
for (const [what, { embedded: file, one: single, two: pair }] of figures) {
  report(`postgres ${what}`, {
    embedded: median(file),
    one: median(single),
    two: median(pair),
    oneOfEmbedded: median(single) / median(file),
    twoOfOne: median(pair) / median(single),
  });
}
for (const [what, { nodes, server }] of costs) {
  report(`postgres µs, ${what}`, { nodes: median(nodes), server: median(server) });
}
for (const child of [...two, one, embedded, receiver]) await child.stop();
await postgres.stop();
