/** Every setting that can come from a flag, the environment or the configuration file. */
import { parseCidrs, parseDuration, parseHost, parseServer, parseSize, parseWhole } from './parse-setting.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** From which weight on log lines are written. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const ROLES = ['api', 'dispatch'] as const;
/** What a process does: answer clients, or deliver callbacks. */
export type Role = (typeof ROLES)[number];

/** One setting. */
export interface Setting<T> {
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

const TOKEN = '1 to 200 printable ASCII characters without blanks';
const MAX_SIZE_BYTES = 1024 ** 5;
const SIZE = 'a size up to 1024TB, such as 512MB or 1GB, or 0 for none';
const CIDR_LIST = 'a list of CIDRs such as 10.0.0.0/8,fd00::/8, or "none"';

/** Values of all settings, by name. */
export interface SettingValues {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly databasePool: number;
  readonly portableSql: boolean;
  readonly roles: readonly Role[];
  readonly adminToken: string | undefined;
  readonly viewerToken: string | undefined;
  readonly metricsToken: string | undefined;
  readonly webSdkUrl: string | undefined;
  readonly webhookAllow: readonly string[] | undefined;
  readonly trustProxy: readonly string[];
  readonly retention: number;
  readonly diskWarn: number;
  readonly diskReserve: number;
  readonly clientHelloInterval: number;
  readonly clientIdleTimeout: number;
  readonly clientLoginTimeout: number;
  readonly maxClientsPerAddress: number;
  readonly maxClientsPerApp: number;
  readonly logLevel: LogLevel;
  readonly server: string | undefined;
  readonly app: number | undefined;
}

export type SettingName = keyof SettingValues;

/** All of them. */
export const SETTINGS: { readonly [N in SettingName]: Setting<SettingValues[N]> } = {
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
    help: 'port of REST, clients, admin API and console; 0 for any free one',
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
  databasePool: {
    placeholder: 'number',
    expects: 'a whole number from 3 to 1000',
    default: 10,
    help: 'connections to PostgreSQL at most, one for hints beside them',
    json: 'number',
    parse: (raw) => parseWhole(raw, { min: 3, max: 1_000 }),
  },
  portableSql: {
    placeholder: 'on|off',
    expects: 'on or off',
    default: false,
    defaultText: 'off',
    help: 'do without what only PostgreSQL itself has: for databases that speak its protocol, and behind poolers',
    json: 'string',
    parse: (raw) => (raw === 'on' ? true : raw === 'off' ? false : undefined),
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
    expects: TOKEN,
    default: undefined,
    defaultText: 'made at the first start, kept in the data folder',
    help: 'opens the admin API and the console',
    clientHelp: 'admin token of the server (default: the one in its data folder)',
    json: 'string',
    isSecret: true,
    parse: parseToken,
  },
  viewerToken: {
    placeholder: 'token',
    expects: TOKEN,
    default: undefined,
    defaultText: 'none: there are no viewers',
    help: 'opens the admin API and the console for reading alone, without secrets',
    json: 'string',
    isSecret: true,
    parse: parseToken,
  },
  metricsToken: {
    placeholder: 'token',
    expects: TOKEN,
    default: undefined,
    defaultText: 'none: open to all',
    help: 'bearer token that /metrics asks for',
    json: 'string',
    isSecret: true,
    parse: parseToken,
  },
  webSdkUrl: {
    placeholder: 'url',
    expects: 'an http or https address of a script, such as https://static.example.com/chat.js',
    default: undefined,
    defaultText: 'none',
    help: "script of Tencent's Web SDK that the console's playground may load",
    json: 'string',
    parse: parseWebSdkUrl,
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
  diskWarn: {
    placeholder: 'size',
    expects: SIZE,
    default: 1024 ** 3,
    defaultText: '1GB',
    help: 'free space of the data folder below which the log warns',
    json: 'string',
    parse: (raw) => parseSize(raw, { maxBytes: MAX_SIZE_BYTES }),
  },
  diskReserve: {
    placeholder: 'size',
    expects: SIZE,
    default: 256 * 1024 ** 2,
    defaultText: '256MB',
    help: 'free space of the data folder below which changes are refused',
    json: 'string',
    parse: (raw) => parseSize(raw, { maxBytes: MAX_SIZE_BYTES }),
  },
  clientHelloInterval: {
    placeholder: 'duration',
    expects: 'a duration from 1s to 10m, such as 20s',
    default: 20_000,
    defaultText: '20s',
    help: 'how often clients say hello: after a restart they are back within this time',
    json: 'string',
    parse: (raw) => parseDuration(raw, { minMs: 1000, maxMs: 600_000 }),
  },
  clientIdleTimeout: {
    placeholder: 'duration',
    expects: 'a duration from 15s to 1h, such as 60s',
    default: 60_000,
    defaultText: '60s',
    help: 'clients from which nothing came for so long are cut off; they send something every 10 s',
    json: 'string',
    parse: (raw) => parseDuration(raw, { minMs: 15_000, maxMs: 3_600_000 }),
  },
  clientLoginTimeout: {
    placeholder: 'duration',
    expects: 'a duration from 10s to 1h, such as 5m',
    default: 300_000,
    defaultText: '5m',
    help: 'clients on which nobody is logged in for so long are closed',
    json: 'string',
    parse: (raw) => parseDuration(raw, { minMs: 10_000, maxMs: 3_600_000 }),
  },
  maxClientsPerAddress: {
    placeholder: 'number',
    expects: 'a whole number from 1 to 1000000',
    default: 500,
    help: 'clients that may be connected from one address at a time (IPv6: from one /64)',
    json: 'number',
    parse: (raw) => parseWhole(raw, { min: 1, max: 1_000_000 }),
  },
  maxClientsPerApp: {
    placeholder: 'number',
    expects: 'a whole number from 1 to 1000000',
    default: 20_000,
    help: 'clients of one app that may be connected at a time',
    json: 'number',
    parse: (raw) => parseWhole(raw, { min: 1, max: 1_000_000 }),
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

/** Those of `portrait serve`, in the order help shows them. */
export const SERVE_SETTINGS: readonly SettingName[] = [
  'host',
  'port',
  'data',
  'databaseUrl',
  'databasePool',
  'portableSql',
  'roles',
  'adminToken',
  'viewerToken',
  'metricsToken',
  'webSdkUrl',
  'webhookAllow',
  'trustProxy',
  'retention',
  'diskWarn',
  'diskReserve',
  'clientHelloInterval',
  'clientIdleTimeout',
  'clientLoginTimeout',
  'maxClientsPerAddress',
  'maxClientsPerApp',
  'logLevel',
];
/** Those by which client commands find the server. */
export const CLIENT_SETTINGS: readonly SettingName[] = ['server', 'adminToken', 'data', 'app'];

/** It stands in a Content-Security-Policy, where blanks, commas and semicolons mean something. */
function parseWebSdkUrl(raw: string): string | undefined {
  const url = /[\s,;'"]/.test(raw) ? null : URL.parse(raw);
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : undefined;
}

function parseToken(raw: string): string | undefined {
  return /^[\x21-\x7e]{1,200}$/.test(raw) ? raw : undefined;
}

function parseRoles(raw: string): readonly Role[] | undefined {
  const roles = ROLES.filter((role) => raw.split(',').includes(role));
  return roles.length === new Set(raw.split(',')).size ? roles : undefined;
}
