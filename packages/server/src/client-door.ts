/**
 * The way to the door for clients, which is loaded when the first one knocks: a server that has none starts sooner and keeps
 * some MB less in memory.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gateway, GatewayOptions } from './doors/gateway/gateway.ts';
import { isClientTarget } from './doors/gateway/parse-client-target.ts';

/** Whether a request is to become a WebSocket of a client. */
export function isClientRequest({ url = '' }: IncomingMessage): boolean {
  return isClientTarget(url);
}

/** The door for clients, once there is one. */
export class ClientDoor {
  readonly #options: GatewayOptions;
  #gateway: Promise<Gateway> | undefined;
  #isClosing = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    if (this.#isClosing) return void socket.destroy();
    try {
      this.#gateway ??= load(this.#options);
      (await this.#gateway).accept(request, socket, head);
    } catch (error) {
      this.#gateway = undefined;
      this.#options.context.log.error({ err: error }, 'client.fault');
      socket.destroy();
    }
  }

  /** Answer what is in hand, close all connections. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await (await this.#gateway)?.close();
  }
}

async function load(options: GatewayOptions): Promise<Gateway> {
  const { Gateway } = await import('./doors/gateway/gateway.ts');
  return new Gateway(options);
}
