import { DELIVERY_STATES, type DeliveryState } from '../storage/store.ts';
import { USER_ID } from './app-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { listSchema, MOMENT, PAGE, type PageQuery, SDK_APP_ID } from './shared-schemas.ts';

/** Which deliveries to list. */
export interface DeliveryListQuery extends PageQuery {
  readonly state?: DeliveryState;
  readonly userId?: string;
  readonly endpointId?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Where a delivery stands in the path. */
export interface DeliveryParams {
  readonly sdkAppId: number;
  readonly deliveryId: string;
}

const DELIVERY_ID: JsonSchema = {
  type: 'string',
  maxLength: 128,
  examples: ['dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m'],
};

export const deliveryParams: ObjectSchema<DeliveryParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID, deliveryId: DELIVERY_ID },
  required: ['sdkAppId', 'deliveryId'],
  additionalProperties: false,
};

const BOUND: JsonSchema = { type: 'string', maxLength: 40, examples: ['2026-11-23T10:00:00Z', '1795428000000'] };
const BOUND_FORMS = 'ISO 8601 (UTC if it names no zone) or Unix milliseconds';

export const deliveryListQuery: ObjectSchema<DeliveryListQuery> = {
  type: 'object',
  properties: {
    state: { type: 'string', enum: DELIVERY_STATES },
    userId: { type: 'string', minLength: 1, maxLength: 32, description: 'User whose profile changed.' },
    endpointId: { type: 'string', minLength: 1, maxLength: 64 },
    from: { ...BOUND, description: `Changes made at this moment or later: ${BOUND_FORMS}.` },
    to: { ...BOUND, description: `Changes made at this moment or earlier: ${BOUND_FORMS}.` },
    ...PAGE,
  },
  additionalProperties: false,
};

const item: JsonSchema = {
  $id: 'ProfileItem',
  type: 'object',
  properties: {
    tag: { type: 'string', examples: ['Tag_Profile_IM_Nick'] },
    value: { type: ['string', 'integer'], examples: ['Ann'] },
  },
  required: ['tag', 'value'],
};

const ITEMS: JsonSchema = { type: 'array', items: { $ref: 'ProfileItem#' } };

const attempt: JsonSchema = {
  $id: 'Attempt',
  type: 'object',
  description: 'One POST.',
  properties: {
    number: { type: 'integer', minimum: 1, description: '1, 2, 3 … of this delivery.' },
    at: MOMENT,
    outcome: {
      type: 'string',
      enum: ['delivered', 'failed', 'dead'],
      description: '`dead`: failed, and it was the last one.',
    },
    reason: { type: 'string', description: 'Named reason of a failure.', examples: ['status'] },
    status: { type: 'integer', description: 'HTTP status of the answer.', examples: [500] },
    durationMs: { type: 'number', examples: [3.1] },
    detail: { type: 'string', description: 'What was seen.' },
    answer: { type: 'string', description: 'The first 4 KiB of the answer. Only when one delivery is shown.' },
  },
  required: ['number', 'at', 'outcome', 'durationMs'],
};

const event: JsonSchema = {
  $id: 'ChangeEvent',
  type: 'object',
  description: 'The stored fact that a profile changed.',
  properties: {
    eventId: { type: 'string', examples: ['evt_mibaq2k0_n5irgh_0_7'] },
    sdkAppId: SDK_APP_ID,
    userId: USER_ID,
    sequence: { type: 'integer', minimum: 1, description: "The profile's version after this change." },
    command: { type: 'string', examples: ['Profile.CallbackPortraitSet'] },
    at: MOMENT,
    operator: { type: ['string', 'null'], description: 'Who made the change.' },
    clientIp: { type: 'string', examples: ['127.0.0.1'] },
    platform: { type: 'string', examples: ['RESTAPI'] },
    items: { ...ITEMS, description: 'What was written.' },
    previousItems: {
      ...ITEMS,
      description: 'What the changed fields held before; a field that was not set is left out.',
    },
    body: { type: 'string', description: 'Body of the callback, the same bytes at every attempt.' },
    erased: {
      type: 'boolean',
      description:
        'Only if the account was deleted since: all values, the client address, and what receivers answered are overwritten, and it is not sent any more.',
    },
  },
  required: [
    'eventId',
    'sdkAppId',
    'userId',
    'sequence',
    'command',
    'at',
    'operator',
    'clientIp',
    'platform',
    'items',
    'previousItems',
    'body',
  ],
};

const delivery: JsonSchema = {
  $id: 'Delivery',
  type: 'object',
  description: 'One callback for one endpoint.',
  properties: {
    deliveryId: DELIVERY_ID,
    eventId: { type: 'string', description: 'The `webhook-id` of the callback.' },
    endpointId: { type: 'string' },
    userId: USER_ID,
    sequence: { type: 'integer', minimum: 1 },
    state: {
      type: 'string',
      enum: DELIVERY_STATES,
      description:
        '`pending`: not tried yet; `retrying`: waits for its next try; `waiting`: behind an earlier change of the same user; `held`: waits for a person; `skipped`: this endpoint was not to get it.',
    },
    attempts: { type: 'array', items: { $ref: 'Attempt#' } },
    nextTryAt: { ...MOMENT, description: 'Only in the state `retrying`.' },
    event: { $ref: 'ChangeEvent#' },
  },
  required: ['deliveryId', 'eventId', 'endpointId', 'userId', 'sequence', 'state', 'attempts', 'event'],
};

/** Named schemas of this resource. */
export const deliverySchemas: readonly JsonSchema[] = [
  item,
  attempt,
  event,
  delivery,
  listSchema('DeliveryList', 'Delivery'),
];
