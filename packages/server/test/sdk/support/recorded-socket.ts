/** The WebSocket of package ws, with all that goes through it told. */
import WebSocket, { type RawData } from 'ws';
import { type ConnectionMoment, decodeFrame, type Frame } from './frame.ts';

/** Who hears of what, and which server may be spoken to. */
export interface RecordedSocketOptions {
  readonly port: number;
  readonly onFrame: (frame: Frame | ConnectionMoment) => void;
  readonly onViolation: (text: string) => void;
}

/** What the SDK makes of the class. */
type SocketClass = new (address: string | URL) => WebSocket;

/** Make a class to stand for the browser's WebSocket. */
export function recordedSocketClass({ port, onFrame, onViolation }: RecordedSocketOptions): SocketClass {
  let connections = 0;

  return class RecordedSocket extends WebSocket {
    readonly #connection: number;

    constructor(address: string | URL) {
      const { host, protocol } = new URL(address);
      if (protocol !== 'ws:' || host !== `127.0.0.1:${port}`) {
        onViolation(`WebSocket ${address}`);
        throw new Error(`refused by the test: WebSocket ${address}`);
      }
      super(address);
      connections += 1;
      this.#connection = connections;
      this.on('open', () => this.#tell('opened', String(address)));
      this.on('close', (code, reason) => this.#tell('closed', `${code} ${reason}`));
      this.on('error', (error) => this.#tell('failed', error.message));
      this.on('message', (data: RawData, isBinary) => {
        const bytes = Buffer.from(data as ArrayBuffer);
        onFrame(decodeFrame(isBinary ? bytes : bytes.toString('utf8'), this.#context('received')));
      });
    }

    override send(data: string | Buffer, ...rest: never[]): void {
      onFrame(decodeFrame(data, this.#context('sent')));
      super.send(data, ...rest);
    }

    #context<K extends string>(kind: K): { kind: K; atMs: number; connection: number } {
      return { kind, atMs: Date.now(), connection: this.#connection };
    }

    #tell(kind: ConnectionMoment['kind'], text: string): void {
      onFrame({ ...this.#context(kind), text });
    }
  };
}
