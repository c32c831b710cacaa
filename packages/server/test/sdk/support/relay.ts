/** A network between client and server that can be broken: a TCP relay on loopback. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { atEnd, type Owner } from '../../support/live/cleanup.ts';

/** Start a relay to a port of 127.0.0.1; its owner closes it. */
export async function startRelay(owner: Owner, targetPort: number): Promise<Relay> {
  const relay = new Relay(targetPort);
  atEnd(owner, () => relay.close());
  await relay.listen();
  return relay;
}

/** One relay. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(targetPort: number) {
    this.#server = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1');
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  /** `http://127.0.0.1:port` */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Both sides get a reset; new connections work. */
  cut(): void {
    for (const socket of this.#sockets) {
      // Node 24 loses a handle that is reset while it shuts down, and then never exits
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  /** What is open stays open, but nothing gets through any more, which neither side is told; new connections work. */
  silence(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('data').removeAllListeners('close').resume();
    }
  }

  /** No connection, and none can be made, until `listen` is called again: on the same port. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await stopped;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
