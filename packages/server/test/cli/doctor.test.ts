import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { listen } from '../support/loopback.ts';
import { testDatabase } from '../support/postgres.ts';
import { startReceiver } from './support/callbacks.ts';
import { findFreePort, makeFolder, runPortrait } from './support/portrait.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Check {
  readonly area: string;
  readonly status: string;
  readonly what: string;
  readonly advice?: string;
  readonly endpointId?: string;
}

interface Examined {
  readonly code: number | null;
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** `server ok`, one for each check */
  readonly summary: readonly string[];
}

async function examine(cwd: string, flags: readonly string[], env: Record<string, string> = {}): Promise<Examined> {
  // however full the disk of this machine is
  const disk = { PORTRAIT_DISK_WARN: '0', PORTRAIT_DISK_RESERVE: '0' };
  const { code, stdout, stderr } = await runPortrait(['doctor', '--json', ...flags], { cwd, env: { ...disk, ...env } });
  assert.notEqual(stdout, '', stderr);
  const { ok, checks } = JSON.parse(stdout) as Examined;
  assert.equal(ok, code === 0);
  return { code, ok, checks, summary: checks.map(({ area, status }) => `${area} ${status}`) };
}

/** Of a running server. */
function examineServer({ folder, url }: TestServer, ...flags: readonly string[]): Promise<Examined> {
  return examine(folder, ['--server', url, ...flags]);
}

async function addEndpoint(server: TestServer, url: string, ...flags: readonly string[]): Promise<string> {
  return ((await server.runJson('endpoint', 'add', url, ...flags)) as { endpointId: string }).endpointId;
}

test('a database is looked at: not there, empty, with a store', async (context) => {
  const cwd = makeFolder(context);
  const port = ['--port', String(await findFreePort())];
  const nowhere = await examine(cwd, [...port, '--database-url', 'postgres://me:secret@127.0.0.1:1/x']);
  const found = nowhere.checks.find(({ area }) => area === 'store');
  assert.deepEqual([nowhere.code, found?.status], [1, 'problem']);
  assert.match(found?.what ?? '', /ECONNREFUSED/);
  assert.ok(!JSON.stringify(nowhere).includes('secret'));

  const url = await testDatabase(context);
  const empty = await examine(cwd, [...port, '--database-url', url]);
  assert.equal(empty.code, 0);
  assert.match(empty.checks.find(({ area }) => area === 'store')?.what ?? '', /answers; the first start makes/);

  const server = await startServer(context, '--database-url', url);
  const full = await examineServer(server, '--database-url', url);
  const store = full.checks.find(({ area }) => area === 'store');
  assert.equal(full.code, 0, JSON.stringify(full.checks));
  assert.match(store?.what ?? '', /schema \d+, the newest one, 1 app and 0 endpoints; 1 node at work/);
});

test('where nothing is yet, doctor says so and finds nothing wrong', async (context) => {
  const cwd = makeFolder(context);
  const { code, summary } = await examine(cwd, ['--port', String(await findFreePort())]);
  assert.deepEqual(
    [code, summary],
    [0, ['settings ok', 'data folder skipped', 'store skipped', 'server skipped', 'clock ok']],
  );
  assert.deepEqual(readdirSync(cwd), []);
});

test('a server that runs is examined with its endpoints, and no callback is sent', async (context) => {
  const server = await startServer(context);
  const receiver = await startReceiver(context);
  const good = await addEndpoint(server, receiver.url);
  const dead = await addEndpoint(server, `http://127.0.0.1:${await findFreePort()}/`);
  const nameless = await addEndpoint(server, `http://${'a'.repeat(64)}.test/`);
  await server.runWell('endpoint', 'pause', nameless);
  const { code, checks } = await examineServer(server);
  assert.equal(code, 1);
  assert.deepEqual(
    checks.slice(0, 5).map(({ area, status }) => [area, status]),
    ['settings', 'data folder', 'store', 'server', 'clock'].map((area) => [area, 'ok']),
  );
  assert.match(checks[2]?.what ?? '', /the newest one, 1 app and 3 endpoints; a server has it open\.$/);
  const of = (id: string): string[] =>
    checks.filter(({ endpointId }) => endpointId === id).map(({ status, what }) => `${status} ${what}`);
  assert.match(of(good).join(), /^ok http:\S+: reached at 127\.0\.0\.1:\d+\.$/);
  assert.match(of(dead).join(), /^problem http:\S+: no connection \(.*ECONNREFUSED.*\)\.$/);
  assert.match(of(nameless).join(), /^warning .* it is paused, .*,problem .* does not resolve \(\w+\)\.$/);
  assert.equal(receiver.received.length, 0);
});

test('a server that does not run is examined from its store, which stays as it is', async (context) => {
  const server = await startServer(context);
  const receiver = await startReceiver(context);
  const id = await addEndpoint(server, receiver.url);
  await server.runWell('profile', 'set', 'alice', 'nick=Alice', '--import');
  await server.running.stop();
  const database = join(server.folder, 'portrait-data', 'portrait.db');
  const before = readFileSync(database);
  const { code, summary, checks } = await examineServer(server);
  assert.ok(readFileSync(database).equals(before));
  assert.deepEqual(
    [code, summary],
    [0, ['settings ok', 'data folder ok', 'store ok', 'server skipped', 'clock ok', 'endpoint ok']],
  );
  assert.match(checks[2]?.what ?? '', /1 app and 1 endpoint; no server has it open\.$/);
  assert.equal(checks[5]?.endpointId, id);
});

test('a store that a crash left is read too', async (context) => {
  const server = await startServer(context);
  await addEndpoint(server, (await startReceiver(context)).url);
  await server.running.stop('SIGKILL');
  const { code, summary } = await examineServer(server);
  assert.deepEqual([code, summary.at(-1)], [0, 'endpoint ok']);
});

test('addresses that the settings refuse are told with the rule', async (context) => {
  const server = await startServer(context);
  await addEndpoint(server, (await startReceiver(context)).url);
  const { code, checks } = await examineServer(server, '--webhook-allow', 'none');
  assert.equal(code, 1);
  assert.match(checks.at(-1)?.what ?? '', /127\.0\.0\.1 is loopback, and --webhook-allow does not name it\.$/);
  assert.match(checks.at(-1)?.advice ?? '', /--webhook-allow/);
});

test('certificates are verified, and told when they run out soon', async (context) => {
  const server = await startServer(context);
  const authority = makeCertificate({ name: 'own authority', endsInDays: 300 });
  const ca = join(server.folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const serve = async (endsInDays: number): Promise<string> => {
    const { cert, key } = makeCertificate({ issuer: authority, endsInDays });
    return `https://localhost:${(await listen(createServer({ cert, key }), context)).port}/`;
  };
  const ids = [
    await addEndpoint(server, await serve(100.5), '--tls-ca', ca),
    await addEndpoint(server, await serve(5.5), '--tls-ca', ca),
    await addEndpoint(server, await serve(-1), '--tls-ca', ca),
    await addEndpoint(server, await serve(100.5)),
  ];
  const { checks } = await examineServer(server);
  const said = ids.map((id) => {
    const { status, what = '' } = checks.find(({ endpointId }) => endpointId === id) ?? {};
    return `${status} ${what
      .replace(/^\S+ /, '')
      .replace(/127\.0\.0\.1|\[::1\]/, 'here')
      .replace(/:\d+/, '')}`;
  });
  assert.deepEqual(said.slice(0, 3), [
    'ok reached at here, its certificate runs out in 100 days.',
    'warning reached at here, its certificate runs out in 5 days.',
    "problem CERT_HAS_EXPIRED: the receiver's certificate has run out.",
  ]);
  assert.match(said[3] ?? '', /^problem \w+: the receiver's certificate is of an authority that is not known/);
});

test('what is wrong with settings and data folder is told, with what to do', async (context) => {
  const cwd = makeFolder(context);
  const wrong = await examine(cwd, [], { PORTRAIT_PORT: 'x' });
  assert.deepEqual([wrong.code, wrong.summary], [1, ['settings problem']]);
  assert.match(wrong.checks[0]?.what ?? '', /^PORTRAIT_PORT takes a whole number/);

  const port = String(await findFreePort());
  const folder = join(cwd, 'data');
  mkdirSync(folder, { mode: 0o755 });
  writeFileSync(join(folder, 'admin-token'), 'x'.repeat(43));
  chmodSync(join(folder, 'admin-token'), 0o644);
  const flags = ['--data', folder, '--port', port, '--host', '0.0.0.0', '--admin-token', 'short'];
  const { code, summary, checks } = await examine(cwd, flags, { PORTRAIT_DISK_RESERVE: '1024TB' });
  assert.equal(code, 1);
  assert.deepEqual(summary, [
    ...['settings warning', 'settings warning', 'data folder warning', 'data folder problem', 'data folder problem'],
    ...['store skipped', 'server skipped', 'clock ok'],
  ]);
  assert.equal(checks[2]?.advice, `chmod 700 ${folder}`);
  assert.equal(checks[3]?.advice, `chmod 600 ${join(folder, 'admin-token')}`);
  assert.match(checks[4]?.what ?? '', /less than --disk-reserve: changes are refused\.$/);
  assert.equal(statSync(folder).mode & 0o777, 0o755);
});

test('a store of another program, a server elsewhere, a wrong token and a stranger at the port are told', async (context) => {
  const cwd = makeFolder(context);
  mkdirSync(join(cwd, 'portrait-data'), { mode: 0o700 });
  const other = new DatabaseSync(join(cwd, 'portrait-data', 'portrait.db'));
  other.exec('CREATE TABLE a (b)');
  other.close();
  const stranger = await startReceiver(context, { body: '<html>' });
  const { checks } = await examine(cwd, ['--server', new URL(stranger.url).origin]);
  assert.match(checks.find(({ area }) => area === 'store')?.what ?? '', /was not made by Portrait/);
  assert.match(checks.find(({ area }) => area === 'server')?.what ?? '', /is not Portrait\.$/);

  const server = await startServer(context);
  const elsewhere = await examine(server.folder, ['--server', `http://127.0.0.1:${await findFreePort()}`]);
  assert.match(
    elsewhere.checks.find(({ area }) => area === 'server')?.what ?? '',
    /has the data folder open, and none answers/,
  );
  const locked = await examineServer(server, '--admin-token', 'x'.repeat(43));
  assert.deepEqual(
    locked.checks.filter(({ area }) => area === 'server').map(({ status }) => status),
    ['ok', 'problem'],
  );
});

test('an older schema is told as an upgrade', async (context) => {
  const server = await startServer(context);
  await server.running.stop();
  const db = new DatabaseSync(join(server.folder, 'portrait-data', 'portrait.db'));
  db.exec('PRAGMA user_version = 3');
  db.close();
  const { code, checks } = await examineServer(server);
  assert.equal(code, 0);
  assert.match(checks[2]?.what ?? '', /^It has schema 3 of \d+, and no server has it open\.$/);
});

test('people read a line for each check, and what to do', async (context) => {
  const server = await startServer(context);
  const id = await addEndpoint(server, `http://127.0.0.1:${await findFreePort()}/`);
  const { code, stdout, stderr } = await server.run('doctor', '--server', server.url);
  assert.deepEqual([code, stderr], [1, 'One problem.\n']);
  assert.match(stdout, /^ok {7}settings {5}They are right; /);
  assert.match(
    stdout,
    new RegExp(`\nproblem {2}endpoint {5}${id} http:\\S+: no connection .*\n {22}→ Start the receiver`),
  );
});
