/** `/admin/v1/openapi.json` and `/admin/docs`: need no token, and are made when somebody asks for the first time. */
import type { FastifyInstance } from 'fastify';
import { type Description, DOCS_PATH, OPENAPI_PATH } from './description.ts';

/**
 * Adds the routes of the description.
 *
 * It lives in an instance of its own, since plugins can't be added to one that runs: made at start, it took 70 to 110 ms
 * and 7 MB from every server, whether somebody reads it or not.
 */
export function addDescriptionRoutes(server: FastifyInstance, description: Description): void {
  let making: Promise<FastifyInstance> | undefined;
  const make = async () => (await import('./create-description.ts')).createDescription(description);
  for (const path of [OPENAPI_PATH, DOCS_PATH, `${DOCS_PATH}/*`]) {
    server.get(path, async (request, reply) => {
      making ??= make();
      const made = await making;
      reply.hijack();
      made.routing(request.raw, reply.raw);
    });
  }
  server.addHook('onClose', async () => {
    await (await making)?.close();
  });
}
