/** `POST /apps/{sdkAppId}/endpoints/try`: how an endpoint would answer, before it is made. */
import type { FastifyInstance } from 'fastify';
import { findApp } from './apps.ts';
import { makeEndpoint } from './endpoint-rules.ts';
import { type EndpointCreate, endpointCreate } from './endpoint-schemas.ts';
import type { AdminContext } from './options.ts';
import { type AppParams, appParams, emptyQuery, responses } from './shared-schemas.ts';

const tryEndpoint = {
  operationId: 'tryEndpoint',
  tags: ['Endpoints'],
  summary: 'Send a sample callback to an endpoint that is not there yet',
  description:
    'Takes what would make the endpoint, and answers with the whole exchange. Nothing is stored; without `signingSecrets` the sample is signed with a secret that nobody knows.',
  params: appParams,
  querystring: emptyQuery,
  body: endpointCreate,
  response: responses({ status: 200, description: 'The exchange.', body: 'TestExchange', problems: [404, 413, 415] }),
};

/** Adds the route. */
export function addTryEndpointRoute(
  api: FastifyInstance,
  { directory, clock, checkUrl, sendTest }: AdminContext,
): void {
  api.post<{ Params: AppParams; Body: EndpointCreate }>(
    '/apps/:sdkAppId/endpoints/try',
    { schema: tryEndpoint },
    async ({ params, body }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      return await sendTest(makeEndpoint(body, { sdkAppId, nowMs: clock.now(), checkUrl }));
    },
  );
}
