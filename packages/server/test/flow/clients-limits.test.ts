/** What a client may take of the server, and how a connection ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { FakeClock } from '../support/fake-clock.ts';
import { atEnd, type Owner } from '../support/live/cleanup.ts';
import { exchange } from '../support/live/http-exchange.ts';
import {
  type ClientPlace,
  ClientRefusedError,
  loginRawClient,
  openRawClient,
  type RawClientOptions,
} from '../support/live/raw-client.ts';
import { RawConnection } from '../support/live/raw-socket.ts';
import { restQuery } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const HELLO = 'im_open_status.wshello';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
/** A stop that waits for nobody takes a second at most; a loaded machine gets more. */
const STOP_SOON_MS = 6_000;

interface World {
  readonly server: TestServer;
  readonly app: TestApp;
}

async function start(t: Owner, options: TestServerOptions = {}): Promise<World> {
  const server = await startTestServer(t, options);
  return { server, app: await server.createApp() };
}

/** Open a connection that is to be refused. @returns HTTP status and text */
async function refusalOf(t: Owner, place: ClientPlace, options?: RawClientOptions): Promise<[number, string]> {
  const error: unknown = await openRawClient(t, place, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ClientRefusedError, String(error));
  return [error.status, error.text];
}

/** Head of a handshake, as bytes. */
function handshake(target: string): string {
  return (
    `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  );
}

/** Open a WebSocket that neither answers nor closes anything. */
async function openDeaf(t: Owner, { server, app }: World): Promise<RawConnection> {
  const connection = await RawConnection.open(server.port);
  atEnd(t, async () => connection.destroy());
  connection.send(handshake(`/binfo?sdkappid=${app.sdkAppId}`));
  await until(() => connection.received.startsWith('HTTP/1.1 101 '), { what: () => connection.received });
  return connection;
}

/** Milliseconds that a stop takes. */
async function stop(server: TestServer): Promise<number> {
  const startedAt = performance.now();
  await server.close();
  return performance.now() - startedAt;
}

describe('a connection is refused', () => {
  test('that names no app, with 400', async (t) => {
    const world = await start(t);
    for (const sdkappid of [undefined, '', 'x', '0']) {
      const [status, text] = await refusalOf(t, world, { query: { sdkappid } });
      assert.deepEqual([status, text], [400, 'sdkappid: expected a decimal number, the SDKAppID\n']);
    }
  });

  test('that is no WebSocket, with 4xx', async (t) => {
    const { server, app } = await start(t);
    const target = `/binfo?sdkappid=${app.sdkAppId}`;
    for (const [from, to] of [
      ['Upgrade: websocket', 'Upgrade: other'],
      ['Version: 13', 'Version: 1'],
      ['dGhlIHNhbXBsZSBub25jZQ==', 'short'],
      ['GET', 'POST'],
    ] as const) {
      const connection = await RawConnection.open(server.port);
      connection.send(handshake(target).replace(from, to));
      assert.match(await connection.untilClosed(), /^HTTP\/1\.1 4\d\d /, to);
    }
    assert.equal((await exchange(`${server.url}${target}`, { method: 'GET' })).status, 404, 'without an upgrade');
    await loginRawClient(t, { server, app }, { userId: 'ann' });
  });

  test('beyond the limit of an address, with 429, and taken again when one has left', async (t) => {
    const world = await start(t, { flags: { maxClientsPerAddress: '3' } });
    const other = await world.server.createApp();
    const clients = await Promise.all([1, 2, 3].map(() => openRawClient(t, world)));
    const refused = [429, 'too many connections from this address\n'];
    assert.deepEqual(await refusalOf(t, world), refused);
    assert.deepEqual(await refusalOf(t, { ...world, app: other }), refused, 'whatever the app');
    for (const leave of ['close', 'terminate'] as const) {
      await clients.pop()?.[leave]();
      clients.push(await untilAccepted(t, world));
      assert.deepEqual(await refusalOf(t, world), refused);
    }
  });

  test('beyond the limit of an app, with 503, and another app has its own', async (t) => {
    const world = await start(t, { flags: { maxClientsPerApp: '2' } });
    const [client] = [await openRawClient(t, world), await openRawClient(t, world)];
    assert.deepEqual(await refusalOf(t, world), [503, 'too many connections of this app\n']);
    await openRawClient(t, { ...world, app: await world.server.createApp() });
    await client.close();
    await untilAccepted(t, world);
  });

  test('and those that fail before they are one are not counted', async (t) => {
    const world = await start(t, { flags: { maxClientsPerAddress: '2' } });
    const target = `/binfo?sdkappid=${world.app.sdkAppId}`;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const connection = await RawConnection.open(world.server.port);
      // some are gone before the server has looked at them, some are wrong
      connection.send(attempt % 2 === 0 ? handshake(target) : handshake(target).replace('Version: 13', 'Version: 1'));
      if (attempt % 2 === 0) connection.destroy();
      else await connection.untilClosed();
    }
    await untilAccepted(t, world);
    await untilAccepted(t, world);
  });
});

/** Open a connection as soon as there is a place. */
async function untilAccepted(t: Owner, world: World) {
  return await until(
    () =>
      openRawClient(t, world).catch((error: unknown) => {
        assert.ok(error instanceof ClientRefusedError, String(error));
        return undefined;
      }),
    { what: () => 'a place for another client' },
  );
}

describe('an upgrade that is no client’s', () => {
  const UPGRADES = [
    { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA' },
    { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'x' },
  ];
  for (const headers of UPGRADES) {
    test(`${headers.Upgrade}: calls are answered as ever`, async (t) => {
      const { server, app } = await start(t);
      await app.importUsers('ann');
      await app.set('ann', nick('Ann'), { headers: { ...headers, 'content-type': 'application/json' } });
      assert.deepEqual(await app.get('ann'), { Tag_Profile_IM_Nick: 'Ann' });
      for (const [path, status] of [
        ['/healthz', 200],
        ['/nowhere', 404],
        ['/binfo/', 404],
        ['/console/', 200],
      ] as const) {
        assert.equal((await exchange(server.url + path, { method: 'GET', headers })).status, status, path);
      }
    });
  }

  test('the body may come after the head, and another call on the same connection', async (t) => {
    const { server, app } = await start(t);
    const head = `POST /v4/profile/portrait_get?${restQuery(app.caller())} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n`;
    const connection = await RawConnection.open(server.port);
    const answers = (): number => connection.received.match(/"ErrorCode":\d+/g)?.length ?? 0;
    connection.send(`${head}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`);
    await exchange(`${server.url}/healthz`, { method: 'GET' }); // by now the head was read
    connection.send('{}');
    await until(() => answers() === 1, { what: () => `the first answer, got ${connection.received}` });
    connection.send(`${head}Connection: close\r\n\r\n{}`);
    await connection.untilClosed();
    assert.equal(answers(), 2);
  });
});

describe('time', () => {
  test('a client from which nothing came for a minute is cut off', async (t) => {
    const clock = new FakeClock(Date.now());
    const world = await start(t, { clock });
    const silent = await loginRawClient(t, world, { userId: 'ann' });
    const alive = await loginRawClient(t, world, { userId: 'bea' });
    const pinging = await loginRawClient(t, world, { userId: 'cid' });
    for (let seconds = 0; seconds < 60; seconds += 10) {
      clock.advance(10_000);
      await alive.request('heartbeat.alive');
      pinging.socket.ping();
      await once(pinging.socket, 'pong');
    }
    assert.ok(!silent.isClosed, 'a minute, not less');
    clock.advance(5_000);
    assert.equal((await silent.untilClosed()).code, 1006);
    for (const client of [alive, pinging]) assert.deepEqual(await client.request(HELLO), OK);
    const { reply } = await world.app.call('openim/query_online_status', { To_Account: ['ann', 'bea'] });
    assert.deepEqual(reply.QueryResult, [
      { To_Account: 'ann', Status: 'Offline' },
      { To_Account: 'bea', Status: 'Online' },
    ]);
  });

  test('a client on which nobody logs in for five minutes is closed, however lively it is', async (t) => {
    const clock = new FakeClock(Date.now());
    const world = await start(t, { clock });
    const idle = await openRawClient(t, world);
    const loggedOut = await loginRawClient(t, world, { userId: 'ann' });
    const loggedIn = await loginRawClient(t, world, { userId: 'bea' });
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 30_000) {
        clock.advance(30_000);
        for (const client of [idle, loggedOut, loggedIn]) {
          if (!client.isClosed) await client.request('heartbeat.alive').catch(() => assert.ok(client.isClosed));
        }
      }
    };
    await pass(210_000);
    await loggedOut.request('im_open_status.wslogout');
    await pass(90_000);
    assert.ok(!idle.isClosed, 'five minutes, not less');
    clock.advance(5_000);
    assert.deepEqual(await idle.untilClosed(), { code: 1008, reason: 'nobody logged in' });
    await pass(180_000);
    assert.ok(!loggedOut.isClosed, 'from the logout on');
    await pass(60_000);
    assert.deepEqual(await loggedOut.untilClosed(), { code: 1008, reason: 'nobody logged in' });
    assert.deepEqual(await loggedIn.request(HELLO), OK);
  });

  test('both times are settings', async (t) => {
    const clock = new FakeClock(Date.now());
    const world = await start(t, { clock, flags: { clientIdleTimeout: '15s', clientLoginTimeout: '10s' } });
    const idle = await openRawClient(t, world);
    const silent = await loginRawClient(t, world, { userId: 'ann' });
    clock.advance(15_000);
    assert.deepEqual(await idle.untilClosed(), { code: 1008, reason: 'nobody logged in' });
    clock.advance(5_000);
    assert.equal((await silent.untilClosed()).code, 1006);
  });

  test('clients are told how often to say hello', async (t) => {
    const world = await start(t, { flags: { clientHelloInterval: '90s' } });
    const client = await openRawClient(t, world);
    assert.equal((await client.tryLogin('ann')).HelloInterval, 90);
  });
});

describe('a stop', () => {
  test('answers what is in hand, closes with 1001, and soon', async (t) => {
    const errors: string[] = [];
    const world = await start(t, { onError: ({ msg }) => errors.push(msg) });
    const clients = await Promise.all(['a', 'b', 'c'].map((userId) => loginRawClient(t, world, { userId })));
    const seqs = clients.map((client, index) =>
      client.send('profile.portrait_set', { From_Account: 'abc'[index], ProfileItem: nick('last') }),
    );
    // the frames are there when what was sent after them is answered
    for (const client of clients) await client.request('heartbeat.alive');
    const took = await stop(world.server);
    assert.ok(took < STOP_SOON_MS, `${took} ms`);
    for (const [index, client] of clients.entries()) {
      assert.deepEqual(await client.untilClosed(), { code: 1001, reason: 'the server stops' });
      const reply = client.frames.find(({ head }) => head.seq === seqs[index]);
      assert.equal(reply?.body.ErrorCode, 0);
    }
    await world.server.start();
    for (const userId of 'abc') assert.deepEqual(await world.app.get(userId), { Tag_Profile_IM_Nick: 'last' });
    assert.deepEqual(errors, []);
  });

  test('what is not answered was not done', async (t) => {
    const errors: string[] = [];
    const world = await start(t, { onError: ({ msg }) => errors.push(msg) });
    const client = await loginRawClient(t, world, { userId: 'ann' });
    let sent = 0;
    const sending = setInterval(() => {
      if (client.socket.readyState !== client.socket.OPEN) return;
      sent += 1;
      client.send('profile.portrait_set', { From_Account: 'ann', ProfileItem: nick(`n${sent}`) });
    }, 1);
    t.after(() => clearInterval(sending));
    await until(() => client.frames.length > 10, { what: () => 'the first replies' });
    const took = await stop(world.server);
    clearInterval(sending);
    assert.ok(took < STOP_SOON_MS, `${took} ms`);
    await client.untilClosed();
    const answered = client.frames.filter(({ head }) => head.servcmd === 'profile.portrait_set');
    assert.ok(answered.every(({ body }) => body.ErrorCode === 0));
    await world.server.start();
    assert.deepEqual(await world.app.get('ann'), { Tag_Profile_IM_Nick: `n${answered.length}` });
    assert.deepEqual(errors, []);
  });

  test('does not wait for clients that neither read nor answer', async (t) => {
    const world = await start(t);
    const deaf = [await openDeaf(t, world), await openDeaf(t, world)];
    const paused = await loginRawClient(t, world, { userId: 'ann' });
    paused.socket.pause();
    const took = await stop(world.server);
    assert.ok(took < STOP_SOON_MS, `${took} ms`);
    for (const connection of deaf) await connection.untilClosed();
  });

  test('does not wait for one that was refused and stays', async (t) => {
    const world = await start(t);
    const socket = connect({ port: world.server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    atEnd(t, async () => void socket.destroy());
    socket.write(handshake('/binfo?sdkappid=x'));
    const [first] = await once(socket, 'data');
    assert.match(String(first), /^HTTP\/1\.1 400 /);
    const took = await stop(world.server);
    assert.ok(took < STOP_SOON_MS, `${took} ms`);
  });

  test('is over for one that comes meanwhile', async (t) => {
    const world = await start(t);
    const client = await loginRawClient(t, world, { userId: 'ann' });
    const late = await RawConnection.open(world.server.port);
    const stopping = stop(world.server);
    late.send(handshake(`/binfo?sdkappid=${world.app.sdkAppId}`));
    const answer = await late.untilClosed();
    assert.ok(!answer.startsWith('HTTP/1.1 101 ') || answer.includes('the server stops'), answer);
    await client.untilClosed();
    assert.ok((await stopping) < STOP_SOON_MS);
  });
});

describe('a client that sends too much', () => {
  test('is read more slowly: about 50 frames a second, and all are answered', async (t) => {
    const world = await start(t);
    const client = await loginRawClient(t, world, { userId: 'ann' });
    const other = await loginRawClient(t, world, { userId: 'bea' });
    const startedAt = performance.now();
    const count = 300;
    for (let sent = 0; sent < count; sent += 1) client.send('heartbeat.alive');
    await until(() => client.frames.filter(({ head }) => head.servcmd === 'heartbeat.alive').length === count, {
      what: () => `${count} replies, got ${client.frames.length}`,
      withinMs: 40_000,
    });
    const firstAfter = client.send('heartbeat.alive');
    assert.deepEqual(await other.request(HELLO), OK);
    await client.untilReplied('heartbeat.alive', firstAfter);
    const seconds = (performance.now() - startedAt) / 1_000;
    // 50 at once, the rest at 50 a second; the first frames were those of the login
    assert.ok(seconds >= (count - 50) / 50 - 0.5, `${seconds} s`);
  });
});

describe('a client that does not read', () => {
  const FIELDS = Array.from({ length: 12 }, (_, number) => ({
    tag: `Tag_Profile_Custom_F${number}`,
    type: 'string',
    read: ['user', 'admin'],
    write: ['user', 'admin'],
  }));

  test('is dropped when a megabyte waits for it, and holds up nobody', async (t) => {
    const world = await start(t);
    const app = await world.server.createApp({ customFields: FIELDS });
    const place = { server: world.server, app };
    const slow = await loginRawClient(t, place, { userId: 'ann' });
    const quick = await loginRawClient(t, place, { userId: 'ann' });
    await slow.untilPushed('Tag_Profile_IM_Level', 0);
    slow.socket.pause();
    const online = async (): Promise<number> => (await app.admin('GET', '/users/ann')).json.sessions.length;
    assert.equal(await online(), 2);
    const items = FIELDS.map(({ tag }) => ({ Tag: tag, Value: 'x'.repeat(500) }));
    let longestMs = 0;
    let pushes = 0;
    await until(
      async () => {
        for (let round = 0; round < 50; round += 1) {
          pushes += 1;
          const startedAt = performance.now();
          await app.set('ann', [...items, { Tag: 'Tag_Profile_IM_Level', Value: pushes }]);
          await quick.untilPushed('Tag_Profile_IM_Level', pushes);
          longestMs = Math.max(longestMs, performance.now() - startedAt);
        }
        return (await online()) === 1;
      },
      { what: () => `the slow client to be dropped after ${pushes} pushes`, withinMs: 60_000 },
    );
    assert.ok(longestMs < 2_000, `${longestMs} ms`);
    assert.deepEqual(await quick.request(HELLO), OK);
    // what the kernel holds for both sides is some MB; what the server held is one
    assert.ok(pushes * 6_000 < 30_000_000, `${pushes} pushes`);
    slow.socket.resume();
    await slow.untilClosed();
    const { text } = await exchange(`${world.server.url}/metrics`, { method: 'GET' });
    assert.match(text, /^portrait_clients_dropped_total 1$/m);
  });

  test('is dropped as well if it only asks', async (t) => {
    const world = await start(t);
    const slow = await loginRawClient(t, world, { userId: 'ann' });
    await slow.untilPushed('Tag_Profile_IM_Level', 0);
    await world.app.set('ann', [{ Tag: 'Tag_Profile_IM_SelfSignature', Value: 'x'.repeat(500) }]);
    slow.socket.pause();
    const UserItem = Array.from({ length: 100 }, () => ({ To_Account: 'ann' }));
    const text = Buffer.from(
      JSON.stringify({
        head: { servcmd: 'profile.portrait_get_all', seq: 1, a2: slow.loggedIn?.a2 },
        body: { From_Account: 'ann', UserItem },
      }),
    );
    await until(
      async () => {
        if (slow.socket.bufferedAmount < 1_000_000) for (let i = 0; i < 20; i += 1) slow.sendRaw(text);
        const { json } = await world.app.admin('GET', '/users/ann');
        return json.sessions.length === 0;
      },
      { what: () => 'the client to be dropped', withinMs: 60_000 },
    );
  });
});
