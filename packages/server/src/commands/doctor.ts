import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import {
  clientOptions,
  readClientConfig,
  readServeConfig,
  type ServeConfig,
  serveOptions,
  serverUrl,
  UsageError,
} from '../config.ts';
import type { Check } from '../doctor/check.ts';
import type { EndpointSight } from '../doctor/check-endpoint.ts';
import type { Endpoint } from '../storage/store.ts';
import { AdminClient } from './client.ts';
import { addSettings, newCommand, option } from './command-line.ts';
import { checkServer } from './doctor/check-server.ts';
import { printCheck } from './doctor/print-checks.ts';
import { Failure } from './failure.ts';
import { printJson } from './output.ts';

type Flags = Readonly<Record<string, unknown>> & { readonly json?: boolean };

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const AT_A_TIME = 16;

/** `portrait doctor`. */
export function doctor(summary: string): Command {
  const command = newCommand('doctor', {
    summary: `${summary}; exit 1 if there is a problem`,
    note: `Give it the flags that serve is given. It works while the server runs and while it does
not: it reads the store without changing it, and asks the server for its endpoints if one
answers. It connects to each callback URL and sends no callback. To be run on the machine
of the server, as its user: what can be reached from elsewhere says little.`,
    examples: ['portrait doctor', 'portrait doctor --data /var/lib/portrait --json'],
  }).addOption(option('--json', 'print JSON for programs'));
  const [server] = clientOptions({ withApp: false }).filter(({ flags }) => flags.startsWith('--server '));
  if (server) addSettings(command, [server]);
  return addSettings(command, serveOptions(), 'Settings of the server:').action(examine);
}

async function examine(flags: Flags): Promise<void> {
  const checks: Check[] = [];
  const add = (...more: readonly Check[]): void => {
    checks.push(...more);
    if (!flags.json) for (const check of more) printCheck(check);
  };
  const config = readSettings(flags, add);
  if (config) await examineAll(config, flags, add);
  const problems = checks.filter(({ status }) => status === 'problem').length;
  if (flags.json) printJson({ ok: problems === 0, checks });
  if (problems > 0) throw new Failure(problems === 1 ? 'One problem.' : `${problems} problems.`);
}

type Add = (...checks: readonly Check[]) => void;

/** What is wrong in the environment or the file is what doctor is for; what is wrong in its own flags is wrong usage. */
function readSettings(flags: Flags, add: Add): ServeConfig | undefined {
  const sources = { env: process.env, cwd: process.cwd() };
  try {
    readClientConfig({ flags, ...sources });
    return readServeConfig({ flags, ...sources });
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.startsWith('--')) throw error;
    const advice = 'serve does not start with it. Mend it, then run doctor again: the rest was not looked at.';
    add({ area: 'settings', status: 'problem', what: error.message, advice });
    return undefined;
  }
}

async function examineAll(config: ServeConfig, flags: Flags, add: Add): Promise<void> {
  const begin = { wallMs: systemClock.now(), monotonicMs: systemClock.monotonic() };
  const { checkSettings } = await import('../doctor/check-settings.ts');
  const { checkDataFolder } = await import('../doctor/check-data-folder.ts');
  const { checkClock } = await import('../doctor/check-clock.ts');
  add(...checkSettings(config), ...checkDataFolder(config));
  const store = await lookAtStore(config);
  add(...store.checks);
  const server = await checkServer(openServer(config, flags), store.isInUse);
  add(...server.checks);
  const { newestEventAtMs, time: database } = store;
  add(...checkClock(config.dataDir, { begin, server: server.time, database, newestEventAtMs }, systemClock));
  const stored = store.endpoints?.map((endpoint) => ({ ...endpoint, state: stateOf(endpoint) }));
  await examineEndpoints(server.endpoints ?? stored ?? [], config, add);
}

/** What the doctor needs of a store, in a file or a database. */
interface StoreSight {
  readonly checks: readonly Check[];
  /** undefined: that can not be told */
  readonly isInUse: boolean | undefined;
  readonly endpoints: readonly Endpoint[] | undefined;
  readonly newestEventAtMs: number | undefined;
  /** its own, if it has one */
  readonly time?: { readonly dateMs: number; readonly atMs: number } | undefined;
}

async function lookAtStore({ databaseUrl, dataDir }: ServeConfig): Promise<StoreSight> {
  if (databaseUrl === undefined) {
    const { checkStore } = await import('../doctor/check-store.ts');
    const { checks, peek } = checkStore(dataDir);
    const { isInUse, endpoints, newestEventAtMs } = peek ?? {};
    return { checks, isInUse, endpoints, newestEventAtMs };
  }
  const { checkDatabase } = await import('../doctor/check-database.ts');
  const { checks, peek } = await checkDatabase(databaseUrl, systemClock);
  const { endpoints, newestEventAtMs } = peek?.store ?? {};
  return { checks, isInUse: undefined, endpoints, newestEventAtMs, time: peek?.time };
}

/** The address that `portrait serve` with these flags listens on, unless another is named. */
function openServer(config: ServeConfig, flags: Flags): AdminClient {
  const client = readClientConfig({ flags, env: process.env, cwd: process.cwd() });
  const isNamed = flags.server !== undefined || (flags.host === undefined && flags.port === undefined);
  return new AdminClient(isNamed ? client : { ...client, server: serverUrl(config.host, config.port || 8090) });
}

/** As the admin API shows it. */
function stateOf(endpoint: {
  readonly state: 'active' | 'paused';
  readonly circuit?: { readonly state: string };
}): EndpointSight['state'] {
  if (endpoint.state === 'paused') return 'paused';
  return (endpoint.circuit?.state ?? 'closed') === 'closed' ? 'active' : 'open';
}

async function examineEndpoints(endpoints: readonly EndpointSight[], config: ServeConfig, add: Add): Promise<void> {
  const { checkEndpoint } = await import('../doctor/check-endpoint.ts');
  const isLoopback = config.host === 'localhost' || config.host === '::1' || config.host.startsWith('127.');
  const allow = config.webhookAllow ?? (isLoopback ? LOOPBACK : []);
  for (let at = 0; at < endpoints.length; at += AT_A_TIME) {
    const some = endpoints.slice(at, at + AT_A_TIME);
    const checks = await Promise.all(some.map((endpoint) => checkEndpoint(endpoint, allow, systemClock.now())));
    add(...checks.flat());
  }
}
