/** One WebSocket of a client: frames as text in both directions, whatever they look like on the wire. */
import { isUtf8 } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import type { RawData, WebSocket } from 'ws';

/** More of a frame than this closes the connection (1009). The largest that makes sense has about 100 kB. */
export const MAX_FRAME_BYTES = 131_072;
/** What may wait for a client that does not read: more, and it is dropped. It comes back and gets its profile anew. */
const MAX_WAITING_BYTES = 1_048_576;
/** Smaller frames gain nothing: each costs a zlib stream of its own. */
const COMPRESS_FROM_CHARACTERS = 8_192;
/** In front of a gzip stream, as the SDK expects it. */
const COMPRESSED = Buffer.from('COMP');

/** How the client wants its frames. */
export interface FrameForm {
  /** `/binfo`: binary frames; `/info`: text */
  readonly isBinary: boolean;
  /** the client takes `COMP` and gzip */
  readonly mayCompress: boolean;
}

/** What comes from a client. */
export interface ClientSocketEvents {
  /** a frame; undefined if its bytes are not UTF-8 */
  onFrame(text: string | undefined): void;
  onPing(): void;
  /** it did not read, and is cut off */
  onDropped(): void;
  onClose(): void;
}

/** A client's socket. Sending never waits: who does not keep up is cut off. */
export class ClientSocket {
  readonly #socket: WebSocket;
  readonly #form: FrameForm;
  readonly #events: ClientSocketEvents;

  constructor(socket: WebSocket, form: FrameForm, events: ClientSocketEvents) {
    this.#socket = socket;
    this.#form = form;
    this.#events = events;
    socket.on('message', (data) => events.onFrame(textOf(data)));
    socket.on('ping', (data) => {
      events.onPing();
      if (this.#mayWrite()) socket.pong(data);
    });
    socket.once('close', () => events.onClose());
    // what broke it follows as `close`
    socket.on('error', () => undefined);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(text: string): void {
    if (!this.#mayWrite()) return;
    if (!this.#form.isBinary) this.#socket.send(text);
    else this.#socket.send(this.#isLarge(text) ? compress(text) : Buffer.from(text));
  }

  /** Stop or go on reading; what is on its way through the parser still comes. */
  setReading(isReading: boolean): void {
    if (!this.isOpen || isReading !== this.#socket.isPaused) return;
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  /** @param code  WebSocket close code; the SDK looks at none of them */
  close(code: number, reason: string): void {
    // a paused socket would never see the client's answer
    this.setReading(true);
    this.#socket.close(code, reason);
  }

  /** Cut it off. */
  terminate(): void {
    this.#socket.terminate();
  }

  #mayWrite(): boolean {
    if (!this.isOpen) return false;
    if (this.#socket.bufferedAmount <= MAX_WAITING_BYTES) return true;
    this.#events.onDropped();
    this.terminate();
    return false;
  }

  #isLarge(text: string): boolean {
    return this.#form.mayCompress && text.length >= COMPRESS_FROM_CHARACTERS;
  }
}

/** At once, not in the thread pool: a push that comes after a reply must not overtake it. */
function compress(text: string): Buffer {
  return Buffer.concat([COMPRESSED, gzipSync(text, { level: 1 })]);
}

function textOf(data: RawData): string | undefined {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
