/** The one port: REST door, door for clients, health, metrics, admin API, console. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import { ClientDoor, isClientRequest } from './client-door.ts';
import type { GatewayContext } from './doors/gateway/gateway-context.ts';
import { isRestRequest, onRestRequest } from './doors/rest/rest-door.ts';
import { answerHealth, isHealthRequest } from './health.ts';
import type { Log } from './log.ts';
import { isMetricsRequest, type MetricsPage } from './metrics-page.ts';
import { Pages, type PagesOptions } from './pages.ts';

/** A request has so long to arrive whole: a slow body holds a connection no longer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How often such are looked for. */
const TIMEOUT_CHECK_MS = 1_000;
/** A stop waits so long for callers who are in the middle of a request or an answer. */
const STOP_PATIENCE_MS = 10_000;
/** Longer than the usual keep-alive of clients and proxies, so that it is they who close idle connections. */
const KEEP_ALIVE_MS = 75_000;

/** What the port serves. */
export interface HttpServerOptions extends PagesOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** of both doors; undefined: this process serves neither callers nor clients */
  readonly doors: GatewayContext | undefined;
  readonly metrics: MetricsPage;
  readonly disk: { readonly isBelowReserve: boolean };
}

/** A server that listens. */
export interface HttpServer {
  /** the real one */
  readonly port: number;
  /** Stop accepting, answer what is in hand. */
  close(): Promise<void>;
}

/** Listen. @throws the socket's error if the port can't be had */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, trustProxy, doors, log, admin, metrics, disk } = options;
  let isClosing = false;
  const isTrusted = proxyAddr.compile([...trustProxy]);
  // a trusted proxy may pass on what its client made up
  const clientAddress = (request: IncomingMessage): string => {
    const address = proxyAddr(request, isTrusted);
    return plainAddress(isIP(address) ? address : (request.socket.remoteAddress ?? ''));
  };
  const door = doors && { context: doors, clientAddress };
  const clients = door && new ClientDoor(door);
  const pages = new Pages(options);
  const inHand: InHand = new Map();
  // other upgrades, such as the h2c that some HTTP clients offer with every call, are answered as plain requests
  const shouldUpgradeCallback = clients ? isClientRequest : () => false;
  const server = createServer(
    { connectionsCheckingInterval: TIMEOUT_CHECK_MS, shouldUpgradeCallback },
    (request, response) => {
      inHand.set(request.socket, response);
      if (isClosing) response.setHeader('Connection', 'close');
      if (door && isRestRequest(request)) void onRestRequest(request, response, door);
      else if (isHealthRequest(request)) void answerHealth(request, response, { store: admin.store, log, disk });
      else if (isMetricsRequest(request)) void metrics.answer(request, response);
      else void pages.answer(request, response);
    },
  );
  trackConnections(server, inHand);
  server.on('upgrade', (request, socket, head) => {
    inHand.delete(request.socket);
    void clients?.accept(request, socket, head);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      isClosing = true;
      // Node's own watch over slow requests ends with the listening
      const giveUp = admin.clock.after(STOP_PATIENCE_MS, () => server.closeAllConnections());
      await Promise.all([stopListening(server, inHand), clients?.close()]);
      giveUp();
      await Promise.all([pages.close(), metrics.close()]);
    },
  };
}

/** An IPv4 client of an IPv6 socket is shown in its usual spelling. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** What each open connection has in hand: its last answer, or nothing yet. Node's own closeIdleConnections waits for the latter. */
type InHand = Map<Socket, ServerResponse | undefined>;

function trackConnections(server: Server, inHand: InHand): void {
  server.on('connection', (socket) => {
    inHand.set(socket, undefined);
    socket.once('close', () => inHand.delete(socket));
  });
}

async function stopListening(server: Server, inHand: InHand): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const [socket, response] of inHand) {
    if (!response || response.writableFinished) socket.destroy();
    else {
      // told that the connection ends, the client sends nothing more on it that would be carried out and not answered
      if (!response.headersSent) response.setHeader('Connection', 'close');
      response.once('close', () => socket.end());
    }
  }
  await closed;
}
