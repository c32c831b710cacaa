/** The one port: REST door, admin API, console, health. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance, fastify } from 'fastify';
import { type AdminOptions, adminPlugin } from './admin/plugin.ts';
import type { HandleContext } from './doors/handle.ts';
import { restDoor } from './doors/rest/plugin.ts';
import type { Log } from './log.ts';
import type { Store } from './storage/store.ts';

/** A request has so long to arrive whole: a slow body holds a connection no longer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How often such are looked for. */
const TIMEOUT_CHECK_MS = 1_000;
/** Longer than the usual keep-alive of clients and proxies, so that it is they who close idle connections. */
const KEEP_ALIVE_MS = 75_000;

/** What the port serves. */
export interface HttpServerOptions {
  readonly store: Store;
  readonly log: Log;
  /** CIDRs of proxies whose X-Forwarded-For is believed */
  readonly trustProxy: readonly string[];
  /** undefined: this process serves no clients */
  readonly rest: HandleContext | undefined;
  readonly admin: AdminOptions;
}

/** Not listening yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { store, log, trustProxy, rest, admin } = options;
  const app = fastify({
    logger: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    http: { connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
  });
  app.get('/', (_request, reply) => reply.redirect('/console'));
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await store.check();
      return { status: 'ready' };
    } catch (error) {
      log.error({ err: error }, 'ready.fault');
      return reply.code(503).send({ status: 'unavailable', detail: 'the store can not be read' });
    }
  });
  if (rest) await app.register(restDoor, { context: rest });
  await app.register(adminPlugin, admin);
  await app.register(consolePages);
  return app;
}

async function consolePages(app: FastifyInstance): Promise<void> {
  const root = join(dirname(createRequire(import.meta.url).resolve('@portrait/console/package.json')), 'public');
  await app.register(fastifyStatic, { root, prefix: '/console/', redirect: true, cacheControl: false });
}
