/** Bytes on a socket, for what no HTTP client would send. */
import { connect, type Socket } from 'node:net';

/** A connection whose every byte the test decides on. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #closed = Promise.withResolvers<void>();
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
    });
    socket.on('error', () => undefined); // a reset is an end like any other
    socket.on('close', () => this.#closed.resolve());
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** All that came so far. */
  get received(): string {
    return this.#received;
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Send what is left, and say that there is no more. */
  finish(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Wait until the server ended the connection. @returns all that came */
  async untilClosed(): Promise<string> {
    await this.#closed.promise;
    return this.#received;
  }
}
