import { ENDPOINT_EVENT_KINDS, type EndpointEvent } from '../storage/store.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { listSchema, MOMENT } from './shared-schemas.ts';

/** An event as the API shows it. */
export interface EndpointEventAnswer {
  readonly no: number;
  readonly at: string;
  readonly kind: EndpointEvent['kind'];
  readonly reason?: string;
  readonly detail?: string;
}

const endpointEvent: ObjectSchema<EndpointEventAnswer> = {
  $id: 'EndpointEvent',
  type: 'object',
  description: 'A change of an endpoint or of its state.',
  properties: {
    no: { type: 'integer', minimum: 1, description: '1, 2, 3 … of this endpoint.' },
    at: MOMENT,
    kind: {
      type: 'string',
      enum: ENDPOINT_EVENT_KINDS,
      description:
        '`gone`: it answered 410 and is paused; `circuit-opened`: it counts as down; `circuit-half-open`: a probe was delivered; `circuit-closed`: all is as before.',
    },
    reason: { type: 'string', description: '`person`, or the reason of a failure.', examples: ['connect'] },
    detail: { type: 'string', description: 'What was seen; of an update the names of what changed.' },
  },
  required: ['no', 'at', 'kind'],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const endpointEventSchemas: readonly JsonSchema[] = [
  endpointEvent,
  listSchema('EndpointEventList', 'EndpointEvent'),
];
