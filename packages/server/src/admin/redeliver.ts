/** `/apps/{sdkAppId}/deliveries/{deliveryId}/redeliver`: one callback once more. */
import type { FastifyInstance } from 'fastify';
import type { Delivery } from '../storage/store.ts';
import { findDelivery, showWhole } from './deliveries.ts';
import { type DeliveryParams, deliveryParams } from './delivery-schemas.ts';
import { showWhy } from './describe-why.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import type { RedeliveryResult, Resend } from './resend.ts';
import { emptyQuery, responses } from './shared-schemas.ts';

const redeliverDelivery = {
  operationId: 'redeliverDelivery',
  tags: ['Deliveries'],
  summary: 'Send a delivery again, now',
  description:
    'The same bytes and `webhook-id`, the next attempt number, also to a paused endpoint. Answers when the attempt is made and stored: the last of `attempts` tells what came of it, and so does `state`. What is pending or waiting comes by itself and is refused; what is retrying or held is tried now, at no risk: if it fails, it waits as before. Takes no body.',
  params: deliveryParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The delivery.', body: 'Delivery', problems: [404, 409] }),
};

/** Adds the route. */
export function addRedeliverRoute(api: FastifyInstance, context: AdminContext): void {
  api.post<{ Params: DeliveryParams }>(
    '/apps/:sdkAppId/deliveries/:deliveryId/redeliver',
    { schema: redeliverDelivery },
    async ({ params }) => {
      const delivery = await findDelivery(context, params);
      const endpoint = context.directory.endpoint(delivery.endpointId ?? '');
      if (!endpoint) throw new Problem(409, `app ${params.sdkAppId} has no endpoint that it could be sent to`);
      const result = await resendOf(context).redeliver(endpoint, delivery.event);
      const after = await findDelivery(context, params);
      if (result.kind !== 'sent') throw problemOf(result, after);
      return showWhole(context, after);
    },
  );
}

/** @throws Problem 503 if this process does not deliver */
export function resendOf({ resend }: AdminContext): Resend {
  if (!resend) throw new Problem(503, 'this process delivers nothing: --roles is without "dispatch"');
  return resend;
}

function problemOf(result: Exclude<RedeliveryResult, { kind: 'sent' }>, delivery: Delivery): Problem {
  const { event, state, why } = delivery;
  switch (result.kind) {
    case 'erased':
      return new Problem(409, `the account ${event.userId} was deleted and the values of this change were erased`);
    case 'busy':
      return new Problem(503, 'other callbacks are under way; try again', { headers: { 'retry-after': '1' } });
    case 'waits':
      return new Problem(409, `it comes by itself, and is ${state}${why ? `: ${showWhy(why, delivery).text}` : ''}`);
  }
}
