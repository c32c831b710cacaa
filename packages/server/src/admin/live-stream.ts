/** One who looks on: what happened is collected and sent a few times a second, each delivery once, in its last state. */
import type { ServerResponse } from 'node:http';
import type { DeliveryUpdate } from '../activity/delivery-update.ts';
import type { Clock } from '../clock.ts';
import { formatMoment } from './moment.ts';

const SEND_EVERY_MS = 200;
/** A sign of life, so that proxies leave the connection open. */
const SILENCE_MS = 15_000;
/** More than this between two sends is not told one by one. */
const MAX_WAITING = 2_000;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};

/** Who gets the stream, and who wants to know of its end. */
export interface LiveStreamOptions {
  readonly response: ServerResponse;
  readonly clock: Clock;
  readonly onEnd: () => void;
}

/** From `begin` on it sends until it is ended, or its reader goes away. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #waiting = new Map<string, DeliveryUpdate>();
  #isComplete = true;
  #sentAt: number;
  #cancel: () => void = () => undefined;
  #hasEnded = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.#sentAt = options.clock.monotonic();
    options.response.once('close', () => this.end());
  }

  /** The reader is told that from here on he misses nothing. */
  begin(): void {
    const { response } = this.#options;
    // the reader may have gone while the stream was made ready for him
    if (response.destroyed) this.end();
    if (this.#hasEnded) return;
    response.writeHead(200, HEADERS);
    response.write('retry: 1000\n: here\n\n');
    this.#schedule();
  }

  add(updates: readonly DeliveryUpdate[]): void {
    for (const update of updates) {
      if (this.#waiting.size < MAX_WAITING || this.#waiting.has(update.deliveryId)) {
        this.#waiting.set(update.deliveryId, update);
      } else this.#isComplete = false;
    }
  }

  /** More happened than is told. */
  addGap(): void {
    this.#isComplete = false;
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancel();
    const { response, onEnd } = this.#options;
    if (response.writableNeedDrain) response.destroy();
    else response.end();
    onEnd();
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.after(SEND_EVERY_MS, () => {
      this.#send();
      if (!this.#hasEnded) this.#schedule();
    });
  }

  /** Who is slow gets less often what is then newer. */
  #send(): void {
    const { response, clock } = this.#options;
    if (response.writableNeedDrain) return;
    const now = clock.monotonic();
    if (this.#waiting.size === 0 && this.#isComplete) {
      if (now - this.#sentAt < SILENCE_MS) return;
      response.write(': here\n\n');
    } else {
      const items = [...this.#waiting.values()].map(({ atMs, ...update }) => ({ ...update, at: formatMoment(atMs) }));
      response.write(`event: deliveries\ndata: ${JSON.stringify({ items, isComplete: this.#isComplete })}\n\n`);
      this.#waiting.clear();
      this.#isComplete = true;
    }
    this.#sentAt = now;
  }
}
