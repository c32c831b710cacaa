/** Every setting that can come from a flag, the environment or the configuration file. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';

/** The program was called or configured wrongly: exit 2. The message is one sentence: what was expected and what came. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** From which weight on log lines are written. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const ROLES = ['api', 'dispatch'] as const;
/** What a process does: answer clients, or deliver callbacks. */
type Role = (typeof ROLES)[number];

/** What `portrait serve` runs with. */
export interface ServeConfig {
  readonly host: string;
  /** 0 = any free port */
  readonly port: number;
  /** absolute path of the data folder */
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly roles: readonly Role[];
  /** undefined = made at the first start and kept in the data folder */
  readonly adminToken: string | undefined;
  /** CIDRs of non-public addresses that callbacks may go to; undefined = loopback if `host` is loopback, else none */
  readonly webhookAllow: readonly string[] | undefined;
  /** CIDRs of proxies whose X-Forwarded-For is believed */
  readonly trustProxy: readonly string[];
  readonly retentionMs: number;
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

interface Setting<T> {
  /** stands for the value in help */
  readonly placeholder: string;
  /** end of the sentence "… takes …" */
  readonly expects: string;
  readonly default: T;
  /** what help says of the default, if not the value itself */
  readonly defaultText?: string;
  readonly help: string;
  /** what client commands say of it instead, default included */
  readonly clientHelp?: string;
  /** type of the member in the configuration file; a list may be written as text too */
  readonly json: 'string' | 'number' | 'list';
  readonly isSecret?: true;
  /** @returns undefined if the text is not what is expected */
  readonly parse: (raw: string) => T | undefined;
}

const CIDR_LIST = 'a list of CIDRs such as 10.0.0.0/8,fd00::/8, or "none"';

/** Values of all settings, by name. */
interface SettingValues {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly roles: readonly Role[];
  readonly adminToken: string | undefined;
  readonly webhookAllow: readonly string[] | undefined;
  readonly trustProxy: readonly string[];
  readonly retention: number;
  readonly logLevel: LogLevel;
  readonly server: string | undefined;
  readonly app: number | undefined;
}

type SettingName = keyof SettingValues;

const SETTINGS: { readonly [N in SettingName]: Setting<SettingValues[N]> } = {
  host: {
    placeholder: 'address',
    expects: 'an IP address or a host name',
    default: '127.0.0.1',
    help: 'address to listen on; 0.0.0.0 or :: for all',
    json: 'string',
    parse: parseHost,
  },
  port: {
    placeholder: 'number',
    expects: 'a whole number from 0 to 65535 (0 = any free port)',
    default: 8090,
    help: 'port of REST, WebSocket, admin API and console; 0 for any free one',
    json: 'number',
    parse: (raw) => parseWhole(raw, { min: 0, max: 65_535 }),
  },
  data: {
    placeholder: 'folder',
    expects: 'the path of a folder',
    default: './portrait-data',
    help: 'folder of the embedded store and of the admin token',
    clientHelp: 'data folder of the server, where its admin token is (default: ./portrait-data)',
    json: 'string',
    parse: (raw) => (raw.includes('\0') || raw === '' ? undefined : raw),
  },
  databaseUrl: {
    placeholder: 'url',
    expects: 'an address like postgres://user:password@host:5432/database',
    default: undefined,
    defaultText: 'none: the embedded store',
    help: 'PostgreSQL database in place of the embedded store',
    json: 'string',
    isSecret: true,
    parse: (raw) => (/^postgres(ql)?:$/.test(URL.parse(raw)?.protocol ?? '') ? raw : undefined),
  },
  roles: {
    placeholder: 'list',
    expects: 'api, dispatch, or both with a comma between',
    default: ROLES,
    defaultText: ROLES.join(),
    help: 'what this process does: answer clients (api), deliver callbacks (dispatch)',
    json: 'list',
    parse: parseRoles,
  },
  adminToken: {
    placeholder: 'token',
    expects: '1 to 200 printable ASCII characters without blanks',
    default: undefined,
    defaultText: 'made at the first start, kept in the data folder',
    help: 'opens the admin API and the console',
    clientHelp: 'admin token of the server (default: the one in its data folder)',
    json: 'string',
    isSecret: true,
    parse: (raw) => (/^[\x21-\x7e]{1,200}$/.test(raw) ? raw : undefined),
  },
  webhookAllow: {
    placeholder: 'cidrs',
    expects: CIDR_LIST,
    default: undefined,
    defaultText: 'loopback if --host is loopback, else none',
    help: 'private addresses that callbacks may go to',
    json: 'list',
    parse: parseCidrs,
  },
  trustProxy: {
    placeholder: 'cidrs',
    expects: CIDR_LIST,
    default: [],
    defaultText: 'none',
    help: 'proxies whose X-Forwarded-For is believed',
    json: 'list',
    parse: parseCidrs,
  },
  retention: {
    placeholder: 'duration',
    expects: 'a duration from 1s to 3650d, such as 12h or 7d',
    default: 7 * 86_400_000,
    defaultText: '7d',
    help: 'how long settled deliveries and their events are kept',
    json: 'string',
    parse: (raw) => parseDuration(raw, { minMs: 1000, maxMs: 3650 * 86_400_000 }),
  },
  logLevel: {
    placeholder: 'level',
    expects: `one of ${LOG_LEVELS.join(', ')}`,
    default: 'info',
    help: `lines below this level are left out: ${LOG_LEVELS.join(', ')}`,
    json: 'string',
    parse: (raw) => LOG_LEVELS.find((level) => level === raw),
  },
  server: {
    placeholder: 'url',
    expects: 'an address like http://127.0.0.1:8090',
    default: undefined,
    defaultText: 'http://127.0.0.1:8090',
    help: 'address of the Portrait server',
    json: 'string',
    parse: parseServer,
  },
  app: {
    placeholder: 'sdkAppId',
    expects: 'an SDKAppID, a whole number from 1 to 4294967295',
    default: undefined,
    defaultText: 'the only one there is',
    help: 'app that is meant',
    json: 'number',
    parse: (raw) => parseWhole(raw, { min: 1, max: 0xffff_ffff }),
  },
};

const SERVE_SETTINGS: readonly SettingName[] = [
  'host',
  'port',
  'data',
  'databaseUrl',
  'roles',
  'adminToken',
  'webhookAllow',
  'trustProxy',
  'retention',
  'logLevel',
];
const CLIENT_SETTINGS: readonly SettingName[] = ['server', 'adminToken', 'data', 'app'];

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
    roles: read('roles'),
    adminToken: read('adminToken'),
    webhookAllow: read('webhookAllow'),
    trustProxy: read('trustProxy'),
    retentionMs: read('retention'),
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

/** @returns undefined if `raw` is no whole number in decimal digits, or out of range */
export function parseWhole(
  raw: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const value = /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds of `500ms`, `30s`, `15m`, `12h` or `7d`; undefined if `raw` is none of these or out of range */
export function parseDuration(
  raw: string,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
): number | undefined {
  const [, count, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(raw) ?? [];
  const ms = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  return ms >= minMs && ms <= maxMs ? ms : undefined;
}

function parseHost(raw: string): string | undefined {
  return isIP(raw) || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(raw) ? raw : undefined;
}

function parseServer(raw: string): string | undefined {
  const url = URL.parse(raw);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) return undefined;
  return url.href.replace(/\/+$/, '');
}

function parseRoles(raw: string): readonly Role[] | undefined {
  const roles = ROLES.filter((role) => raw.split(',').includes(role));
  return roles.length === new Set(raw.split(',')).size ? roles : undefined;
}

function parseCidrs(raw: string): readonly string[] | undefined {
  if (raw === 'none') return [];
  const cidrs = raw.split(',').map((part) => parseCidr(part.trim()));
  return cidrs.every((cidr) => cidr !== undefined) ? cidrs : undefined;
}

/** @returns the CIDR in its usual spelling; a bare address is a net of one */
function parseCidr(raw: string): string | undefined {
  if (isIP(raw)) return `${ipaddr.parse(raw)}/${isIP(raw) === 4 ? 32 : 128}`;
  const [address = '', bits] = raw.split('/');
  if (!isIP(address) || !ipaddr.isValidCIDR(raw)) return undefined;
  return `${ipaddr.parse(address)}/${bits}`;
}

function pick(flags: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(flags, name)).map((name) => [name, flags[name]]));
}
