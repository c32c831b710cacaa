/** Servers on loopback that do what a test says, closed with all their connections. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A test's context. */
export interface ServerOwner {
  after(run: () => Promise<void>): void;
}

/** A server that listens. */
export interface Loopback {
  readonly port: number;
  /** connections that are open */
  readonly sockets: ReadonlySet<Socket>;
  /** connections so far */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Listen on any free port; the owner closes it. */
export async function listen(server: Server, owner: ServerOwner): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  owner.after(close);
  return { port, sockets, connections: () => connections, close };
}

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** An HTTP server that keeps what it is sent, and answers as told. */
export async function httpLoopback(
  owner: ServerOwner,
  answer: RequestListener,
): Promise<Loopback & { readonly origin: string; readonly seen: readonly SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = createHttpServer((request, response) => {
    const { method = '', url = '', rawHeaders } = request;
    text(request).then(
      (body) => {
        seen.push({ method, url, rawHeaders, body });
        answer(request, response);
      },
      () => {}, // the sender went away
    );
  });
  const loopback = await listen(server, owner);
  return { ...loopback, origin: `http://127.0.0.1:${loopback.port}`, seen };
}
