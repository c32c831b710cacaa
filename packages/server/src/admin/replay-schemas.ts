import {
  REPLAY_OBSTACLES,
  REPLAY_STATES,
  type ReplayObstacle,
  type ReplayState,
  SETTLED_STATES,
  type SettledState,
} from '../storage/replay-store.ts';
import { DELIVERY_STATES, type DeliveryState } from '../storage/store.ts';
import { BOUND, BOUND_FORMS } from './delivery-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { listSchema, MOMENT, PAGE, type PageQuery, SDK_APP_ID } from './shared-schemas.ts';

/** What is to be sent again. */
export interface ReplayCreate {
  readonly endpointId: string;
  readonly from: string;
  readonly to?: string;
  readonly userId?: string;
  readonly state?: SettledState;
  readonly ratePerSecond?: number;
  readonly dryRun?: boolean;
}

/** Where a replay stands in the path. */
export interface ReplayParams {
  readonly sdkAppId: number;
  readonly jobId: string;
}

/** Deliveries a second, if nothing is said. */
export const DEFAULT_REPLAY_RATE = 50;
const MAX_REPLAY_RATE = 1_000;

const ENDPOINT_ID: JsonSchema = { type: 'string', minLength: 1, maxLength: 64, examples: ['ep_4q8w2n6c0x5v7b1m'] };
const USER_ID: JsonSchema = { type: 'string', minLength: 1, maxLength: 32, examples: ['id1'] };
const JOB_ID: JsonSchema = { type: 'string', maxLength: 64, examples: ['rpl_5b1f0c9a7d3e2f48'] };
const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const SETTLED: JsonSchema = { type: 'string', enum: SETTLED_STATES };
const RATE: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_REPLAY_RATE,
  description: "Attempts a second, beside the endpoint's own.",
};

export const replayCreate: ObjectSchema<ReplayCreate> = {
  type: 'object',
  properties: {
    endpointId: { ...ENDPOINT_ID, description: 'Where to send.' },
    from: { ...BOUND, description: `Changes made at this moment or later: ${BOUND_FORMS}.` },
    to: { ...BOUND, description: `Changes made at this moment or earlier; by default now. ${BOUND_FORMS}.` },
    userId: { ...USER_ID, description: 'Only changes of this user.' },
    state: { ...SETTLED, description: 'Only deliveries that are in this state when it is their turn.' },
    ratePerSecond: {
      ...RATE,
      description: `${RATE.description} By default ${DEFAULT_REPLAY_RATE}, or its rate if that is lower.`,
    },
    dryRun: { type: 'boolean', default: false, description: 'Count only: nothing is sent, no job is made.' },
  },
  required: ['endpointId', 'from'],
  additionalProperties: false,
};

export const replayParams: ObjectSchema<ReplayParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID, jobId: JOB_ID },
  required: ['sdkAppId', 'jobId'],
  additionalProperties: false,
};

export const replayListQuery: ObjectSchema<PageQuery> = {
  type: 'object',
  properties: PAGE,
  additionalProperties: false,
};

/** What was asked for. */
export interface ReplayFilter {
  readonly from: string;
  readonly to: string;
  readonly userId?: string;
  readonly state?: SettledState;
}

/** A replay as the API shows it. */
export interface ReplayAnswer {
  readonly jobId: string;
  readonly endpointId: string;
  readonly filter: ReplayFilter;
  readonly ratePerSecond: number;
  readonly state: ReplayState;
  readonly waitsFor?: ReplayObstacle;
  readonly reason?: string;
  readonly total: number;
  readonly done: number;
  readonly delivered: number;
  readonly failed: number;
  readonly skipped: number;
  readonly position: { readonly events: number; readonly of: number };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** An event that a replay would send. */
export interface PreviewedEvent {
  readonly eventId: string;
  readonly userId: string;
  readonly sequence: number;
  readonly at: string;
}

/** What a dry run comes to. */
export interface ReplayPreviewAnswer {
  readonly endpointId: string;
  readonly filter: ReplayFilter;
  readonly ratePerSecond: number;
  readonly total: number;
  readonly byState: Readonly<Record<DeliveryState, number>>;
  readonly first: PreviewedEvent | null;
  readonly last: PreviewedEvent | null;
}

const filter: ObjectSchema<ReplayFilter> = {
  type: 'object',
  description: 'What was asked for.',
  properties: { from: MOMENT, to: MOMENT, userId: USER_ID, state: SETTLED },
  required: ['from', 'to'],
  additionalProperties: false,
};

const replay: ObjectSchema<ReplayAnswer> = {
  $id: 'Replay',
  type: 'object',
  description: 'A job that sends deliveries again, in order per user.',
  properties: {
    jobId: JOB_ID,
    endpointId: ENDPOINT_ID,
    filter,
    ratePerSecond: RATE,
    state: {
      type: 'string',
      enum: REPLAY_STATES,
      description: '`queued`: waits for other replays, or for its endpoint. The last three are for good.',
    },
    waitsFor: {
      type: 'string',
      enum: REPLAY_OBSTACLES,
      description:
        'Only while it runs and can not send: the endpoint is paused, its circuit is open, or it does not answer.',
    },
    reason: { type: 'string', description: 'Why it failed.', examples: ['endpoint-deleted'] },
    total: { ...COUNT, description: 'Deliveries that were to be sent when it was made.' },
    done: { ...COUNT, description: '`delivered`, `failed` and `skipped` together.' },
    delivered: COUNT,
    failed: { ...COUNT, description: 'Given up after 3 attempts.' },
    skipped: {
      ...COUNT,
      description:
        'Not sent: still to come by themselves, not wanted by the endpoint, or of another state when it was their turn.',
    },
    position: {
      type: 'object',
      description:
        'How far it has got through its time: events of the log that lie behind it, of all that it goes through.',
      properties: { events: COUNT, of: COUNT },
      required: ['events', 'of'],
      additionalProperties: false,
    },
    createdAt: MOMENT,
    startedAt: MOMENT,
    finishedAt: MOMENT,
  },
  required: [
    'jobId',
    'endpointId',
    'filter',
    'ratePerSecond',
    'state',
    'total',
    'done',
    'delivered',
    'failed',
    'skipped',
    'position',
    'createdAt',
  ],
  additionalProperties: false,
};

const previewedEvent: JsonSchema = {
  type: ['object', 'null'],
  properties: {
    eventId: { type: 'string' },
    userId: USER_ID,
    sequence: { type: 'integer', minimum: 1 },
    at: MOMENT,
  },
  required: ['eventId', 'userId', 'sequence', 'at'],
  additionalProperties: false,
};

const preview: ObjectSchema<ReplayPreviewAnswer> = {
  $id: 'ReplayPreview',
  type: 'object',
  description: 'What a replay would send.',
  properties: {
    endpointId: ENDPOINT_ID,
    filter,
    ratePerSecond: RATE,
    total: { ...COUNT, description: 'Deliveries that would be sent.' },
    byState: {
      type: 'object',
      description: 'All deliveries of the time and the user, those that would not be sent too.',
      properties: Object.fromEntries(DELIVERY_STATES.map((state) => [state, COUNT])),
      required: DELIVERY_STATES,
      additionalProperties: false,
    },
    first: { ...previewedEvent, description: 'The first that would be sent.' },
    last: { ...previewedEvent, description: 'The last that would be sent.' },
  },
  required: ['endpointId', 'filter', 'ratePerSecond', 'total', 'byState', 'first', 'last'],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const replaySchemas: readonly JsonSchema[] = [replay, preview, listSchema('ReplayList', 'Replay')];
