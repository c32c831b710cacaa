import { DELIVERY_STATES } from '../storage/store.ts';
import type { JsonSchema } from './json-schema.ts';
import { MOMENT } from './shared-schemas.ts';

const update: JsonSchema = {
  $id: 'DeliveryUpdate',
  type: 'object',
  description: 'A delivery that is new, or has a new state.',
  properties: {
    deliveryId: { type: 'string' },
    eventId: { type: 'string' },
    endpointId: { type: ['string', 'null'], description: 'null: the app has no endpoint.' },
    userId: { type: 'string' },
    sequence: { type: 'integer' },
    at: { ...MOMENT, description: 'When the profile changed.' },
    state: { type: 'string', enum: DELIVERY_STATES },
    reason: { type: 'string', description: 'Why the last attempt failed.' },
    tags: { type: 'array', items: { type: 'string' }, description: 'Fields that were written.' },
  },
  required: ['deliveryId', 'eventId', 'endpointId', 'userId', 'sequence', 'at', 'state', 'tags'],
};

const updates: JsonSchema = {
  $id: 'DeliveryUpdates',
  type: 'object',
  description: 'Data of one event of the stream.',
  properties: {
    items: { type: 'array', items: { $ref: 'DeliveryUpdate#' }, description: 'Each delivery once, oldest first.' },
    isComplete: { type: 'boolean', description: 'false: more happened than could be told; read the list anew.' },
  },
  required: ['items', 'isComplete'],
};

/** Named schemas of this resource. */
export const liveSchemas: readonly JsonSchema[] = [update, updates];
