/**
 * What people use: admin API and console, on Fastify. Loaded at the first request for it: a server whose REST door alone is used
 * starts 90 ms sooner and keeps 11 MB less in memory.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { AdminOptions } from './admin/options.ts';
import type { Log } from './log.ts';

/** What the pages work with. */
export interface PagesOptions {
  readonly log: Log;
  /** CIDRs of proxies whose X-Forwarded-For is believed */
  readonly trustProxy: readonly string[];
  readonly admin: AdminOptions;
}

/** The pages, once somebody asks for one. */
export class Pages {
  readonly #options: PagesOptions;
  #app: Promise<FastifyInstance> | undefined;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#app ??= createApp(this.#options);
      (await this.#app).routing(request, response);
    } catch (error) {
      this.#app = undefined;
      this.#options.log.error({ err: error }, 'pages.fault');
      response.writeHead(500).end();
    }
  }

  async close(): Promise<void> {
    await (await this.#app)?.close();
  }
}

async function createApp({ trustProxy, admin }: PagesOptions): Promise<FastifyInstance> {
  const [{ fastify }, { addConsole }, { adminPlugin }, { Problem }] = await Promise.all([
    import('fastify'),
    import('./console/console-plugin.ts'),
    import('./admin/plugin.ts'),
    import('./admin/problem.ts'),
  ]);
  const app = fastify({
    logger: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors(error: FastifyError, _request: unknown, reply: FastifyReply) {
      const problem = new Problem(error.statusCode ?? 400, error.message);
      reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem.toDocument()));
    },
  });
  await app.register(adminPlugin, admin);
  await addConsole(app, admin);
  await app.ready();
  return app;
}
