import { DELIVERY_STATES } from '../storage/store.ts';
import { WHY_CODES } from '../storage/why.ts';
import { USER_ID } from './app-schemas.ts';
import { attemptSchemas } from './attempt-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { listSchema, MOMENT, PAGE, type PageQuery, SDK_APP_ID } from './shared-schemas.ts';

/** Which deliveries to list. */
export interface DeliveryListQuery extends PageQuery {
  /** several with commas */
  readonly state?: string;
  readonly reason?: string;
  readonly userId?: string;
  readonly sequence?: number;
  readonly eventId?: string;
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

const EVENT_ID: JsonSchema = { type: 'string', minLength: 1, maxLength: 64, examples: ['evt_mibaq2k0_n5irgh_0_7'] };

/** Where an event stands in the path. */
export interface EventParams {
  readonly sdkAppId: number;
  readonly eventId: string;
}

export const eventParams: ObjectSchema<EventParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID, eventId: EVENT_ID },
  required: ['sdkAppId', 'eventId'],
  additionalProperties: false,
};

export const eventQuery: ObjectSchema<PageQuery> = {
  type: 'object',
  properties: PAGE,
  additionalProperties: false,
};

export const deliveryParams: ObjectSchema<DeliveryParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID, deliveryId: DELIVERY_ID },
  required: ['sdkAppId', 'deliveryId'],
  additionalProperties: false,
};

/** A moment as queries and bodies name it. */
export const BOUND: JsonSchema = { type: 'string', maxLength: 40, examples: ['2026-11-23T10:00:00Z', '1795428000000'] };
export const BOUND_FORMS = 'ISO 8601 (UTC if it names no zone) or Unix milliseconds';

export const deliveryListQuery: ObjectSchema<DeliveryListQuery> = {
  type: 'object',
  properties: {
    state: {
      type: 'string',
      maxLength: 100,
      description: `One or several, with commas: ${DELIVERY_STATES.join(', ')}.`,
      examples: ['dead', 'retrying,held'],
    },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: 40,
      description: 'At least one attempt failed for this reason.',
      examples: ['timeout'],
    },
    userId: { type: 'string', minLength: 1, maxLength: 32, description: 'User whose profile changed.' },
    sequence: {
      type: 'integer',
      minimum: 1,
      description: "Of the user's changes the one with this number; needs userId.",
    },
    eventId: { ...EVENT_ID, description: 'The change: `webhook-id` of its callback.' },
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

export const eventSchema: JsonSchema & Required<Pick<JsonSchema, 'properties' | 'required'>> = {
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

const why: JsonSchema = {
  $id: 'Why',
  type: 'object',
  description: 'Why it is not delivered. Absent if it is.',
  properties: {
    code: { type: 'string', enum: WHY_CODES, examples: ['waits-behind'] },
    text: { type: 'string', examples: ['waits behind change #3 of the same user, which is tried again'] },
    ahead: { type: 'integer', minimum: 0, description: 'Changes that go first: `queued`, `rate`.' },
    ratePerSecond: { type: 'integer', description: 'Pace of the endpoint: `rate`.' },
    since: { ...MOMENT, description: 'When the circuit opened: `circuit-open`.' },
    behind: {
      type: 'object',
      description: 'The change that it waits for: `waits-behind`.',
      properties: {
        deliveryId: DELIVERY_ID,
        sequence: { type: 'integer', minimum: 1 },
        state: { type: 'string', enum: ['retrying', 'held'] },
      },
      required: ['deliveryId', 'sequence', 'state'],
    },
    reason: { type: 'string', description: 'Of the last attempt: `retrying`, `held`, `dead`, `address-refused`.' },
    rule: { type: 'string', description: 'What forbids the address: `address-refused`.' },
    command: { type: 'string', description: 'What the endpoint does not get: `command-off`.' },
  },
  required: ['code', 'text'],
};

const delivery: JsonSchema = {
  $id: 'Delivery',
  type: 'object',
  description: 'One callback for one endpoint.',
  properties: {
    deliveryId: DELIVERY_ID,
    eventId: { type: 'string', description: 'The `webhook-id` of the callback.' },
    endpointId: { type: ['string', 'null'], description: 'null: the app has no endpoint.' },
    userId: USER_ID,
    sequence: { type: 'integer', minimum: 1 },
    state: {
      type: 'string',
      enum: DELIVERY_STATES,
      description:
        '`pending`: not tried yet; `retrying`: waits for its next try; `waiting`: behind an earlier change of the same user; `held`: waits for a person; `skipped`: this endpoint was not to get it.',
    },
    why: { $ref: 'Why#' },
    attempts: { type: 'array', items: { $ref: 'Attempt#' } },
    nextTryAt: { ...MOMENT, description: 'Only in the state `retrying`.' },
    event: { $ref: 'ChangeEvent#' },
  },
  required: ['deliveryId', 'eventId', 'endpointId', 'userId', 'sequence', 'state', 'attempts', 'event'],
};

const eventStory: JsonSchema = {
  $id: 'EventStory',
  type: 'object',
  description: 'A change and what became of it at each endpoint.',
  properties: {
    event: { $ref: 'ChangeEvent#' },
    deliveries: { type: 'array', items: { $ref: 'Delivery#' } },
    nextCursor: { type: ['string', 'null'], description: 'Leads to further endpoints; null if these are all.' },
  },
  required: ['event', 'deliveries', 'nextCursor'],
};

/** Named schemas of this resource. */
export const deliverySchemas: readonly JsonSchema[] = [
  item,
  ...attemptSchemas,
  why,
  eventSchema,
  delivery,
  eventStory,
  listSchema('DeliveryList', 'Delivery'),
];
