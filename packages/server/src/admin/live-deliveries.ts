/** `/apps/{sdkAppId}/deliveries/live`: deliveries as they happen, as server-sent events. */
import type { FastifyInstance } from 'fastify';
import { findApp } from './apps.ts';
import { LiveStream } from './live-stream.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import { type AppParams, appParams, emptyQuery, responses } from './shared-schemas.ts';

/** People who look on, over all apps. */
const MAX_STREAMS = 64;

const description = 'Events `deliveries`, whose data is a DeliveryUpdates as JSON. A stream that does not end.';

const followDeliveries = {
  operationId: 'followDeliveries',
  tags: ['Deliveries'],
  summary: 'Follow deliveries as they happen',
  description:
    'For people who look on: at most five events a second, each delivery in its last state. What other nodes on the same database do comes about a second later. It does not resume; the list of deliveries is the truth. Programs follow the changes.',
  params: appParams,
  querystring: emptyQuery,
  response: {
    ...responses({ status: 200, description, problems: [404, 429] }),
    200: { description, content: { 'text/event-stream': { schema: { $ref: 'DeliveryUpdates#' } } } },
  },
};

/** Adds the route. */
export function addLiveDeliveriesRoute(api: FastifyInstance, { directory, activity, clock }: AdminContext): void {
  let streams = 0;
  api.get<{ Params: AppParams }>(
    '/apps/:sdkAppId/deliveries/live',
    { schema: followDeliveries },
    async (request, reply) => {
      const { sdkAppId } = findApp(directory, request.params.sdkAppId);
      if (streams >= MAX_STREAMS) {
        const headers = { 'retry-after': '10' };
        throw new Problem(429, `${MAX_STREAMS} streams are open already`, { headers });
      }
      reply.hijack();
      streams += 1;
      let unfollow = (): void => undefined;
      const onEnd = (): void => {
        unfollow();
        streams -= 1;
      };
      const stream = new LiveStream({ response: reply.raw, clock, onEnd });
      unfollow = activity.follow(sdkAppId, {
        onUpdates: stream.add.bind(stream),
        onGap: stream.addGap.bind(stream),
        onClose: stream.end.bind(stream),
      });
      await activity.begun(sdkAppId);
      stream.begin();
    },
  );
}
