import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { LogStore } from '../../test/support/log-store.ts';
import { httpLoopback } from '../../test/support/loopback.ts';
import { sampleApp } from '../../test/support/samples.ts';
import { until } from '../../test/support/until.ts';
import { Directory } from '../directory.ts';
import { ChangeFeed } from '../feed/change-feed.ts';
import type { FeedStream } from '../feed/feed-stream.ts';
import type { Store } from '../storage/store.ts';
import { sendEventStream } from './event-stream.ts';

interface Scene {
  readonly log: LogStore;
  readonly stream: FeedStream;
  readonly clock: FakeClock;
  readonly lines: readonly (readonly [name: string, fields: Record<string, unknown>])[];
  readonly send: (response: ServerResponse) => Promise<void>;
}

/** A stream of a log with one change, to be sent somewhere. */
async function begin(t: TestContext): Promise<Scene> {
  const log = new LogStore(1);
  log.append('ann');
  const store = log as unknown as Store;
  const clock = new FakeClock();
  const lines: [string, Record<string, unknown>][] = [];
  const write = (fields: object, name: string) => void lines.push([name, fields as Record<string, unknown>]);
  const to = { debug: write, info: write, error: write };
  const feed = new ChangeFeed({ store, directory: await Directory.load(store), clock, log: to });
  t.after(() => feed.close());
  const app = sampleApp();
  const stream = await feed.follow({ app });
  const send = (response: ServerResponse) =>
    sendEventStream({ stream, response, clock, log: to, sdkAppId: app.sdkAppId });
  return { log, stream, clock, lines, send };
}

describe('event stream', () => {
  test('is retry, place, changes and heartbeats, as the standard writes them', async (t) => {
    const { stream, clock, lines, send } = await begin(t);
    const { origin } = await httpLoopback(t, (_request, response) => void send(response));
    const request = get(origin);
    const [incoming] = await once(request, 'response');
    let received = '';
    incoming.setEncoding('utf8').on('data', (part: string) => {
      received += part;
    });
    await until(() => received.includes('event: change'), { what: () => received });
    const tick = (): boolean => {
      clock.advance(1_000);
      return received.split(': here').length === 3;
    };
    await until(tick, { what: () => 'a heartbeat' });
    stream.end('stopping');
    await once(incoming, 'end');
    const id = '[\\w-]{18,30}';
    assert.match(
      received,
      new RegExp(
        `^retry: 1000\n: here\nid: ${id}\n\nid: (${id})\nevent: change\ndata: \\{.*\\}\n\n: here\nid: \\1\n\n$`,
      ),
    );
    const [[name, fields] = []] = lines;
    assert.deepEqual([name, fields?.changes, fields?.ended], ['changes.streamed', 1, 'stopping']);
  });

  test('ends at once for a reader who has gone already', async (t) => {
    const { stream, send } = await begin(t);
    const sent = Promise.withResolvers<void>();
    const { origin } = await httpLoopback(t, async (request, response) => {
      request.socket.destroy();
      await once(response, 'close');
      await send(response);
      sent.resolve();
    });
    const request = get(origin).on('error', () => undefined);
    await sent.promise;
    request.destroy();
    assert.equal(stream.ending, 'closed');
  });

  test('a fault of the store is told, and ends it', async (t) => {
    const { log, stream, lines, send } = await begin(t);
    log.isBroken = true;
    const { origin } = await httpLoopback(t, (_request, response) => void send(response));
    const [incoming] = await once(get(origin), 'response');
    assert.match(await text(incoming), /^retry: 1000\n: here\nid: .*\n\n$/);
    assert.equal(stream.ending, 'fault');
    assert.deepEqual(
      lines.map(([name]) => name),
      ['changes.fault', 'changes.streamed'],
    );
  });
});
