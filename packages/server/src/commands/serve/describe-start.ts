/** What `portrait serve` prints when it runs. */
import { isIP } from 'node:net';
import { readClientConfig, type ServeConfig, serverUrl } from '../../config.ts';
import type { RunningServer } from '../../serve.ts';
import { VERSION } from '../../version.ts';
import { formatTable, quoteForShell, shortestPath } from '../output.ts';

type Started = Pick<RunningServer, 'port' | 'adminToken' | 'isNewAdminToken' | 'firstStart'>;

/** @returns one line; at the first start all that one needs to try it */
export function describeStart(config: ServeConfig, running: Started, cwd: string = process.cwd()): string {
  const url = serverUrl(config.host, running.port);
  const head = `Portrait ${VERSION} runs at ${url}, its console at ${url}/console.`;
  if (running.firstStart) return describeFirstStart({ config, running, firstStart: running.firstStart, url, cwd });
  return running.isNewAdminToken ? `${head} Its new admin token: ${running.adminToken}` : head;
}

function describeFirstStart(start: {
  readonly config: ServeConfig;
  readonly running: Started;
  readonly firstStart: NonNullable<Started['firstStart']>;
  readonly url: string;
  readonly cwd: string;
}): string {
  const { config, running, firstStart, url, cwd } = start;
  const facts = formatTable([
    ['  SDKAppID', String(firstStart.sdkAppId)],
    ['  Secret key', firstStart.secretKey],
    ['  Administrator', firstStart.administrator],
    ['  Its UserSig', firstStart.userSig],
    ['  REST', `${url}/v4/…`],
    ['  Web SDK', `proxyServer: '${url.replace(/^http/, 'ws')}'`],
    ['  Console', `${url}/console`],
    ['  Admin token', running.adminToken],
  ]);
  const flags = clientFlags({ config, url, cwd });
  const commands = [
    'listen 9000',
    'endpoint add http://127.0.0.1:9000/callback',
    'profile set alice nick=Alice --import',
  ]
    .map((words, at) => `  npx portrait ${words}${flags}${at === 0 ? ' &' : ''}`)
    .join('\n');
  return `
Portrait ${VERSION} runs, with a new store ${placeOf(config)} and an app named "demo".

${facts}

To see a callback arrive, in another terminal in the same folder:

${commands}
${noteOnAddresses(config)}`;
}

/** Without user and password of a database: this is read by others. */
function placeOf({ databaseUrl, dataDir }: ServeConfig): string {
  if (databaseUrl === undefined) return `in ${dataDir}`;
  const { host, pathname } = new URL(databaseUrl);
  return `in the database ${host}${pathname}`;
}

/** @returns what a client command in another terminal in this folder must be told, since it doesn't find it by itself */
function clientFlags({ config, url, cwd }: { config: ServeConfig; url: string; cwd: string }): string {
  const found = readClientConfig({ flags: {}, env: {}, cwd });
  const flags: string[] = [];
  if (found.server !== url) flags.push('--server', url);
  if (config.adminToken !== undefined) {
    if (found.adminToken !== config.adminToken) flags.push('--admin-token', config.adminToken);
  } else if (found.dataDir !== config.dataDir) flags.push('--data', shortestPath(config.dataDir, cwd));
  return flags.map((word) => ` ${quoteForShell(word)}`).join('');
}

/** Callbacks to the machine itself are refused where others can reach the server. */
function noteOnAddresses({ host, webhookAllow }: ServeConfig): string {
  const isLoopback = host === 'localhost' || (isIP(host) > 0 && /^(127\.|::1$)/.test(host));
  if (webhookAllow !== undefined || isLoopback) return '';
  return '\n(The second one needs a server started with --webhook-allow 127.0.0.0/8, since --host is not loopback.)\n';
}
