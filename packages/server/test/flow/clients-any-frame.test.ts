/** Whatever a client sends, the server goes on, logs no fault, and keeps nothing of it. */
import assert from 'node:assert/strict';
import { afterEach, before, describe, test } from 'node:test';
import { findErrorCode } from '@portrait/wire';
import fc from 'fast-check';
import { anyJson } from '../../../wire/test/support.ts';
import { type Owner, suiteOwner } from '../support/live/cleanup.ts';
import { usedHeapBytes } from '../support/live/heap.ts';
import { openRawClient, type RawClient, type RawClientOptions } from '../support/live/raw-client.ts';
import { RawConnection } from '../support/live/raw-socket.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const MAX_FRAME_BYTES = 131_072;
const MAX_CLIENTS = 64;
const TOO_MANY_LOGINS = 60018;
const CLIENTS_PER_ROUND = 20;
/** What a client that has gone may leave; one that is kept in any way has 20 kB. */
const MAX_LEFT_BYTES = 2_000;
/** Codes that tell of a fault of ours. */
const OUR_FAULTS = [40006, 60008, 70500, 91000];

const SERVCMDS = [
  'im_open_status.wslogin',
  'im_open_status.wslogout',
  'im_open_status.wshello',
  'heartbeat.alive',
  'profile.portrait_get_all',
  'profile.portrait_set',
  'openim.ws_msg_push_ack',
  'openim.getmsg',
  'sns.friend_get',
  'imopenstat.tim_web_report_v2',
  'im_open_login_svc.kick',
  'constructor.prototype',
  '__proto__.__proto__',
];
const HEAD_MEMBERS = [
  'servcmd',
  'seq',
  'sdkappid',
  'identifier',
  'usersig',
  'a2',
  'tinyid',
  'platform',
  'status_instid',
];
const BODY_MEMBERS = ['From_Account', 'UserItem', 'To_Account', 'ProfileItem', 'Tag', 'Value', 'tag', 'is_web_uniapp'];

/** Makes text that is no JSON when a property is stringified alone. */
function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value) ?? 'null');
}

describe('any frame', () => {
  const owner = suiteOwner();
  const errors: object[] = [];
  let server: TestServer;
  let app: TestApp;

  before(async () => {
    const flags = { maxClientsPerAddress: String(MAX_CLIENTS) };
    server = await startTestServer(owner, { flags, onError: (line) => errors.push(line) });
    app = await server.createApp();
    await app.importUsers('id1');
  });

  afterEach(async () => {
    assert.deepEqual(errors, []);
    await assertServing();
  });

  /** Log in with a UserSig that is made once: the server remembers each. Waits where too many come from this address. */
  async function login(t: Owner, userId = 'id1', options: RawClientOptions = {}): Promise<RawClient> {
    const client = await openRawClient(t, { server, app }, options);
    const { userSig: usersig } = app.caller(userId);
    await until(
      async () => {
        const {
          ErrorCode,
          A2Key: a2,
          TinyId: tinyId,
          InstId: instId,
        } = await client.tryLogin(userId, { head: { usersig } });
        client.loggedIn = { a2, tinyId, instId };
        assert.ok(ErrorCode === 0 || ErrorCode === TOO_MANY_LOGINS);
        return ErrorCode === 0;
      },
      { what: () => `a login of ${userId}` },
    );
    return client;
  }

  /** A well-behaved client is served, and soon. */
  async function assertServing(): Promise<void> {
    const ends: (() => Promise<void>)[] = [];
    const client = await login({ after: (run) => void ends.push(run) }, 'good');
    const startedAt = performance.now();
    const value = `n${startedAt}`;
    assert.equal((await client.set('good', nick(value))).ErrorCode, 0);
    assert.deepEqual(await app.get('good'), { Tag_Profile_IM_Nick: value });
    assert.ok(performance.now() - startedAt < 5_000, `${performance.now() - startedAt} ms`);
    await client.close();
  }

  /** Do something with a connection that goes afterwards. Most have a user, some use the other kind of frames. */
  async function withClient(number: number, act: (client: RawClient) => void | Promise<void>): Promise<void> {
    const ends: (() => Promise<void>)[] = [];
    const t: Owner = { after: (run) => void ends.push(run) };
    const options: RawClientOptions = { path: number % 5 === 4 ? '/info' : '/binfo', query: { compress: 'gzip' } };
    const client = number % 3 === 0 ? await openRawClient(t, { server, app }, options) : await login(t, 'id1', options);
    try {
      await act(client);
      await assertAnswered(client);
    } finally {
      for (const end of ends) await end();
      await client.untilClosed();
    }
  }

  /** All that was sent has been seen: the connection is alive, or was closed for what came. Replies are those of the protocol. */
  async function assertAnswered(client: RawClient): Promise<void> {
    if (!client.isClosed && client.socket.readyState === client.socket.OPEN) {
      const seq = client.send('heartbeat.alive');
      const isAnswered = (): boolean => client.frames.some(({ head }) => head.seq === seq);
      await until(() => client.isClosed || isAnswered(), {
        what: () => 'a heartbeat to be answered',
        withinMs: 30_000,
      });
    }
    for (const { head, body } of client.frames) {
      assert.equal(typeof head.servcmd, 'string');
      if (body.EventArray) continue;
      const { ActionStatus, ErrorCode = -1, ErrorInfo = '' } = body;
      assert.ok(findErrorCode(ErrorCode) && !OUR_FAULTS.includes(ErrorCode), JSON.stringify(body));
      assert.equal(ActionStatus, ErrorCode === 0 ? 'OK' : 'FAIL');
      assert.equal(ErrorInfo === '', ErrorCode === 0, ErrorInfo);
    }
  }

  /** A frame that is fine, of a client or of nobody. */
  function goodFrame({ loggedIn }: RawClient, servcmd: string): object {
    const head = { ver: 'v4', platform: 7, sdkappid: app.sdkAppId, a2: loggedIn?.a2, servcmd, seq: 4_711 };
    return { head, body: { From_Account: 'id1', ProfileItem: nick('fuzz'), UserItem: [{ To_Account: 'id1' }] } };
  }

  const numbers = fc.nat(1_000);

  test('any bytes, and any text', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 }).map((value) => value.toWellFormed());
    const data = fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), text), { maxLength: 15 });
    const property = fc.asyncProperty(numbers, data, (number, list) =>
      withClient(number, (client) => {
        for (const one of list) client.sendRaw(one);
      }),
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('any JSON', async () => {
    const list = fc.array(anyJson(['head', 'body', ...HEAD_MEMBERS]), { maxLength: 8 });
    const property = fc.asyncProperty(numbers, list, (number, values) =>
      withClient(number, (client) => {
        for (const value of values) client.sendRaw(jsonBytes(value));
      }),
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('any head and body of the right form, by who is logged in and by who is not', async () => {
    const member = fc.oneof(anyJson(HEAD_MEMBERS), fc.constantFrom('id1', 'administrator', 'p1.x.y', 7, 15, null));
    const head = fc.dictionary(fc.constantFrom(...HEAD_MEMBERS.slice(2), '__proto__', 'constructor'), member);
    const items = fc.array(fc.dictionary(fc.constantFrom(...BODY_MEMBERS), anyJson(BODY_MEMBERS)), { maxLength: 3 });
    const body = fc.oneof(
      anyJson(BODY_MEMBERS),
      fc.record({ From_Account: fc.constant('id1'), UserItem: items, ProfileItem: items }, { requiredKeys: [] }),
    );
    const frame = fc.tuple(fc.constantFrom(...SERVCMDS), head, body, fc.maxSafeInteger());
    const property = fc.asyncProperty(numbers, fc.array(frame, { maxLength: 20 }), (number, frames) =>
      withClient(number, (client) => {
        for (const [servcmd, members, value, seq] of frames) {
          const a2 = client.loggedIn?.a2;
          client.sendRaw(jsonBytes({ head: { ...(a2 && { a2 }), ...members, servcmd, seq }, body: value }));
        }
      }),
    );
    await fc.assert(property, { numRuns: 150 });
  });

  test('frames that are cut, changed, doubled or glued', async () => {
    const spot = fc.double({ min: 0, max: 1, noNaN: true });
    const change = fc.tuple(fc.constantFrom('cut', 'flip', 'insert', 'remove', 'double', 'glue'), spot, fc.nat(255));
    const frame = fc.tuple(fc.constantFrom(...SERVCMDS), fc.array(change, { minLength: 1, maxLength: 4 }));
    const property = fc.asyncProperty(numbers, fc.array(frame, { maxLength: 9 }), (number, frames) =>
      withClient(number, (client) => {
        for (const [servcmd, changes] of frames)
          client.sendRaw(mutated(jsonBytes(goodFrame(client, servcmd)), changes));
      }),
    );
    await fc.assert(property, { numRuns: 100 });
  });

  const DEPTH = 60_000;
  const DEEP = ['[', '{"a":'].map((open) => `${open.repeat(open === '[' ? DEPTH : DEPTH / 4)}`);
  for (const [index, place] of ['', 'body', ...HEAD_MEMBERS].entries()) {
    test(`a frame that is nested very deeply: ${place || 'all of it'}`, async () => {
      for (const open of DEEP) {
        const close = open.startsWith('[') ? ']'.repeat(open.length) : '}'.repeat(DEPTH / 4);
        const deep = open.startsWith('[') ? open + close : `${open}1${close}`;
        const head = `"servcmd":"profile.portrait_set","seq":1,"a2":"A2","sdkappid":${app.sdkAppId}`;
        for (const servcmd of ['profile.portrait_set', 'im_open_status.wslogin', 'im_open_status.wshello']) {
          await withClient(index, (client) => {
            const known = head.replace('profile.portrait_set', servcmd).replace('A2', client.loggedIn?.a2 ?? '');
            const text =
              place === ''
                ? deep
                : place === 'body'
                  ? `{"head":{${known}},"body":{"From_Account":"id1","ProfileItem":${deep}}}`
                  : `{"head":{${known},"${place}":${deep}}}`;
            client.sendRaw(Buffer.from(text));
          });
        }
      }
    });
  }

  test('a frame of 128 kB is taken, one byte more closes the connection with 1009', async () => {
    const sized = (client: RawClient, bytes: number): Buffer => {
      const frame = jsonBytes({ ...goodFrame(client, 'im_open_status.wshello'), body: { x: '' } }).toString();
      return Buffer.from(frame.replace('"x":""', `"x":"${'y'.repeat(bytes - frame.length)}"`));
    };
    await withClient(1, async (client) => {
      client.sendRaw(sized(client, MAX_FRAME_BYTES));
      assert.equal((await client.untilReplied('im_open_status.wshello', 4_711)).ErrorCode, 0);
    });
    await withClient(1, async (client) => {
      client.sendRaw(sized(client, MAX_FRAME_BYTES + 1));
      assert.equal((await client.untilClosed()).code, 1009);
    });
    await withClient(1, async (client) => {
      client.sendRaw(sized(client, 20_000_000));
      await client.untilClosed(); // by a reset, perhaps: what it still sends is not read
    });
    await withClient(1, async (client) => {
      for (let part = 0; part < 5; part += 1) client.socket.send('x'.repeat(30_000), { fin: false });
      assert.equal((await client.untilClosed()).code, 1009, 'in fragments, too');
    });
  });

  test('fragments, with pings between them, and some that never end', async () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
    const property = fc.asyncProperty(numbers, cuts, fc.boolean(), (number, spots, isWhole) =>
      withClient(number, async (client) => {
        const bytes = jsonBytes(goodFrame(client, 'profile.portrait_get_all'));
        const ends = [...spots.map((spot) => Math.floor(spot * bytes.length)).sort((a, b) => a - b), bytes.length];
        let from = 0;
        for (const [index, end] of ends.entries()) {
          client.socket.send(bytes.subarray(from, end), { binary: true, fin: isWhole && index === ends.length - 1 });
          client.socket.ping();
          from = end;
        }
        if (isWhole) await client.untilReplied('profile.portrait_get_all', 4_711);
        else client.terminate();
      }),
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('bytes that are no WebSocket frames', async () => {
    const firstByte = fc.constantFrom(0x81, 0x82, 0x80, 0x01, 0x88, 0x89, 0x8a, 0x83, 0x8f, 0xc1, 0xf2, 0x08);
    const length = fc.constantFrom([0x80], [0x84], [0xfd], [0xfe, 0xff, 0xff], [0xff, 0x7f, 0xff, 0xff, 0xff], [0x05]);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((array) => [...array]),
      fc
        .tuple(firstByte, length, fc.uint8Array({ maxLength: 40 }))
        .map(([first, size, rest]) => [first, ...size, ...rest]),
    );
    const property = fc.asyncProperty(bytes, async (list) => {
      const connection = await RawConnection.open(server.port);
      connection.send(
        `GET /binfo?sdkappid=${app.sdkAppId} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      connection.send(Buffer.from(list));
      await until(() => connection.received.startsWith('HTTP/1.1 101 '), { what: () => connection.received });
      connection.finish();
      await connection.untilClosed();
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('text that is not UTF-8 closes the connection with 1007, bytes that are not are answered', async () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
      await withClient(0, async (client) => {
        client.socket.send(Buffer.from(bytes), { binary: false });
        assert.equal((await client.untilClosed()).code, 1007);
      });
      await withClient(0, async (client) => {
        const frame = Buffer.concat([jsonBytes('x').subarray(0, 2), Buffer.from(bytes), Buffer.from('"')]);
        client.sendRaw(frame);
        const { body } = await client.untilReceived(({ head }) => head.servcmd === '', 'the refusal');
        assert.equal(body.ErrorCode, 60003);
      });
    }
  });

  for (const { name, send } of [
    { name: 'heartbeats', send: (client: RawClient) => void client.send('heartbeat.alive') },
    { name: 'pings', send: (client: RawClient) => client.socket.ping() },
    { name: 'pongs', send: (client: RawClient) => client.socket.pong() },
    { name: 'logins', send: (client: RawClient) => void client.send('im_open_status.wslogin', {}, { a2: 'x' }) },
    { name: 'changes', send: (client: RawClient) => client.sendRaw(jsonBytes(goodFrameOf(client))) },
  ]) {
    test(`a flood of ${name} holds up nobody`, async (t) => {
      const flooders = await Promise.all(['id1', 'id2', 'id3'].map((userId) => login(t, userId)));
      let isOver = false;
      const flooding = (async () => {
        while (!isOver) {
          for (const client of flooders) {
            // what waits in this process is not to grow without end
            if (client.socket.bufferedAmount < 2_000_000) for (let count = 0; count < 500; count += 1) send(client);
          }
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })();
      for (let round = 0; round < 20; round += 1) await assertServing();
      isOver = true;
      await flooding;
      for (const client of flooders) client.terminate();
      for (const client of flooders) await client.untilClosed();
    });
  }

  function goodFrameOf(client: RawClient): object {
    return goodFrame(client, 'profile.portrait_set');
  }

  /** Clients that come, say all kinds of things, and go in all kinds of ways. */
  async function comeAndGo(round: number): Promise<void> {
    const ends: (() => Promise<void>)[] = [];
    const t: Owner = { after: (run) => void ends.push(run) };
    const clients = await Promise.all(
      Array.from({ length: CLIENTS_PER_ROUND }, (_, number) => login(t, `leak${number % 7}`)),
    );
    for (const [index, client] of clients.entries()) {
      if (index % 3 === 0) client.sendRaw(Buffer.from('{'));
      if (index % 3 === 1)
        client.sendRaw(jsonBytes(goodFrame(client, SERVCMDS[(index + round) % SERVCMDS.length] ?? '')));
      if (index % 7 === 3) client.socket.send('half', { fin: false });
      if (index % 5 === 4) for (let count = 0; count < 100; count += 1) client.socket.ping();
    }
    for (const [index, client] of clients.entries()) {
      if (index % 4 === 0) client.terminate();
      else if (index % 4 === 1) client.sendRaw(Buffer.alloc(MAX_FRAME_BYTES + 1));
      else if (index % 4 === 2) for (let count = 0; count < 10; count += 1) client.sendRaw('');
      else client.socket.close();
    }
    for (const client of clients) await client.untilClosed();
  }

  test('when all have gone, nothing of them is left', async (t) => {
    for (let round = 0; round < 5; round += 1) await comeAndGo(round);
    const before = await usedHeapBytes();
    const rounds = 15;
    for (let round = 0; round < rounds; round += 1) await comeAndGo(round);
    const count = rounds * CLIENTS_PER_ROUND;
    let after = 0;
    await until(
      async () => {
        after = await usedHeapBytes();
        return after - before < count * MAX_LEFT_BYTES;
      },
      { what: () => `memory to go back to ${before} bytes, it is ${after} after ${count} clients` },
    );

    const users = ['id1', 'id2', 'id3', 'good', ...Array.from({ length: 7 }, (_, number) => `leak${number}`)];
    await until(
      async () => {
        const { text } = await app.call('openim/query_online_status', { To_Account: users });
        return !text.includes('"Online"');
      },
      { what: () => 'nobody to be online' },
    );
    const all = await until(() => openAll(t), { what: () => `room for ${MAX_CLIENTS} clients` });
    for (const client of all) await client.close();
  });

  /** As many as may be. @returns undefined if there is no room for them */
  async function openAll(t: Owner): Promise<readonly RawClient[] | undefined> {
    const opened: RawClient[] = [];
    try {
      while (opened.length < MAX_CLIENTS) opened.push(await openRawClient(t, { server, app }));
      return opened;
    } catch {
      for (const client of opened) await client.close();
      return undefined;
    }
  }
});

type Change = readonly [kind: string, spot: number, byte: number];

/** Bytes after some accidents. */
function mutated(bytes: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce((before, [kind, spot, byte]) => {
    const at = Math.floor(spot * before.length);
    const [head, tail] = [before.subarray(0, at), before.subarray(at)];
    if (kind === 'cut') return head;
    if (kind === 'double') return Buffer.concat([head, head, tail]);
    if (kind === 'glue') return Buffer.concat([before, bytes]);
    const one = kind === 'remove' ? [] : [byte];
    return Buffer.concat([head, Buffer.from(one), tail.subarray(kind === 'insert' ? 0 : 1)]);
  }, bytes);
}
