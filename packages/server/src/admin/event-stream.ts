/**
 * A stream of the feed as server-sent events.
 *
 * @see WHATWG HTML, "Server-sent events"
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { FeedBatch, FeedStream } from '../feed/feed-stream.ts';
import type { ChangeEvent } from '../storage/store.ts';
import type { AdminLog } from './options.ts';
import { showEvent } from './show-delivery.ts';

/** A reader that has not taken what was sent, a batch at most, after so long is cut off. It goes on from its last id. */
const DRAIN_PATIENCE_MS = 30_000;
/** A client comes back so long after a stream has ended. */
const RETRY_MS = 1_000;

const HEADERS = {
  'content-type': 'text/event-stream',
  // no-transform: a proxy that compresses would hold events back
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};

/** What is sent where. */
export interface EventStreamOptions {
  readonly stream: FeedStream;
  readonly response: ServerResponse;
  readonly clock: Clock;
  readonly log: AdminLog;
  readonly sdkAppId: number;
}

/** Send a stream to its end. Never rejects. */
export async function sendEventStream({ stream, response, clock, log, sdkAppId }: EventStreamOptions): Promise<void> {
  const startedAt = clock.monotonic();
  let changes = 0;
  response.once('close', () => stream.end('closed'));
  // the reader may have gone while the stream was made ready for him
  if (response.destroyed) stream.end('closed');
  try {
    response.writeHead(200, HEADERS);
    response.write(`retry: ${RETRY_MS}\n`);
    for await (const batch of stream.batches()) {
      changes += batch.changes.length;
      if (!response.write(formatBatch(batch))) await untilDrained({ stream, response, clock });
    }
  } catch (error) {
    log.error({ err: error, sdkAppId }, 'changes.fault');
    stream.end('fault');
  }
  // an end that waits for a reader who doesn't read would never come
  if (response.writableNeedDrain) response.destroy();
  else response.end();
  log.info({ sdkAppId, changes, ended: stream.ending, durationMs: clock.monotonic() - startedAt }, 'changes.streamed');
}

/** Without changes the place alone: an id without data, which clients keep as their last one and show to nobody. */
function formatBatch({ changes, cursor }: FeedBatch): string {
  if (changes.length === 0) return `: here\nid: ${cursor}\n\n`;
  return changes.map((change) => `id: ${change.cursor}\n${textOf(change.event)}`).join('');
}

/** Streams of one app share the events, and so their text. */
const texts = new WeakMap<ChangeEvent, string>();

function textOf(event: ChangeEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    // JSON has no line breaks of its own
    text = `event: change\ndata: ${JSON.stringify(showEvent(event))}\n\n`;
    texts.set(event, text);
  }
  return text;
}

/** Resolves when the reader has taken what was sent, or the stream has ended; ends it when that takes too long. */
function untilDrained({
  stream,
  response,
  clock,
}: Pick<EventStreamOptions, 'stream' | 'response' | 'clock'>): Promise<void> {
  return new Promise((resolve) => {
    if (stream.signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      response.off('drain', done);
      stream.signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(DRAIN_PATIENCE_MS, () => stream.end('slow'));
    response.once('drain', done);
    stream.signal.addEventListener('abort', done, { once: true });
  });
}
