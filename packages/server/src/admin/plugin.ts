/** The admin API: `/admin/v1`, described at `/admin/docs`. */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { AdminTokens } from './access/admin-tokens.ts';
import { ConsoleSessions } from './access/console-sessions.ts';
import { isFromConsole } from './access/session-cookie.ts';
import { SignInLimits } from './access/sign-in-limits.ts';
import { appSchemas } from './app-schemas.ts';
import { addAppRoutes } from './apps.ts';
import { createAuthentication } from './authenticate.ts';
import { changeSchemas } from './change-schemas.ts';
import { addChangeRoutes } from './changes.ts';
import { createSchemaChecker } from './check-schema.ts';
import { addDeliveryRoutes } from './deliveries.ts';
import { deliverySchemas } from './delivery-schemas.ts';
import { addDescriptionRoutes } from './description-routes.ts';
import { addUserEditRoutes } from './edit-users.ts';
import { endpointEventSchemas } from './endpoint-event-schemas.ts';
import { addEndpointEventRoutes } from './endpoint-events.ts';
import { endpointSchemas } from './endpoint-schemas.ts';
import { addEndpointRoutes } from './endpoints.ts';
import { addLiveDeliveriesRoute } from './live-deliveries.ts';
import { liveSchemas } from './live-schemas.ts';
import { type AdminContext, type AdminLog, type AdminOptions, createTurns } from './options.ts';
import { Problem } from './problem.ts';
import { addRedeliverRoute } from './redeliver.ts';
import { replaySchemas } from './replay-schemas.ts';
import { addReplayRoutes } from './replays.ts';
import { addRotationRoute } from './rotate-endpoint.ts';
import { sessionSchemas } from './session-schemas.ts';
import { addSessionRoutes, type SessionParts } from './sessions.ts';
import { problemSchema } from './shared-schemas.ts';
import { addStatsRoute } from './stats.ts';
import { statsSchemas } from './stats-schemas.ts';
import { addTryEndpointRoute } from './try-endpoint.ts';
import { userSchemas } from './user-schemas.ts';
import { addUserRoutes } from './users.ts';
import { userSigSchemas } from './usersig-schemas.ts';
import { addUserSigRoutes } from './usersigs.ts';

export type { AdminOptions } from './options.ts';

const PREFIX = '/admin/v1';
const MAX_BODY_BYTES = 64 * 1024;
const SCHEMAS = [
  problemSchema,
  ...appSchemas,
  ...endpointSchemas,
  ...endpointEventSchemas,
  ...deliverySchemas,
  ...replaySchemas,
  ...changeSchemas,
  ...userSchemas,
  ...sessionSchemas,
  ...liveSchemas,
  ...statsSchemas,
  ...userSigSchemas,
];

/** Serves the admin API. To be registered without a prefix; what it sets up holds for its own routes only. */
export const adminPlugin: FastifyPluginAsync<AdminOptions> = async (server, options) => {
  const context: AdminContext = { ...options, inTurn: createTurns() };
  const access = {
    tokens: new AdminTokens(options),
    sessions: new ConsoleSessions(options),
    limits: new SignInLimits(),
  };
  const add = (api: FastifyInstance): void => addApi(api, context, access);
  addDescriptionRoutes(server, { version: options.version, addApi: add });
  await server.register(async (guarded) => {
    prepare(guarded, createAuthentication({ ...access, clock: options.clock }), options.log ?? server.log);
    add(guarded);
  });
};

/** Adds all resources, to serve them or to describe them. */
function addApi(server: FastifyInstance, context: AdminContext, access: SessionParts): void {
  for (const schema of SCHEMAS) server.addSchema(schema);
  server.register(
    async (api) => {
      api.setNotFoundHandler((request, reply) => {
        const { method, path } = nameRequest(request);
        return sendProblem(Problem.notFound(`${method} ${path}`), reply);
      });
      addAppRoutes(api, context);
      addEndpointRoutes(api, context);
      addTryEndpointRoute(api, context);
      addRotationRoute(api, context);
      addEndpointEventRoutes(api, context);
      addLiveDeliveriesRoute(api, context);
      addDeliveryRoutes(api, context);
      addRedeliverRoute(api, context);
      addReplayRoutes(api, context);
      addChangeRoutes(api, context);
      addUserRoutes(api, context);
      addUserEditRoutes(api, context);
      addUserSigRoutes(api, context);
      addStatsRoute(api, context);
      addSessionRoutes(api, context, access);
    },
    { prefix: PREFIX },
  );
}

/** What holds for every request to a resource: the token, the checks, the form of errors. */
function prepare(server: FastifyInstance, authenticate: ReturnType<typeof createAuthentication>, log: AdminLog): void {
  const checker = createSchemaChecker();
  server.setValidatorCompiler(checker.validatorCompiler);
  server.setSerializerCompiler(() => JSON.stringify);
  server.setErrorHandler((error, request, reply) => {
    const problem = Problem.from(error);
    if (problem.status >= 500) log.error({ err: problem.cause, ...nameRequest(request) }, 'admin.fault');
    return sendProblem(problem, reply);
  });
  server.addHook('onRequest', authenticate);
  server.addHook('preValidation', checker.load);
  server.addHook('preValidation', refuseNeedlessBody);
  server.addHook('onSend', async (_request, reply) => {
    // answers can hold secrets
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  server.addHook('onResponse', async (request, reply) => {
    const { statusCode: status, elapsedTime: durationMs } = reply;
    const line = { ...nameRequest(request), status, durationMs };
    // an open page of the console asks several times a second
    if (request.method === 'GET' && status < 400 && isFromConsole(request)) log.debug(line, 'admin.done');
    else log.info(line, 'admin.done');
  });
  acceptJsonOnly(server);
}

/** Other doors of the same server take other bodies. An empty one counts as none. */
function acceptJsonOnly(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
    (request, body, done) => (body === '' ? done(null, undefined) : parseJson(request, body, done)),
  );
}

async function refuseNeedlessBody({ body, routeOptions }: FastifyRequest): Promise<void> {
  const isEmpty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
  if (routeOptions.schema?.body || isEmpty) return;
  throw Problem.ofFaults(400, [{ in: 'body', pointer: '#', detail: 'expected none, or an empty JSON object' }]);
}

function nameRequest({ method, url }: FastifyRequest): { method: string; path: string } {
  const [path = ''] = url.split('?', 1);
  return { method, path };
}

function sendProblem(problem: Problem, reply: FastifyReply): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem.toDocument()));
}
