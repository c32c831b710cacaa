/** `/apps/{sdkAppId}/endpoints/{endpointId}/events`: what happened to an endpoint. */
import type { FastifyInstance } from 'fastify';
import type { EndpointEvent } from '../storage/store.ts';
import { DEFAULT_LIMIT, listAnswer, parseCursor } from './cursor.ts';
import type { EndpointEventAnswer } from './endpoint-event-schemas.ts';
import { type EndpointParams, endpointParams } from './endpoint-schemas.ts';
import { findEndpoint, ITEM } from './endpoints.ts';
import type { ObjectSchema } from './json-schema.ts';
import { formatMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { PAGE, type PageQuery, responses } from './shared-schemas.ts';

const pageQuery: ObjectSchema<PageQuery> = { type: 'object', properties: PAGE, additionalProperties: false };

const listEndpointEvents = {
  operationId: 'listEndpointEvents',
  tags: ['Endpoints'],
  summary: 'List what happened to an endpoint',
  description: 'Newest first. The last 1,000 events of an endpoint are kept.',
  params: endpointParams,
  querystring: pageQuery,
  response: responses({ status: 200, description: 'A page of events.', body: 'EndpointEventList', problems: [404] }),
};

/** Adds the route of this resource. */
export function addEndpointEventRoutes(api: FastifyInstance, { directory, store }: AdminContext): void {
  api.get<{ Params: EndpointParams; Querystring: PageQuery }>(
    `${ITEM}/events`,
    { schema: listEndpointEvents },
    async ({ params, query }) => {
      const { endpointId } = findEndpoint(directory, params);
      const cursor = parseCursor('endpoint-events', query.cursor);
      const asked = { endpointId, limit: query.limit ?? DEFAULT_LIMIT, ...(cursor !== undefined && { cursor }) };
      return listAnswer('endpoint-events', await store.listEndpointEvents(asked), showEvent);
    },
  );
}

function showEvent({ no, atMs, kind, reason, detail }: EndpointEvent): EndpointEventAnswer {
  return {
    no,
    at: formatMoment(atMs),
    kind,
    ...(reason !== undefined && { reason }),
    ...(detail !== undefined && { detail }),
  };
}
