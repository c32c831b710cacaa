import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type ClientConfig,
  CONFIG_FILE,
  clientOptions,
  envName,
  flagName,
  readClientConfig,
  readServeConfig,
  type ServeConfig,
  serveOptions,
  serverUrl,
  UsageError,
} from './config.ts';
import { parseDuration } from './parse-setting.ts';

const folder = mkdtempSync(join(tmpdir(), 'portrait-config-'));
const file = join(folder, CONFIG_FILE);
after(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly flags?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** text of the configuration file; an object is written as JSON */
  readonly file?: unknown;
}

function read<T>(reader: (sources: Parameters<typeof readServeConfig>[0]) => T, given: Given): T {
  rmSync(file, { force: true });
  const text = typeof given.file === 'string' ? given.file : JSON.stringify(given.file);
  if (given.file !== undefined) writeFileSync(file, text);
  return reader({ flags: given.flags ?? {}, env: given.env ?? {}, cwd: folder });
}

const DEFAULTS: ServeConfig = {
  host: '127.0.0.1',
  port: 8090,
  dataDir: join(folder, 'portrait-data'),
  databaseUrl: undefined,
  databasePool: 10,
  portableSql: false,
  roles: ['api', 'dispatch'],
  adminToken: undefined,
  viewerToken: undefined,
  metricsToken: undefined,
  webSdkUrl: undefined,
  webhookAllow: undefined,
  trustProxy: [],
  retentionMs: 7 * 86_400_000,
  diskWarnBytes: 1_073_741_824,
  diskReserveBytes: 268_435_456,
  clientHelloIntervalMs: 20_000,
  clientIdleTimeoutMs: 60_000,
  clientLoginTimeoutMs: 300_000,
  maxClientsPerAddress: 500,
  maxClientsPerApp: 20_000,
  logLevel: 'info',
};

test('without anything given, all settings have their defaults', () => {
  assert.deepEqual(read(readServeConfig, {}), DEFAULTS);
  assert.deepEqual(read(readServeConfig, { file: {} }), DEFAULTS);
});

/** A setting, its member of ServeConfig, and three values with what they come to. */
const SETTINGS: readonly (readonly [
  name: string,
  member: keyof ServeConfig,
  flag: readonly [raw: string, value: unknown],
  env: readonly [raw: string, value: unknown],
  file: readonly [json: unknown, value: unknown],
])[] = [
  ['host', 'host', ['0.0.0.0', '0.0.0.0'], ['::1', '::1'], ['localhost', 'localhost']],
  ['port', 'port', ['0', 0], ['65535', 65_535], [80, 80]],
  ['data', 'dataDir', ['/a', '/a'], ['b', join(folder, 'b')], ['./c/d', join(folder, 'c/d')]],
  [
    'databaseUrl',
    'databaseUrl',
    ['postgres://u:p@h/d', 'postgres://u:p@h/d'],
    ['postgresql://h', 'postgresql://h'],
    ['postgres:///d', 'postgres:///d'],
  ],
  ['databasePool', 'databasePool', ['3', 3], ['1000', 1_000], [20, 20]],
  ['portableSql', 'portableSql', ['on', true], ['off', false], ['on', true]],
  ['roles', 'roles', ['dispatch', ['dispatch']], ['dispatch,api', ['api', 'dispatch']], [['api'], ['api']]],
  ['adminToken', 'adminToken', ['one', 'one'], ['two', 'two'], ['three', 'three']],
  ['viewerToken', 'viewerToken', ['one', 'one'], ['two', 'two'], ['three', 'three']],
  ['metricsToken', 'metricsToken', ['one', 'one'], ['two', 'two'], ['three', 'three']],
  [
    'webSdkUrl',
    'webSdkUrl',
    ['https://a.example/chat.js', 'https://a.example/chat.js'],
    ['http://127.0.0.1:9/x', 'http://127.0.0.1:9/x'],
    ['https://b.example/', 'https://b.example/'],
  ],
  [
    'webhookAllow',
    'webhookAllow',
    ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
    ['none', []],
    [
      ['192.168.0.7', '::1'],
      ['192.168.0.7/32', '::1/128'],
    ],
  ],
  ['trustProxy', 'trustProxy', ['127.0.0.1', ['127.0.0.1/32']], ['10.1.0.0/16', ['10.1.0.0/16']], [[], []]],
  ['retention', 'retentionMs', ['30s', 30_000], ['15m', 900_000], ['12h', 43_200_000]],
  ['diskWarn', 'diskWarnBytes', ['0', 0], ['2gb', 2_147_483_648], ['1024TB', 1_125_899_906_842_624]],
  ['diskReserve', 'diskReserveBytes', ['1000', 1_000], ['64KB', 65_536], ['5MB', 5_242_880]],
  ['clientHelloInterval', 'clientHelloIntervalMs', ['1s', 1_000], ['10m', 600_000], ['30s', 30_000]],
  ['clientIdleTimeout', 'clientIdleTimeoutMs', ['15s', 15_000], ['1h', 3_600_000], ['2m', 120_000]],
  ['clientLoginTimeout', 'clientLoginTimeoutMs', ['10s', 10_000], ['1h', 3_600_000], ['2m', 120_000]],
  ['maxClientsPerAddress', 'maxClientsPerAddress', ['1', 1], ['1000000', 1_000_000], [7, 7]],
  ['maxClientsPerApp', 'maxClientsPerApp', ['1', 1], ['1000000', 1_000_000], [7, 7]],
  ['logLevel', 'logLevel', ['debug', 'debug'], ['warn', 'warn'], ['silent', 'silent']],
];

test('a flag wins over the environment, the environment over the file, the file over the default', () => {
  for (const [name, member, flag, env, json] of SETTINGS) {
    const inFile = { file: { [name]: json[0] } };
    const inEnv = { ...inFile, env: { [envName(name)]: env[0] } };
    const asFlag = { ...inEnv, flags: { [name]: flag[0] } };
    assert.deepEqual(read(readServeConfig, inFile), { ...DEFAULTS, [member]: json[1] }, `${name} in the file`);
    assert.deepEqual(read(readServeConfig, inEnv), { ...DEFAULTS, [member]: env[1] }, `${name} in the environment`);
    assert.deepEqual(read(readServeConfig, asFlag), { ...DEFAULTS, [member]: flag[1] }, `${name} as a flag`);
  }
});

test('the table above has all settings', () => {
  const flags = serveOptions().map((option) => option.flags.split(' ')[0]);
  assert.deepEqual(
    flags,
    SETTINGS.map(([name]) => flagName(name)),
  );
});

test('an empty environment variable counts as none', () => {
  assert.deepEqual(read(readServeConfig, { env: { PORTRAIT_PORT: '', PORTRAIT_ADMIN_TOKEN: '' } }), DEFAULTS);
});

test('a value that is not what is expected is refused with its source, what was expected and what came', () => {
  const port = 'a whole number from 0 to 65535 (0 = any free port)';
  const cidrs = 'a list of CIDRs such as 10.0.0.0/8,fd00::/8, or "none"';
  const retention = 'a duration from 1s to 3650d, such as 12h or 7d';
  const token = '1 to 200 printable ASCII characters without blanks';
  const cases: readonly (readonly [given: Given, message: string])[] = [
    [{ flags: { port: '65536' } }, `--port takes ${port}, not "65536".`],
    [{ flags: { port: '' } }, `--port takes ${port}, not "".`],
    [{ flags: { port: '1.5' } }, `--port takes ${port}, not "1.5".`],
    [{ env: { PORTRAIT_PORT: '-1' } }, `PORTRAIT_PORT takes ${port}, not "-1".`],
    [{ file: { port: 1.5 } }, `"port" in ${file} takes ${port}, not "1.5".`],
    [{ file: { port: '80' } }, `"port" in ${file} takes a number: ${port}, not text.`],
    [{ file: { port: null } }, `"port" in ${file} takes a number: ${port}, not null.`],
    [{ file: { host: true } }, `"host" in ${file} takes text: an IP address or a host name, not true or false.`],
    [{ flags: { host: 'a b' } }, '--host takes an IP address or a host name, not "a b".'],
    [{ flags: { data: '' } }, '--data takes the path of a folder, not "".'],
    [{ flags: { roles: 'api,all' } }, '--roles takes api, dispatch, or both with a comma between, not "api,all".'],
    [{ flags: { roles: '' } }, '--roles takes api, dispatch, or both with a comma between, not "".'],
    [{ file: { roles: [] } }, `"roles" in ${file} takes api, dispatch, or both with a comma between, not "none".`],
    [{ flags: { webhookAllow: '10.0.0.0/33' } }, `--webhook-allow takes ${cidrs}, not "10.0.0.0/33".`],
    [{ flags: { webhookAllow: '10.0.0.0/8,' } }, `--webhook-allow takes ${cidrs}, not "10.0.0.0/8,".`],
    [{ flags: { webhookAllow: '10/8' } }, `--webhook-allow takes ${cidrs}, not "10/8".`],
    [{ env: { PORTRAIT_TRUST_PROXY: 'proxy' } }, `PORTRAIT_TRUST_PROXY takes ${cidrs}, not "proxy".`],
    [{ file: { trustProxy: [1] } }, `"trustProxy" in ${file} takes a list of texts: ${cidrs}, not a list.`],
    [{ file: { trustProxy: {} } }, `"trustProxy" in ${file} takes a list of texts: ${cidrs}, not an object.`],
    [{ flags: { retention: '0s' } }, `--retention takes ${retention}, not "0s".`],
    [{ flags: { retention: '7' } }, `--retention takes ${retention}, not "7".`],
    [{ flags: { retention: '3651d' } }, `--retention takes ${retention}, not "3651d".`],
    [{ flags: { logLevel: 'loud' } }, '--log-level takes one of debug, info, warn, error, silent, not "loud".'],
    // secrets are not repeated
    [{ flags: { adminToken: 'a b' } }, `--admin-token takes ${token}.`],
    [{ file: { adminToken: '' } }, `"adminToken" in ${file} takes ${token}.`],
    [{ env: { PORTRAIT_METRICS_TOKEN: 'a b' } }, `PORTRAIT_METRICS_TOKEN takes ${token}.`],
    [
      { flags: { databaseUrl: 'mysql://root:secret@h/d' } },
      '--database-url takes an address like postgres://user:password@host:5432/database.',
    ],
    // the file is checked whole, even where something else wins
    [{ flags: { port: '1' }, file: { port: 'x' } }, `"port" in ${file} takes a number: ${port}, not text.`],
    [{ file: '{"port": 8090' }, `${file} must hold one JSON object, such as {"port": 8090}, and does not.`],
    [{ file: '[]' }, `${file} must hold one JSON object, such as {"port": 8090}, and does not.`],
  ];
  for (const [given, message] of cases) {
    assert.throws(() => read(readServeConfig, given), new UsageError(message), JSON.stringify(given));
  }
});

test('a member of the file that nobody knows is refused with those that are known', () => {
  for (const member of ['prot', 'toString', '__proto__x']) {
    assert.throws(() => read(readServeConfig, { file: { [member]: 1 } }), {
      name: 'UsageError',
      message:
        `${file} has a member "${member}", and only host, port, data, databaseUrl, databasePool, portableSql, roles, adminToken, viewerToken, ` +
        'metricsToken, webSdkUrl, ' +
        'webhookAllow, trustProxy, retention, diskWarn, diskReserve, clientHelloInterval, clientIdleTimeout, clientLoginTimeout, maxClientsPerAddress, maxClientsPerApp, logLevel, server, app are known.',
    });
  }
});

test('a file that can not be read is refused', () => {
  const cwd = join(folder, 'other');
  mkdirSync(join(cwd, CONFIG_FILE), { recursive: true });
  const message = `${join(cwd, CONFIG_FILE)} can not be read: EISDIR.`;
  assert.throws(() => readServeConfig({ flags: {}, env: {}, cwd }), { name: 'UsageError', message });
});

test('client commands look where serve with the same environment and file listens', () => {
  const found: ClientConfig = {
    server: 'http://127.0.0.1:8090',
    adminToken: undefined,
    dataDir: join(folder, 'portrait-data'),
    sdkAppId: undefined,
  };
  const cases: readonly (readonly [given: Given, expected: Partial<ClientConfig>])[] = [
    [{}, {}],
    [
      { file: { port: 9090, data: 'd', adminToken: 't' } },
      { server: 'http://127.0.0.1:9090', dataDir: join(folder, 'd'), adminToken: 't' },
    ],
    [{ env: { PORTRAIT_PORT: '1234', PORTRAIT_HOST: '::' } }, { server: 'http://[::1]:1234' }],
    [{ env: { PORTRAIT_PORT: '0' } }, {}],
    [{ env: { PORTRAIT_SERVER: 'https://p.example/x/' }, file: { port: 1 } }, { server: 'https://p.example/x' }],
    [
      { flags: { server: 'http://h:1', app: '7' }, env: { PORTRAIT_APP: '8' } },
      { server: 'http://h:1', sdkAppId: 7 },
    ],
    [{ file: { app: 9, server: 'http://f' } }, { sdkAppId: 9, server: 'http://f' }],
    // options of the command's own, such as listen --host, are no settings
    [{ flags: { host: '10.0.0.1', port: '5' } }, {}],
  ];
  for (const [given, expected] of cases) {
    assert.deepEqual(read(readClientConfig, given), { ...found, ...expected }, JSON.stringify(given));
  }
  for (const server of ['x', 'ftp://h', 'http://u@h', 'http://h?a=b']) {
    assert.throws(() => read(readClientConfig, { flags: { server } }), UsageError, server);
  }
});

test('options have their value and default in the help', () => {
  assert.deepEqual(serveOptions()[1], {
    flags: '--port <number>',
    help: 'port of REST, clients, admin API and console; 0 for any free one (default: 8090)',
  });
  const flags = clientOptions({ withApp: true }).map((option) => option.flags);
  assert.deepEqual(flags, ['--server <url>', '--admin-token <token>', '--data <folder>', '--app <sdkAppId>']);
  assert.equal(clientOptions({ withApp: false }).length, 3);
});

test('durations', () => {
  const range = { minMs: 0, maxMs: 10 ** 12 };
  const cases: readonly (readonly [raw: string, ms: number | undefined])[] = [
    ['0ms', 0],
    ['500ms', 500],
    ['3s', 3000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['999999999999d', undefined],
    ['1', undefined],
    ['1.5s', undefined],
    ['-1s', undefined],
    ['1 s', undefined],
    ['s', undefined],
    ['1w', undefined],
    ['', undefined],
  ];
  for (const [raw, ms] of cases) assert.equal(parseDuration(raw, range), ms, raw);
});

test('address of a server, also of one that listens on all addresses', () => {
  const cases = [
    ['127.0.0.1', 'http://127.0.0.1:1'],
    ['0.0.0.0', 'http://127.0.0.1:1'],
    ['::', 'http://[::1]:1'],
    ['::1', 'http://[::1]:1'],
    ['example.com', 'http://example.com:1'],
  ] as const;
  for (const [host, url] of cases) assert.equal(serverUrl(host, 1), url);
});
