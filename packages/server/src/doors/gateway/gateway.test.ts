import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { STUB_APP, stubContext } from '../../../test/support/live/stub-store-server.ts';
import { Gateway } from './gateway.ts';

/** A connection of which only the answer is looked at. */
class Line extends Duplex {
  answer = '';
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.answer += chunk;
    done();
  }
}

/** A gateway that lets one client in, and a way to knock. */
async function start() {
  const { context } = await stubContext();
  const clientLimits = { ...context.clientLimits, maxClientsPerAddress: 1 };
  const gateway = new Gateway({ context: { ...context, clientLimits }, clientAddress: () => '203.0.113.1' });
  const knock = (line: Line, url: string): void => {
    gateway.accept({ url, method: 'POST', headers: {} } as IncomingMessage, line, Buffer.alloc(0));
  };
  return { gateway, knock };
}

const TARGET = `/binfo?sdkappid=${STUB_APP.sdkAppId}`;

describe('Gateway', () => {
  test('a connection that is gone before it is looked at takes no place', async (t) => {
    const { gateway, knock } = await start();
    t.after(() => gateway.close());
    const gone = new Line();
    gone.destroy();
    await once(gone, 'close');
    knock(gone, TARGET);
    const next = new Line();
    knock(next, TARGET);
    await once(next, 'close');
    assert.match(next.answer, /^HTTP\/1\.1 405 /, 'it is let in, and refused for its method');
  });

  test('a connection that never becomes a WebSocket gives its place back', async (t) => {
    const { gateway, knock } = await start();
    t.after(() => gateway.close());
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const line = new Line();
      knock(line, TARGET);
      await once(line, 'close');
      assert.match(line.answer, /^HTTP\/1\.1 405 /);
    }
  });

  test('a connection that is refused ends, whatever the other side does', async (t) => {
    const { gateway, knock } = await start();
    t.after(() => gateway.close());
    const line = new Line();
    knock(line, '/binfo');
    await once(line, 'close');
    assert.match(line.answer, /^HTTP\/1\.1 400 /);
  });

  test('when it has stopped it lets nobody in', async () => {
    const { gateway, knock } = await start();
    await gateway.close();
    const line = new Line();
    knock(line, TARGET);
    await once(line, 'close');
    assert.match(line.answer, /^HTTP\/1\.1 503 .*the server stops\n$/s);
  });
});
