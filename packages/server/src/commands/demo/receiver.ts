/** The app's backend of the demonstration: made with @portrait/receiver as a real one is. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallbackContext, createHandler, type ProfileEvent } from '@portrait/receiver';
import { nodeHandler } from '@portrait/receiver/node';

/** A callback that was verified, and what the handler did with it. */
export interface HandledCallback {
  readonly event: ProfileEvent;
  readonly context: CallbackContext;
  readonly isHandled: boolean;
}

/** A receiver that listens. */
export interface DemoReceiver {
  readonly url: string;
  /** What it knows the callbacks by; before it, none is accepted. */
  trust(known: { readonly sdkAppId: number; readonly token: string; readonly signingSecrets: readonly string[] }): void;
  /** Let the handler fail once, at the next callback. */
  failNext(): void;
  /** The next callback that was verified, in the order they come. */
  next(): Promise<HandledCallback>;
  close(): Promise<void>;
}

/** @param onRefused  told of a callback that is not what it should be */
export async function startReceiver(onRefused: (why: string) => void): Promise<DemoReceiver> {
  const inbox = new Inbox<HandledCallback>();
  let isToFail = false;
  let listener = nodeHandler(createHandler({ sdkAppId: 1, require: 'none', on: {} }));
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    trust(known) {
      const receiver = createHandler({
        ...known,
        on: {
          'Profile.CallbackPortraitSet': (event, context) => {
            const isHandled = !isToFail;
            isToFail = false;
            inbox.put({ event, context, isHandled });
            if (!isHandled) throw new Error('the backend fails, as it was told to');
          },
        },
        onRejected: ({ reason, detail }) => onRefused(`${reason}: ${detail}`),
        onError: () => undefined, // the one above
      });
      listener = nodeHandler(receiver);
    },
    failNext() {
      isToFail = true;
    },
    next: () => inbox.take(),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Hands over what came, first in first out, to whoever asks, before or after it came. */
class Inbox<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }
}
