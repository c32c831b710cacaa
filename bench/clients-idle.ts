/** Memory and processor time of a Portrait with 10,000 clients that are logged in and idle. Bar: 350 MB. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { type FleetState, type LoginTimes, startFleet } from './support/fleet.ts';
import { report } from './support/measure.ts';
import { peakMb, residentMb, watchCpu } from './support/usage.ts';

const CLIENTS = Number(process.env.CLIENTS ?? 10_000);
const FLEETS = 2;
const LOGINS_PER_SECOND = 400;
const IDLE_MS = 60_000;
/** What a closing leaves behind is collected in this time, if at all. */
const AFTER_CLOSE_MS = 10_000;
const profileFlags = process.env.CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROF}`] : [];

/** Start a server and processes with as many clients. */
async function start(clients: number): Promise<{ portrait: Child; fleets: readonly Child[]; startMb: number }> {
  const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()], profileFlags);
  const startMb = residentMb(portrait.pid);
  const app = await prepare(portrait);
  const users = clients / FLEETS;
  const starts = Array.from({ length: FLEETS }, (_, index) =>
    startFleet(portrait, app, { firstUser: index * users, users }),
  );
  return { portrait, fleets: await Promise.all(starts), startMb };
}

function stayAll(fleets: readonly Child[]): Promise<LoginTimes[]> {
  const order = { perSecond: LOGINS_PER_SECOND / FLEETS };
  return Promise.all(fleets.map((fleet) => control<LoginTimes>(fleet, 'stay', order)));
}

async function stopAll(children: readonly Child[]): Promise<void> {
  for (const child of children) await child.stop();
}

// an installed package is JavaScript; with all modules in the cache, what turns TypeScript into it takes no memory here either
process.env.NODE_COMPILE_CACHE = temporaryFolder();
const first = await start(FLEETS);
await stayAll(first.fleets);
await stopAll([...first.fleets, first.portrait]);

const { portrait, fleets, startMb } = await start(CLIENTS);

async function fleetStates(): Promise<{ open: number; faults: number }> {
  const states = await Promise.all(fleets.map((fleet) => control<FleetState>(fleet, 'state')));
  return {
    open: states.reduce((sum, { open }) => sum + open, 0),
    faults: states.reduce((sum, { faults }) => sum + faults, 0),
  };
}

report('clients-idle before', { startMb, withUsersMb: residentMb(portrait.pid) });

const cpuAtLogin = watchCpu(portrait.pid);
const logins = await stayAll(fleets);
report('clients-idle logged in', {
  rssMb: residentMb(portrait.pid),
  peakMb: peakMb(portrait.pid),
  cpu: cpuAtLogin(),
  loginP99: Math.max(...logins.map(({ p99 }) => p99)),
  ...(await fleetStates()),
});

const cpuIdle = watchCpu(portrait.pid);
const fleetCpuIdle = fleets.map(({ pid }) => watchCpu(pid));
await wait(IDLE_MS);
report('clients-idle', {
  rssMb: residentMb(portrait.pid),
  barMb: 350,
  peakMb: peakMb(portrait.pid),
  cpu: cpuIdle(),
  fleetsCpu: fleetCpuIdle.reduce((sum, cpu) => sum + cpu(), 0),
  ...(await fleetStates()),
});

await Promise.all(fleets.map((fleet) => control(fleet, 'terminate')));
await wait(AFTER_CLOSE_MS);
report('clients-idle all gone', { rssMb: residentMb(portrait.pid), open: (await fleetStates()).open });
await stopAll([...fleets, portrait]);
