/** The door for Tencent's Web SDK: WebSockets at `/binfo` and `/info`. Loaded at the first of them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { optPlatformOf } from '@portrait/wire';
import { WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES } from './client-socket.ts';
import { Connection } from './connection.ts';
import { ConnectionCounts } from './connection-counts.ts';
import type { GatewayContext } from './gateway-context.ts';
import { onFrame } from './on-frame.ts';
import { type ClientTarget, parseClientTarget } from './parse-client-target.ts';
import { holdYoungGeneration } from './young-generation.ts';

/** So many new connections are a reason to look at the heap. */
const CONNECTIONS_PER_LOOK = 64;
/** How often connections are looked over for those that are overdue. */
const SWEEP_MS = 5_000;
/** A stop waits so long for frames that are in hand. */
const STOP_PATIENCE_MS = 10_000;
/** A client that does not answer the close so long is cut off. */
const CLOSE_PATIENCE_MS = 1_000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;

/** What the door works with. */
export interface GatewayOptions {
  readonly context: GatewayContext;
  /** the address of the client, also behind a trusted proxy */
  readonly clientAddress: (request: IncomingMessage) => string;
}

/** All connections of clients. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_FRAME_BYTES,
    // pongs are bounded like everything that is sent
    autoPong: false,
    // 300 kB a connection; the SDK's own compression is per frame
    perMessageDeflate: false,
  });
  readonly #connections = new Set<Connection>();
  readonly #counts: ConnectionCounts;
  readonly #stopListening: () => void;
  #stopSweep: () => void;
  #isClosing = false;
  #isHeld = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { clientLimits, clock, directory } = options.context;
    this.#counts = new ConnectionCounts(clientLimits);
    this.#stopSweep = clock.after(SWEEP_MS, () => this.#sweep());
    this.#stopListening = directory.onChange((change) => {
      if (change.kind === 'app' && change.app === undefined) this.#closeApp(change.sdkAppId);
    });
  }

  /** Take over a connection that asked to become a WebSocket, or refuse it with an HTTP status. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // it may have gone while this door was loaded, and tells that no second time
    if (socket.destroyed) return;
    const target = parseClientTarget(request.url ?? '');
    const clientIp = this.#options.clientAddress(request);
    const refusal = this.#refusalOf(target, clientIp);
    if (refusal) {
      refuse(socket, refusal);
      return;
    }
    const { form, sdkAppId, platform } = target as ClientTarget;
    const { metrics } = this.#options.context;
    // whatever ends the connection, before or after the handshake
    socket.once('close', () => this.#counts.remove({ address: clientIp, sdkAppId }));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection: Connection = new Connection({
        socket: webSocket,
        form,
        sdkAppId,
        clientIp,
        platform: optPlatformOf(platform, undefined),
        context: this.#options.context,
        onFrame,
        onClose: () => {
          this.#connections.delete(connection);
          metrics.clientGone();
        },
      });
      this.#connections.add(connection);
      metrics.clientConnected();
      if (this.#connections.size % CONNECTIONS_PER_LOOK === 0) this.#isHeld ||= holdYoungGeneration();
    });
  }

  /** @returns why a connection may not be; if it may, it is counted */
  #refusalOf(target: ClientTarget | string, address: string): Refusal | undefined {
    if (typeof target === 'string') return { status: '400 Bad Request', detail: target };
    if (this.#isClosing) return { status: '503 Service Unavailable', detail: 'the server stops' };
    const full = this.#counts.add({ address, sdkAppId: target.sdkAppId });
    if (full === 'address') {
      return { status: '429 Too Many Requests', detail: 'too many connections from this address' };
    }
    if (full === 'app') return { status: '503 Service Unavailable', detail: 'too many connections of this app' };
    return undefined;
  }

  /** Accept none any more, answer what is in hand, close all. Clients come back when they say hello the next time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stopSweep();
    this.#stopListening();
    const { clock } = this.#options.context;
    const terminate = (): void => {
      for (const connection of this.#connections) connection.terminate();
    };
    const impatience = new AbortController();
    const finished = [...this.#connections].map((one) => one.finish(CLOSE_GOING_AWAY, 'the server stops'));
    await Promise.race([Promise.all(finished), clock.sleep(STOP_PATIENCE_MS, impatience.signal)]);
    impatience.abort();
    clock.after(CLOSE_PATIENCE_MS, terminate);
  }

  #sweep(): void {
    const { clock } = this.#options.context;
    const nowMs = clock.monotonic();
    for (const connection of this.#connections) connection.endIfOverdue(nowMs);
    this.#isHeld ||= this.#connections.size >= CONNECTIONS_PER_LOOK && holdYoungGeneration();
    this.#stopSweep = clock.after(SWEEP_MS, () => this.#sweep());
  }

  #closeApp(sdkAppId: number): void {
    for (const connection of this.#connections) {
      if (connection.sdkAppId === sdkAppId) connection.close(CLOSE_POLICY, 'the app was removed');
    }
  }
}

/** Before the handshake there is only HTTP to say it with. */
interface Refusal {
  readonly status: string;
  readonly detail: string;
}

function refuse(socket: Duplex, { status, detail }: Refusal): void {
  const text = `${detail}\n`;
  // who is refused may stay, and is not counted
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
