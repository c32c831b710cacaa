/** `/apps/{sdkAppId}/endpoints`: where an app's callbacks go. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Directory } from '../directory.ts';
import type { Endpoint } from '../storage/store.ts';
import { roleOf } from './access/role.ts';
import { findApp } from './apps.ts';
import { showState } from './circuit-answer.ts';
import { DEFAULT_LIMIT, listAnswer, pageOf, parseCursor } from './cursor.ts';
import { makeEndpoint, patchEndpoint, turnEndpoint } from './endpoint-rules.ts';
import {
  type EndpointAnswer,
  type EndpointCreate,
  type EndpointParams,
  type EndpointPatch,
  endpointCreate,
  endpointParams,
  endpointPatch,
} from './endpoint-schemas.ts';
import type { ObjectSchema } from './json-schema.ts';
import { formatMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import {
  type AppParams,
  appParams,
  emptyQuery,
  PAGE,
  type PageQuery,
  REVEAL,
  type RevealQuery,
  responses,
  revealQuery,
} from './shared-schemas.ts';
import { showEndpointSecrets, showTls } from './show-secrets.ts';

type ListQuery = PageQuery & RevealQuery;

const listQuery: ObjectSchema<ListQuery> = {
  type: 'object',
  properties: { ...PAGE, reveal: REVEAL },
  additionalProperties: false,
};

const listEndpoints = {
  operationId: 'listEndpoints',
  tags: ['Endpoints'],
  summary: 'List endpoints of an app',
  description: 'In the order they were made.',
  params: appParams,
  querystring: listQuery,
  response: responses({ status: 200, description: 'A page of endpoints.', body: 'EndpointList', problems: [404] }),
};

const createEndpoint = {
  operationId: 'createEndpoint',
  tags: ['Endpoints'],
  summary: 'Make an endpoint',
  description: 'What is absent takes its default. The answer shows the secrets.',
  params: appParams,
  querystring: emptyQuery,
  body: endpointCreate,
  response: responses({ status: 201, description: 'The endpoint.', body: 'Endpoint', problems: [404, 413, 415] }),
};

const getEndpoint = {
  operationId: 'getEndpoint',
  tags: ['Endpoints'],
  summary: 'Show an endpoint',
  params: endpointParams,
  querystring: revealQuery,
  response: responses({ status: 200, description: 'The endpoint.', body: 'Endpoint', problems: [404] }),
};

const updateEndpoint = {
  operationId: 'updateEndpoint',
  tags: ['Endpoints'],
  summary: 'Change an endpoint',
  description:
    'Members that are absent stay as they are; those given are replaced whole. Where it starts from can not be changed.',
  params: endpointParams,
  querystring: revealQuery,
  body: endpointPatch,
  response: responses({ status: 200, description: 'The endpoint.', body: 'Endpoint', problems: [404, 413, 415] }),
};

const deleteEndpoint = {
  operationId: 'deleteEndpoint',
  tags: ['Endpoints'],
  summary: 'Remove an endpoint',
  description: 'Removes its delivery log too. What is pending is not delivered any more.',
  params: endpointParams,
  querystring: emptyQuery,
  response: responses({ status: 204, description: 'It is removed.', problems: [404] }),
};

const testEndpoint = {
  operationId: 'testEndpoint',
  tags: ['Endpoints'],
  summary: 'Send a sample callback now',
  description:
    'From the node that is asked. Answers with the whole exchange, delivered or not. Takes no body; nothing is stored.',
  params: endpointParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The exchange.', body: 'TestExchange', problems: [404] }),
};

const pauseEndpoint = {
  operationId: 'pauseEndpoint',
  tags: ['Endpoints'],
  summary: 'Pause an endpoint',
  description: 'Callbacks wait until it is resumed. Takes no body.',
  params: endpointParams,
  querystring: revealQuery,
  response: responses({ status: 200, description: 'The endpoint.', body: 'Endpoint', problems: [404] }),
};

const resumeEndpoint = {
  operationId: 'resumeEndpoint',
  tags: ['Endpoints'],
  summary: 'Resume an endpoint',
  description:
    'What waits is delivered, in order; held users go on; if the circuit is open, a probe is sent now. Takes no body.',
  params: endpointParams,
  querystring: revealQuery,
  response: responses({ status: 200, description: 'The endpoint.', body: 'Endpoint', problems: [404] }),
};

interface OneEndpoint {
  Params: EndpointParams;
  Querystring: RevealQuery;
}

/** Adds the routes of this resource. */
export function addEndpointRoutes(api: FastifyInstance, context: AdminContext): void {
  addCollectionRoutes(api, context);
  addItemRoutes(api, context);
  addActionRoutes(api, context);
}

const COLLECTION = '/apps/:sdkAppId/endpoints';
export const ITEM = '/apps/:sdkAppId/endpoints/:endpointId';

function addCollectionRoutes(api: FastifyInstance, { directory, clock, checkUrl, inTurn }: AdminContext): void {
  api.get<{ Params: AppParams; Querystring: ListQuery }>(COLLECTION, { schema: listEndpoints }, async (request) => {
    const { params, query } = request;
    const { limit = DEFAULT_LIMIT, reveal = false } = query;
    const { sdkAppId } = findApp(directory, params.sdkAppId);
    const after = parseCursor('endpoints', query.cursor);
    const page = pageOf(directory.endpointsOf(sdkAppId), keyOfEndpoint, { limit, after });
    return listAnswer('endpoints', page, (endpoint) => showTo(request, showEndpoint(endpoint, clock.now(), reveal)));
  });

  api.post<{ Params: AppParams; Body: EndpointCreate }>(
    COLLECTION,
    { schema: createEndpoint },
    async ({ params, body }, reply) => {
      const endpoint = await inTurn(async () => {
        const { sdkAppId } = findApp(directory, params.sdkAppId);
        const made = makeEndpoint(body, { sdkAppId, nowMs: clock.now(), checkUrl });
        await directory.createEndpoint(made);
        return made;
      });
      const location = `${api.prefix}/apps/${endpoint.sdkAppId}/endpoints/${endpoint.endpointId}`;
      return reply
        .code(201)
        .header('location', location)
        .send({
          ...showEndpoint(endpoint, clock.now()),
          ...showEndpointSecrets(endpoint, clock.now(), true),
        });
    },
  );
}

function addItemRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, clock, checkUrl, inTurn } = context;

  api.get<OneEndpoint>(ITEM, { schema: getEndpoint }, async (request) =>
    showTo(request, showEndpoint(findEndpoint(directory, request.params), clock.now(), request.query.reveal)),
  );

  api.patch<OneEndpoint & { Body: EndpointPatch }>(ITEM, { schema: updateEndpoint }, async ({ params, query, body }) =>
    showEndpoint(
      await changeEndpoint(context, params, (endpoint) =>
        patchEndpoint(endpoint, body, { checkUrl, nowMs: clock.now() }),
      ),
      clock.now(),
      query.reveal,
    ),
  );

  api.delete<{ Params: EndpointParams }>(ITEM, { schema: deleteEndpoint }, async ({ params }, reply) => {
    await inTurn(async () => directory.deleteEndpoint(findEndpoint(directory, params).endpointId));
    return reply.code(204).send();
  });
}

function addActionRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, clock, sendTest, inTurn } = context;

  api.post<{ Params: EndpointParams }>(`${ITEM}/test`, { schema: testEndpoint }, async ({ params }) =>
    sendTest(findEndpoint(directory, params)),
  );

  api.post<OneEndpoint>(`${ITEM}/pause`, { schema: pauseEndpoint }, async ({ params, query }) => {
    const endpoint = await changeEndpoint(context, params, (before) => turnEndpoint(before, 'paused'));
    return showEndpoint(endpoint, clock.now(), query.reveal);
  });

  api.post<OneEndpoint>(`${ITEM}/resume`, { schema: resumeEndpoint }, async ({ params, query }) => {
    await inTurn(() => directory.resumeEndpoint(findEndpoint(directory, params)));
    return showEndpoint(findEndpoint(directory, params), clock.now(), query.reveal);
  });
}

/** What is sent in headers can be a secret: viewers see the names alone. */
function showTo(request: FastifyRequest, endpoint: EndpointAnswer): EndpointAnswer {
  if (roleOf(request) === 'admin') return endpoint;
  return { ...endpoint, headers: Object.fromEntries(Object.keys(endpoint.headers).map((name) => [name, '***'])) };
}

/** @throws Problem 404, or what `change` throws */
export function changeEndpoint(
  { directory, inTurn }: AdminContext,
  params: EndpointParams,
  change: (endpoint: Endpoint) => Endpoint,
): Promise<Endpoint> {
  return inTurn(async () => {
    const changed = change(findEndpoint(directory, params));
    await directory.updateEndpoint(changed);
    return findEndpoint(directory, params);
  });
}

/** @throws Problem 404 */
export function findEndpoint(directory: Directory, { sdkAppId, endpointId }: EndpointParams): Endpoint {
  const endpoint = directory.endpoint(endpointId);
  if (endpoint?.sdkAppId !== sdkAppId) throw Problem.notFound(`endpoint ${endpointId} of app ${sdkAppId}`);
  return endpoint;
}

/** As Directory.endpointsOf sorts them. */
function keyOfEndpoint({ createdAtMs, endpointId }: Endpoint): string {
  return `${String(createdAtMs).padStart(15, '0')}.${endpointId}`;
}

/** @param nowMs  Unix milliseconds: what is live then is shown */
export function showEndpoint(endpoint: Endpoint, nowMs: number, reveal = false): EndpointAnswer {
  return {
    endpointId: endpoint.endpointId,
    url: endpoint.url,
    commands: endpoint.commands,
    ...showEndpointSecrets(endpoint, nowMs, reveal),
    timeoutMs: endpoint.timeoutMs,
    success: endpoint.success,
    maxAttempts: endpoint.maxAttempts,
    concurrency: endpoint.concurrency,
    ratePerSecond: endpoint.ratePerSecond,
    headers: endpoint.headers,
    tls: showTls(endpoint.tls, reveal),
    payload: endpoint.payload,
    onDead: endpoint.onDead,
    startFrom: endpoint.startFrom,
    ...showState(endpoint),
    createdAt: formatMoment(endpoint.createdAtMs),
  };
}
