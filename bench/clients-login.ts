/** What 200 logins of clients a second leave of the REST door's durable portrait_set over 64 connections. Bar: 0.5. */
import { setTimeout as wait } from 'node:timers/promises';
import { startChild, temporaryFolder } from './support/child.ts';
import { portraitSets, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { type LoginTimes, startFleet } from './support/fleet.ts';
import { type LoadResult, runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';
import { watchCpu } from './support/usage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const CONNECTIONS = 64;
const DURATION_MS = 5_000;
const LOGINS_PER_SECOND = 200;
const STAY_MS = 2_000;
/** Logins begin so much earlier than the load: then as many connections close as open. */
const LEAD_MS = 2_500;
/** Logins of a window, with those before and behind it. */
const VISIT = { perSecond: LOGINS_PER_SECOND, seconds: (DURATION_MS + LEAD_MS) / 1_000 + 0.5, stayMs: STAY_MS };
const profileFlags = process.env.CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROF}`] : [];

const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()], profileFlags);
const app = await prepare(portrait);
const fleet = await startFleet(portrait, app, { firstUser: 0, users: 10_000 });
const next = portraitSets(app);
const check = (answer: string): boolean => answer.includes('"ErrorCode":0');

/** Cores that each process keeps busy. */
interface Cores {
  readonly server: number;
  readonly load: number;
  readonly fleet: number;
}

function watchAll(): () => Cores {
  const [server, load, clients] = [watchCpu(portrait.pid), watchCpu(process.pid), watchCpu(fleet.pid)];
  return () => ({ server: server(), load: load(), fleet: clients() });
}

async function runRest(): Promise<LoadResult & { readonly cores: Cores }> {
  const cores = watchAll();
  const result = await runLoad({ port: portrait.port, connections: CONNECTIONS, durationMs: DURATION_MS, next, check });
  return { ...result, cores: cores() };
}

/** Run something while clients log in. */
async function duringLogins<T>(run: () => Promise<T>): Promise<{ result: T; logins: LoginTimes }> {
  const visits = control<LoginTimes>(fleet, 'visit', VISIT);
  await wait(LEAD_MS);
  const result = await run();
  return { result, logins: await visits };
}

async function loginsAlone(): Promise<Cores> {
  const cores = watchAll();
  await wait(DURATION_MS);
  return cores();
}

const ratios: number[] = [];
await runRest();
await duringLogins(runRest);
for (let round = 0; round < ROUNDS; round += 1) {
  const without = await runRest();
  const { result: ours, logins } = await duringLogins(runRest);
  const { result: alone, logins: aloneLogins } = await duringLogins(loginsAlone);
  ratios.push(ours.perSecond / without.perSecond);
  report(`clients-login round ${round + 1}`, { ratio: ours.perSecond / without.perSecond });
  const rest = ({ perSecond, p50, p99, failures }: LoadResult) => ({ perSecond, p50, p99, failures });
  report('  without logins', { ...rest(without), ...without.cores });
  report('  with logins', { ...rest(ours), ...ours.cores });
  report('  their logins', { ...logins });
  report('  logins alone', { ...aloneLogins, ...alone });
}
report('clients-login', { ratio: median(ratios), bar: 0.5 });
await fleet.stop();
await portrait.stop();
