/**
 * Runs in a network namespace of its own, inside of which it makes another one: a node in there, all else out here. Arguments: name of the namespace to
 * make. The network between them is cut by teaching both sides a wrong hardware address of the other one: what is sent gets nowhere, and nobody says so.
 */
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startChildServer } from '../support/live/child-server.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { ok, startReceiver } from '../support/live/receiver.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { checkNetworkCut } from './network-cut.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const [, , NODE = ''] = process.argv;
const NOBODY = '02:00:00:00:00:01';
/** One line to the database, which is cut, and one for callers and receivers. */
const LINES = {
  database: { name: 'db', here: '10.213.1.1', there: '10.213.1.2' },
  calls: { name: 'calls', here: '10.213.2.1', there: '10.213.2.2' },
} as const;

async function ip(line: string): Promise<void> {
  await promisify(execFile)('ip', line.split(' '));
}

async function layLine({ name, here, there }: (typeof LINES)[keyof typeof LINES]): Promise<void> {
  await ip(`link add ${name} type veth peer name ${name} netns ${NODE}`);
  await ip(`addr add ${here}/30 dev ${name}`);
  await ip(`-n ${NODE} addr add ${there}/30 dev ${name}`);
  await ip(`link set ${name} up`);
  await ip(`-n ${NODE} link set ${name} up`);
}

test('packets between a node and the database get lost', async (t) => {
  await ip('link set lo up');
  await ip(`netns add ${NODE}`);
  atEnd(t, () => ip(`netns del ${NODE}`));
  await ip(`-n ${NODE} link set lo up`);
  for (const line of Object.values(LINES)) await layLine(line);
  const { database, calls } = LINES;
  const postgres = await postgresServer();
  const databaseUrl = await testDatabase(t);
  // PostgreSQL listens on loopback alone
  const proxy = await startTcpProxy(t, postgres.port, database.here);
  const receiver = await startReceiver(t, () => ok(10), '0.0.0.0');
  const fromThere = postgres.url(new URL(databaseUrl).pathname.slice(1), proxy.port);
  const allow = '10.213.0.0/16,127.0.0.0/8';
  const args = ['--host', '0.0.0.0', '--webhook-allow', allow, '--database-url'];
  const node = await startChildServer(t, {
    args: [...args, fromThere.replace('127.0.0.1', database.here)],
    within: ['ip', 'netns', 'exec', NODE],
  });
  const otherNode = await startTestServer(t, { flags: { databaseUrl, webhookAllow: allow } });
  await checkNetworkCut(t, {
    cutNode: { url: node.url.replace('127.0.0.1', calls.there), adminToken: node.adminToken },
    otherNode,
    postgres,
    databaseUrl,
    receiver,
    receiverUrl: receiver.url.replace('127.0.0.1', calls.here),
    isFromCutNode: ({ remoteAddress }) => remoteAddress === calls.there,
    async cut() {
      await ip(`neigh replace ${database.there} lladdr ${NOBODY} dev ${database.name} nud permanent`);
      await ip(`-n ${NODE} neigh replace ${database.here} lladdr ${NOBODY} dev ${database.name} nud permanent`);
    },
    async heal() {
      await ip(`neigh flush dev ${database.name} nud permanent`);
      await ip(`-n ${NODE} neigh flush dev ${database.name} nud permanent`);
    },
  });
});
