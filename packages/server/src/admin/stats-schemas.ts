import type { StatsSeries, StatsTotal } from '../stats/stats-series.ts';
import { STAT_WINDOW_NAMES, type StatWindow } from '../stats/windows.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';

export const DEFAULT_WINDOW: StatWindow = '1h';

export interface StatsQuery {
  readonly window?: StatWindow;
}

export const statsQuery: ObjectSchema<StatsQuery> = {
  type: 'object',
  properties: {
    window: {
      type: 'string',
      enum: STAT_WINDOW_NAMES,
      default: DEFAULT_WINDOW,
      description: 'Steps of 10 s, 1 min, 5 min, 15 min, 2 h.',
    },
  },
  additionalProperties: false,
};

const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const MS: JsonSchema = { type: ['number', 'null'] };
const COUNTS: JsonSchema = { type: 'array', items: COUNT };
const PERCENTILE: JsonSchema = { type: 'array', items: MS };

const total: ObjectSchema<StatsTotal> = {
  type: 'object',
  description: 'Of the whole window.',
  properties: {
    changes: COUNT,
    delivered: COUNT,
    failed: COUNT,
    dead: COUNT,
    firstAttempt: COUNT,
    p50: MS,
    p95: MS,
    p99: MS,
  },
  required: ['changes', 'delivered', 'failed', 'dead', 'firstAttempt', 'p50', 'p95', 'p99'],
  additionalProperties: false,
};

const stats: ObjectSchema<StatsSeries> = {
  $id: 'Stats',
  type: 'object',
  description: 'How an app does over time.',
  properties: {
    startMs: { type: 'integer', description: 'Start of the first step, Unix milliseconds.' },
    stepMs: { type: 'integer', description: 'Length of a step.' },
    changes: { ...COUNTS, description: 'Changes that are announced.' },
    delivered: { ...COUNTS, description: 'Deliveries that arrived.' },
    failed: { ...COUNTS, description: 'Attempts that failed and are repeated.' },
    dead: { ...COUNTS, description: 'Deliveries whose last attempt failed.' },
    firstAttempt: { ...COUNTS, description: 'Of `delivered`: at the first attempt.' },
    latency: {
      type: 'object',
      description:
        'From the commit of a change to the end of the POST that delivered it, in milliseconds, to a tenth; null where none was.',
      properties: { p50: PERCENTILE, p95: PERCENTILE, p99: PERCENTILE },
      required: ['p50', 'p95', 'p99'],
    },
    backlog: {
      ...COUNTS,
      description: 'Deliveries that were still to come, over all endpoints; the most of each step.',
    },
    oldestPendingAgeMs: { type: 'array', items: { type: 'number' }, description: 'Age of the oldest of these.' },
    total,
  },
  required: [
    'startMs',
    'stepMs',
    'changes',
    'delivered',
    'failed',
    'dead',
    'firstAttempt',
    'latency',
    'backlog',
    'oldestPendingAgeMs',
    'total',
  ],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const statsSchemas: readonly JsonSchema[] = [stats];
