/** A node and the database stop hearing each other, and nobody is told: no reset, no end of a connection. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startChildServer } from '../support/live/child-server.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { FakeLookup } from '../support/live/fake-lookup.ts';
import { ok, startReceiver } from '../support/live/receiver.ts';
import { nick, TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { checkNetworkCut } from './network-cut.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const withoutLoopbacks = process.platform === 'linux' ? false : 'only Linux answers at 127.0.0.2';

test('a proxy that forwards nothing more', { skip: withoutLoopbacks }, async (t) => {
  const postgres = await postgresServer();
  const databaseUrl = await testDatabase(t);
  const proxy = await startTcpProxy(t, postgres.port);
  const receiver = await startReceiver(t, () => ok(10), '0.0.0.0');
  // who sends is told by the address that it sends to
  const start = (url: string, address: string): Promise<TestServer> => {
    const { lookup } = new FakeLookup({ 'receiver.test': [address] });
    return startTestServer(t, { flags: { databaseUrl: url }, lookup });
  };
  const throughProxy = postgres.url(new URL(databaseUrl).pathname.slice(1), proxy.port);
  await checkNetworkCut(t, {
    cutNode: await start(throughProxy, '127.0.0.2'),
    otherNode: await start(databaseUrl, '127.0.0.1'),
    postgres,
    databaseUrl,
    receiver,
    receiverUrl: receiver.url.replace('127.0.0.1', 'receiver.test'),
    isFromCutNode: ({ localAddress }) => localAddress === '127.0.0.2',
    cut: async () => proxy.freeze(),
    heal: async () => proxy.thaw(),
  });
});

test('a stop while the database is silent comes to its end', async (t) => {
  const postgres = await postgresServer();
  const databaseUrl = await testDatabase(t);
  const proxy = await startTcpProxy(t, postgres.port);
  const receiver = await startReceiver(t, () => ok());
  const url = postgres.url(new URL(databaseUrl).pathname.slice(1), proxy.port);
  const node = await startChildServer(t, { args: ['--database-url', url] });
  const app = await TestApp.create(node);
  await app.addEndpoint(receiver.url);
  await app.importUsers('alice');
  await app.set('alice', nick('before'));
  proxy.freeze();
  const lost = app.set('alice', nick('nobody hears')).catch((error: unknown) => error);
  const stoppedAt = performance.now();
  const end = await node.end('SIGTERM');
  t.diagnostic(`${Math.round(performance.now() - stoppedAt)} ms`);
  assert.equal(end?.code, 0, end?.stderr);
  await lost;
  proxy.thaw();
});

/** Network namespaces are Linux's and root's, and need the `ip` of iproute2. */
function withoutNamespaces(): string | false {
  if (process.platform !== 'linux') return 'no network namespaces here';
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const name = `portrait-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name]);
  if (made.error || made.status !== 0) return `ip netns: ${made.error?.message ?? made.stderr}`;
  spawnSync('ip', ['netns', 'del', name]);
  return false;
}

test('packets that get lost, between network namespaces', { skip: withoutNamespaces() }, async (t) => {
  const [world, node] = [`portrait-world-${process.pid}`, `portrait-node-${process.pid}`];
  assert.equal(spawnSync('ip', ['netns', 'add', world]).status, 0);
  atEnd(t, async () => {
    // the inner one is gone, unless the child could not end by itself
    for (const name of [node, world]) spawnSync('ip', ['netns', 'del', name]);
  });
  const file = fileURLToPath(new URL('./network-cut-child.ts', import.meta.url));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = ['netns', 'exec', world, process.execPath, '--conditions=source', file, node];
  const child = spawn('ip', run, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  atEnd(t, async () => void child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      printed += data;
    });
  }
  const [code] = await once(child, 'close');
  t.diagnostic(printed);
  assert.equal(code, 0, printed);
});
