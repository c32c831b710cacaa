/** Settings, read from flags, the environment and the configuration file. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import {
  CLIENT_SETTINGS,
  type LogLevel,
  type Role,
  SERVE_SETTINGS,
  SETTINGS,
  type Setting,
  type SettingName,
  type SettingValues,
} from './settings.ts';

/** The program was called or configured wrongly: exit 2. The message is one sentence: what was expected and what came. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `portrait serve` runs with. */
export interface ServeConfig {
  readonly host: string;
  /** 0 = any free port */
  readonly port: number;
  /** absolute path of the data folder */
  readonly dataDir: string;
  /** undefined = the embedded store */
  readonly databaseUrl: string | undefined;
  /** connections at most */
  readonly databasePool: number;
  /** nothing that only PostgreSQL itself has */
  readonly portableSql: boolean;
  readonly roles: readonly Role[];
  /** undefined = made at the first start and kept in the data folder */
  readonly adminToken: string | undefined;
  /** undefined = there are no viewers */
  readonly viewerToken: string | undefined;
  /** undefined = `/metrics` is open */
  readonly metricsToken: string | undefined;
  /** script that the console's playground may load */
  readonly webSdkUrl: string | undefined;
  /** CIDRs of non-public addresses that callbacks may go to; undefined = loopback if `host` is loopback, else none */
  readonly webhookAllow: readonly string[] | undefined;
  /** CIDRs of proxies whose X-Forwarded-For is believed */
  readonly trustProxy: readonly string[];
  readonly retentionMs: number;
  /** free space of the data folder below which the log warns; 0 = none */
  readonly diskWarnBytes: number;
  /** free space below which changes are refused; 0 = none */
  readonly diskReserveBytes: number;
  /** what clients are told of how often to say hello */
  readonly clientHelloIntervalMs: number;
  /** a client from which nothing came for so long is cut off */
  readonly clientIdleTimeoutMs: number;
  /** a client on which nobody is logged in for so long is closed */
  readonly clientLoginTimeoutMs: number;
  /** clients from one address (IPv6: one /64) */
  readonly maxClientsPerAddress: number;
  readonly maxClientsPerApp: number;
  readonly logLevel: LogLevel;
}

/** How client commands find the server. */
export interface ClientConfig {
  /** address without a slash at its end */
  readonly server: string;
  readonly adminToken: string | undefined;
  /** absolute path of the folder that may hold the admin token */
  readonly dataDir: string;
  readonly sdkAppId: number | undefined;
}

/** Where settings are looked for, first to last. */
export interface SettingSources {
  /** as typed, by camelCase name */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** folder of the configuration file */
  readonly cwd: string;
}

export const CONFIG_FILE = 'portrait.config.json';

/** A setting as a command-line option. */
export interface OptionText {
  /** `--log-level <level>` */
  readonly flags: string;
  readonly help: string;
}

/** @returns flags and help of the settings of `portrait serve`, in the order help shows them */
export function serveOptions(): readonly OptionText[] {
  return SERVE_SETTINGS.map((name) => {
    const { help, default: value, defaultText }: Setting<unknown> = SETTINGS[name];
    return { flags: flagsOf(name), help: `${help} (default: ${defaultText ?? value})` };
  });
}

/** @returns flags and help of the settings by which client commands find the server; `app` is left out if not wanted */
export function clientOptions({ withApp }: { readonly withApp: boolean }): readonly OptionText[] {
  return CLIENT_SETTINGS.filter((name) => withApp || name !== 'app').map((name) => {
    const { help, clientHelp, defaultText }: Setting<unknown> = SETTINGS[name];
    return { flags: flagsOf(name), help: clientHelp ?? `${help} (default: ${defaultText})` };
  });
}

function flagsOf(name: SettingName): string {
  return `${flagName(name)} <${SETTINGS[name].placeholder}>`;
}

/** @returns `--some-flag` of `someFlag` */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** @returns `PORTRAIT_SOME_FLAG` of `someFlag` */
export function envName(name: string): string {
  return `PORTRAIT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Read the settings of `portrait serve`: a flag wins over the environment, the environment over the file, the file over
 * the default. An empty environment variable counts as none.
 *
 * @throws UsageError a value is not what is expected, or the file has a member that nobody knows
 */
export function readServeConfig(sources: SettingSources): ServeConfig {
  const read = openSettings(sources);
  return {
    host: read('host'),
    port: read('port'),
    dataDir: resolve(sources.cwd, read('data')),
    databaseUrl: read('databaseUrl'),
    databasePool: read('databasePool'),
    portableSql: read('portableSql'),
    roles: read('roles'),
    adminToken: read('adminToken'),
    viewerToken: read('viewerToken'),
    metricsToken: read('metricsToken'),
    webSdkUrl: read('webSdkUrl'),
    webhookAllow: read('webhookAllow'),
    trustProxy: read('trustProxy'),
    retentionMs: read('retention'),
    diskWarnBytes: read('diskWarn'),
    diskReserveBytes: read('diskReserve'),
    clientHelloIntervalMs: read('clientHelloInterval'),
    clientIdleTimeoutMs: read('clientIdleTimeout'),
    clientLoginTimeoutMs: read('clientLoginTimeout'),
    maxClientsPerAddress: read('maxClientsPerAddress'),
    maxClientsPerApp: read('maxClientsPerApp'),
    logLevel: read('logLevel'),
  };
}

/**
 * Read how a client command finds the server. If no address is given, it is the one that `portrait serve` with the same
 * environment and file listens on.
 *
 * @throws UsageError as {@link readServeConfig}
 */
export function readClientConfig(sources: SettingSources): ClientConfig {
  const read = openSettings({ ...sources, flags: pick(sources.flags, CLIENT_SETTINGS) });
  return {
    server: read('server') ?? serverUrl(read('host'), read('port') || SETTINGS.port.default),
    adminToken: read('adminToken'),
    dataDir: resolve(sources.cwd, read('data')),
    sdkAppId: read('app'),
  };
}

/** @returns address of a server on this machine that listens on `host`, which may be "all addresses" */
export function serverUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIP(name) === 6 ? `[${name}]` : name}:${port}`;
}

/** @returns reads a setting from the first source that has it */
function openSettings({ flags, env, cwd }: SettingSources): <N extends SettingName>(name: N) => SettingValues[N] {
  const file = readConfigFile(resolve(cwd, CONFIG_FILE));
  return <N extends SettingName>(name: N) => {
    const flag = flags[name];
    if (typeof flag === 'string') return parseSetting(name, flag, flagName(name)) as SettingValues[N];
    const variable = env[envName(name)];
    if (variable) return parseSetting(name, variable, envName(name)) as SettingValues[N];
    return (file.has(name) ? file.get(name) : SETTINGS[name].default) as SettingValues[N];
  };
}

function parseSetting(name: SettingName, raw: string, source: string): unknown {
  const { parse, expects, isSecret }: Setting<unknown> = SETTINGS[name];
  const value = parse(raw);
  if (value !== undefined) return value;
  throw new UsageError(`${source} takes ${expects}${isSecret ? '.' : `, not ${JSON.stringify(raw)}.`}`);
}

/** @returns all members of the file, checked, whether they are asked for or not; empty if there is no file */
function readConfigFile(path: string): ReadonlyMap<string, unknown> {
  const members = new Map<string, unknown>();
  for (const [name, json] of Object.entries(readJsonObject(path))) {
    if (!Object.hasOwn(SETTINGS, name)) {
      throw new UsageError(`${path} has a member "${name}", and only ${Object.keys(SETTINGS).join(', ')} are known.`);
    }
    members.set(name, parseMember(name as SettingName, json, `"${name}" in ${path}`));
  }
  return members;
}

function parseMember(name: SettingName, json: unknown, source: string): unknown {
  const setting: Setting<unknown> = SETTINGS[name];
  if (typeof json === 'string' && setting.json !== 'number') return parseSetting(name, json, source);
  if (typeof json === 'number' && setting.json === 'number') return parseSetting(name, String(json), source);
  if (Array.isArray(json) && setting.json === 'list' && json.every((part) => typeof part === 'string')) {
    return parseSetting(name, json.join() || 'none', source);
  }
  const wanted = { string: 'text', number: 'a number', list: 'a list of texts' }[setting.json];
  throw new UsageError(`${source} takes ${wanted}: ${setting.expects}, not ${describeJson(json)}.`);
}

function describeJson(json: unknown): string {
  if (json === null) return 'null';
  if (Array.isArray(json)) return 'a list';
  return { string: 'text', number: 'a number', boolean: 'true or false' }[typeof json as string] ?? 'an object';
}

function readJsonObject(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`${path} can not be read: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });
  }
  const json = parseJson(text);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new UsageError(`${path} must hold one JSON object, such as {"port": 8090}, and does not.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8's message quotes the text around the fault, which may be a secret
    return undefined;
  }
}

function pick(flags: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(flags, name)).map((name) => [name, flags[name]]));
}
