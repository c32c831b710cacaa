import { MAX_CURSOR_CHARACTERS } from '../feed/feed-cursor.ts';
import { BOUND, BOUND_FORMS, eventSchema } from './delivery-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import type { EventAnswer } from './show-delivery.ts';

/** Which part of the log to read. */
export interface ChangeQuery {
  readonly after?: string;
  readonly from?: string;
  readonly userId?: string;
  readonly limit?: number;
}

/** A change as the feed shows it. */
export interface ChangeAnswer extends EventAnswer {
  /** up to where a reader that has it has the log */
  readonly cursor: string;
}

/** A part of the log. */
export interface ChangeListAnswer {
  readonly items: readonly ChangeAnswer[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

/** Changes of a page. */
export const DEFAULT_CHANGES = 100;
const MAX_CHANGES = 1_000;

export const changeQuery: ObjectSchema<ChangeQuery> = {
  type: 'object',
  properties: {
    after: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_CURSOR_CHARACTERS,
      default: 'beginning',
      description: 'A cursor of this feed; `beginning` of what is still there; or `now`, behind the newest change.',
    },
    from: { ...BOUND, description: `In place of \`after\`: changes made at this moment or later: ${BOUND_FORMS}.` },
    userId: { type: 'string', minLength: 1, maxLength: 32, description: 'Only changes of this user.' },
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_CHANGES,
      default: DEFAULT_CHANGES,
      description: 'Most items of the page; a stream takes no notice of it.',
    },
  },
  additionalProperties: false,
};

const CURSOR: JsonSchema = { type: 'string', examples: ['AYGcyZsFgMLkvqA0AQcA'] };

const change: JsonSchema = {
  ...eventSchema,
  $id: 'Change',
  description: 'A change of a profile, and its place in the feed.',
  properties: {
    cursor: { ...CURSOR, description: 'As `after`: what follows on this change.' },
    ...eventSchema.properties,
  },
  required: ['cursor', ...eventSchema.required],
};

const changeList: JsonSchema = {
  $id: 'ChangeList',
  type: 'object',
  description: 'A part of the change feed, oldest change first.',
  properties: {
    items: { type: 'array', items: { $ref: 'Change#' } },
    nextCursor: { ...CURSOR, description: 'As `after`: what follows. Always there, so that one can ask again later.' },
    hasMore: { type: 'boolean', description: 'Whether more was there already.' },
  },
  required: ['items', 'nextCursor', 'hasMore'],
};

/** Named schemas of this resource. */
export const changeSchemas: readonly JsonSchema[] = [change, changeList];
