/** `/apps/{sdkAppId}/deliveries` and `…/events/{eventId}`: which callback went where, how it stands, and why. */
import { describeValue } from '@portrait/wire';
import type { FastifyInstance } from 'fastify';
import { parseDeliveryId, parseEventId } from '../storage/event-id.ts';
import { DELIVERY_STATES, type Delivery, type DeliveryQuery, type DeliveryState } from '../storage/store.ts';
import { findApp } from './apps.ts';
import { DEFAULT_LIMIT, listAnswer, parseCursor } from './cursor.ts';
import {
  type DeliveryListQuery,
  type DeliveryParams,
  deliveryListQuery,
  deliveryParams,
  type EventParams,
  eventParams,
  eventQuery,
} from './delivery-schemas.ts';
import { parseMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { type Fault, Problem } from './problem.ts';
import { type AppParams, appParams, emptyQuery, type PageQuery, responses } from './shared-schemas.ts';
import { type DeliveryAnswer, showDelivery, showEvent } from './show-delivery.ts';

const listDeliveries = {
  operationId: 'listDeliveries',
  tags: ['Deliveries'],
  summary: 'List deliveries of an app',
  description:
    'Newest first, without what the attempts sent and were answered. A change of an app that has no endpoint is listed with `endpointId` null. A page can hold fewer items than `limit`, or none, and still have a `nextCursor`: the search goes on there.',
  params: appParams,
  querystring: deliveryListQuery,
  response: responses({ status: 200, description: 'A page of deliveries.', body: 'DeliveryList', problems: [404] }),
};

const getDelivery = {
  operationId: 'getDelivery',
  tags: ['Deliveries'],
  summary: 'Show a delivery',
  description: 'With what every attempt sent and the answer that it got.',
  params: deliveryParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The delivery.', body: 'Delivery', problems: [404] }),
};

const getEvent = {
  operationId: 'getEvent',
  tags: ['Deliveries'],
  summary: 'Show a change and what became of it',
  description: 'With its delivery to each endpoint of the app, without what the attempts sent and were answered.',
  params: eventParams,
  querystring: eventQuery,
  response: responses({ status: 200, description: 'The change.', body: 'EventStory', problems: [404] }),
};

/** Adds the routes of this resource. */
export function addDeliveryRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, store } = context;
  api.get<{ Params: AppParams; Querystring: DeliveryListQuery }>(
    '/apps/:sdkAppId/deliveries',
    { schema: listDeliveries },
    async ({ params, query }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const page = await store.listDeliveries(makeQuery(sdkAppId, query));
      return listAnswer('deliveries', page, (delivery) => showDelivery(delivery));
    },
  );

  api.get<{ Params: DeliveryParams }>(
    '/apps/:sdkAppId/deliveries/:deliveryId',
    { schema: getDelivery },
    async ({ params }) => showWhole(context, await findDelivery(context, params)),
  );

  api.get<{ Params: EventParams; Querystring: PageQuery }>(
    '/apps/:sdkAppId/events/:eventId',
    { schema: getEvent },
    async ({ params, query }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const { eventId } = params;
      const event = await store.getEvent(eventId);
      if (event?.sdkAppId !== sdkAppId) throw Problem.notFound(`event ${eventId} of app ${sdkAppId}`);
      const { limit = DEFAULT_LIMIT } = query;
      const cursor = parseCursor('event', query.cursor);
      const page = await store.listDeliveries({ sdkAppId, eventId, limit, ...(cursor !== undefined && { cursor }) });
      const { items, nextCursor } = listAnswer('event', page, (delivery) => showDelivery(delivery));
      return { event: showEvent(event), deliveries: items, nextCursor };
    },
  );
}

/** @throws Problem 404 */
export async function findDelivery({ directory, store }: AdminContext, params: DeliveryParams): Promise<Delivery> {
  const { sdkAppId } = findApp(directory, params.sdkAppId);
  const id = parseDeliveryId(params.deliveryId);
  const delivery = id && (await store.getDelivery(id.eventId, id.endpointId));
  if (delivery?.event.sdkAppId !== sdkAppId) {
    throw Problem.notFound(`delivery ${params.deliveryId} of app ${sdkAppId}`);
  }
  return delivery;
}

/** A delivery with what its attempts sent. */
export function showWhole({ directory, requestOf }: AdminContext, delivery: Delivery): DeliveryAnswer {
  const endpoint = directory.endpoint(delivery.endpointId ?? '');
  if (!endpoint) return showDelivery(delivery);
  return showDelivery(delivery, (attempt) => requestOf(endpoint, { event: delivery.event, attempt }));
}

/** @throws Problem 400 if a value is none of its kind, or the cursor none of this list */
function makeQuery(sdkAppId: number, query: DeliveryListQuery): DeliveryQuery {
  const { reason, userId, sequence, eventId, endpointId, limit = DEFAULT_LIMIT } = query;
  const cursor = parseCursor('deliveries', query.cursor);
  const states = readStates(query.state);
  const fromMs = readBound('from', query.from);
  const toMs = readBound('to', query.to);
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs)
    refuse('from', 'expected a moment before the one of to');
  if (sequence !== undefined && userId === undefined) refuse('sequence', 'expected only together with userId');
  if (eventId !== undefined && !parseEventId(eventId))
    refuse('eventId', `expected an event id such as evt_mibaq2k0_n5irgh_0_7, got ${describeValue(eventId)}`);
  return {
    sdkAppId,
    limit,
    ...(cursor !== undefined && { cursor }),
    ...(states !== undefined && { states }),
    ...(reason !== undefined && { reason }),
    ...(userId !== undefined && { userId }),
    ...(sequence !== undefined && { sequence }),
    ...(eventId !== undefined && { eventId }),
    ...(endpointId !== undefined && { endpointId }),
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
  };
}

function readStates(raw: string | undefined): readonly DeliveryState[] | undefined {
  if (raw === undefined) return undefined;
  return [...new Set(raw.split(','))].map(
    (word) =>
      DELIVERY_STATES.find((state) => state === word) ??
      refuse(
        'state',
        `expected one or several of ${DELIVERY_STATES.join(', ')}, with commas, got ${describeValue(raw)}`,
      ),
  );
}

function readBound(name: 'from' | 'to', raw: string | undefined): number | undefined {
  if (raw === undefined) return undefined;
  return parseMoment(raw) ?? refuse(name, `expected an ISO 8601 time or Unix milliseconds, got ${describeValue(raw)}`);
}

function refuse(name: string, detail: string): never {
  const fault: Fault = { in: 'query', pointer: `#/${name}`, detail };
  throw Problem.ofFaults(400, [fault]);
}
