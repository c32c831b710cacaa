/** `/apps/{sdkAppId}/deliveries`: which callback went where, and how it stands. */
import { describeValue } from '@portrait/wire';
import type { FastifyInstance } from 'fastify';
import { parseDeliveryId } from '../storage/event-id.ts';
import type { DeliveryQuery } from '../storage/store.ts';
import { findApp } from './apps.ts';
import { DEFAULT_LIMIT, listAnswer, parseCursor } from './cursor.ts';
import { type DeliveryListQuery, type DeliveryParams, deliveryListQuery, deliveryParams } from './delivery-schemas.ts';
import { parseMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { type Fault, Problem } from './problem.ts';
import { type AppParams, appParams, emptyQuery, responses } from './shared-schemas.ts';
import { showDelivery, showListedDelivery } from './show-delivery.ts';

const listDeliveries = {
  operationId: 'listDeliveries',
  tags: ['Deliveries'],
  summary: 'List deliveries of an app',
  description:
    'Newest first, without the answers of the attempts. A page can hold fewer items than `limit`, or none, and still have a `nextCursor`: the search goes on there.',
  params: appParams,
  querystring: deliveryListQuery,
  response: responses({ status: 200, description: 'A page of deliveries.', body: 'DeliveryList', problems: [404] }),
};

const getDelivery = {
  operationId: 'getDelivery',
  tags: ['Deliveries'],
  summary: 'Show a delivery',
  description: 'With every attempt and the answer that it got.',
  params: deliveryParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The delivery.', body: 'Delivery', problems: [404] }),
};

/** Adds the routes of this resource. */
export function addDeliveryRoutes(api: FastifyInstance, { directory, store }: AdminContext): void {
  api.get<{ Params: AppParams; Querystring: DeliveryListQuery }>(
    '/apps/:sdkAppId/deliveries',
    { schema: listDeliveries },
    async ({ params, query }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const page = await store.listDeliveries(makeQuery(sdkAppId, query));
      return listAnswer('deliveries', page, showListedDelivery);
    },
  );

  api.get<{ Params: DeliveryParams }>(
    '/apps/:sdkAppId/deliveries/:deliveryId',
    { schema: getDelivery },
    async ({ params }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const id = parseDeliveryId(params.deliveryId);
      const delivery = id && (await store.getDelivery(id.eventId, id.endpointId));
      if (delivery?.event.sdkAppId !== sdkAppId) {
        throw Problem.notFound(`delivery ${params.deliveryId} of app ${sdkAppId}`);
      }
      return showDelivery(delivery);
    },
  );
}

/** @throws Problem 400 if a bound is no moment, or the cursor none of this list */
function makeQuery(sdkAppId: number, query: DeliveryListQuery): DeliveryQuery {
  const { state, userId, endpointId, limit = DEFAULT_LIMIT } = query;
  const cursor = parseCursor('deliveries', query.cursor);
  const fromMs = readBound('from', query.from);
  const toMs = readBound('to', query.to);
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs)
    refuse('from', 'expected a moment before the one of to');
  return {
    sdkAppId,
    limit,
    ...(cursor !== undefined && { cursor }),
    ...(state !== undefined && { state }),
    ...(userId !== undefined && { userId }),
    ...(endpointId !== undefined && { endpointId }),
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
  };
}

function readBound(name: 'from' | 'to', raw: string | undefined): number | undefined {
  if (raw === undefined) return undefined;
  return parseMoment(raw) ?? refuse(name, `expected an ISO 8601 time or Unix milliseconds, got ${describeValue(raw)}`);
}

function refuse(name: string, detail: string): never {
  const fault: Fault = { in: 'query', pointer: `#/${name}`, detail };
  throw Problem.ofFaults(400, [fault]);
}
