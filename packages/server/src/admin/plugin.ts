/** The admin API: `/admin/v1` and its description at `/admin/docs`. */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { appSchemas } from './app-schemas.ts';
import { addAppRoutes } from './apps.ts';
import { createAuthentication } from './authenticate.ts';
import { createSchemaChecker } from './check-schema.ts';
import { addDeliveryRoutes } from './deliveries.ts';
import { deliverySchemas } from './delivery-schemas.ts';
import { describeApi } from './describe-api.ts';
import { endpointSchemas } from './endpoint-schemas.ts';
import { addEndpointRoutes } from './endpoints.ts';
import { type AdminContext, type AdminOptions, createTurns } from './options.ts';
import { Problem } from './problem.ts';
import { problemSchema } from './shared-schemas.ts';
import { userSchemas } from './user-schemas.ts';
import { addUserRoutes } from './users.ts';

export type { AdminOptions } from './options.ts';

const PREFIX = '/admin/v1';
const MAX_BODY_BYTES = 64 * 1024;

/** Serves the admin API. To be registered without a prefix; what it sets up holds for its own routes only. */
export const adminPlugin: FastifyPluginAsync<AdminOptions> = async (server, options) => {
  const schemas = [problemSchema, ...appSchemas, ...endpointSchemas, ...deliverySchemas, ...userSchemas];
  for (const schema of schemas) server.addSchema(schema);
  await describeApi(server, options.version);
  await server.register(async (api) => addApi(api, { ...options, inTurn: createTurns() }), { prefix: PREFIX });
};

function addApi(api: FastifyInstance, context: AdminContext): void {
  const checker = createSchemaChecker();
  const authenticate = createAuthentication(context.adminToken);
  api.setValidatorCompiler(checker.validatorCompiler);
  api.setSerializerCompiler(() => JSON.stringify);
  api.setErrorHandler((error, request, reply) => sendProblem(Problem.from(error), request, reply));
  api.addHook('onRequest', authenticate);
  api.addHook('preValidation', checker.load);
  api.addHook('preValidation', refuseNeedlessBody);
  api.addHook('onSend', async (_request, reply) => {
    // answers can hold secrets
    reply.header('cache-control', 'no-store');
  });
  acceptJsonOnly(api);
  api.setNotFoundHandler((request, reply) => {
    sendProblem(Problem.notFound(`${request.method} ${request.url.split('?', 1)[0]}`), request, reply);
  });
  addAppRoutes(api, context);
  addEndpointRoutes(api, context);
  addDeliveryRoutes(api, context);
  addUserRoutes(api, context);
}

/** Other doors of the same server take other bodies; an empty one counts as none. */
function acceptJsonOnly(api: FastifyInstance): void {
  const parseJson = api.getDefaultJsonParser('error', 'error');
  api.removeAllContentTypeParsers();
  api.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
    (request, body, done) => (body === '' ? done(null, undefined) : parseJson(request, body, done)),
  );
}

async function refuseNeedlessBody({ body, routeOptions }: FastifyRequest): Promise<void> {
  const { schema } = routeOptions;
  const isEmpty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
  if (schema?.body || isEmpty) return;
  throw Problem.ofFaults(400, [{ in: 'body', pointer: '#', detail: 'expected none, or an empty JSON object' }]);
}

function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, 'admin.failed');
  reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem.toDocument()));
}
