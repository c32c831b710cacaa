/** Schemas that routes of several resources use. */
import { DEFAULT_LIMIT, MAX_LIMIT } from './cursor.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import type { ProblemDocument } from './problem.ts';

export interface AppParams {
  readonly sdkAppId: number;
}

export interface RevealQuery {
  readonly reveal?: boolean;
}

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

export const SDK_APP_ID: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: 4_294_967_295,
  description: 'SDKAppID of the app.',
  examples: [1_400_000_001],
};

export const MOMENT: JsonSchema = { type: 'string', format: 'date-time', examples: ['2026-11-23T10:00:00.000Z'] };

export const REVEAL: JsonSchema = {
  type: 'boolean',
  default: false,
  description: 'Whether secrets are shown. Without it they are null or masked.',
};

const LIMIT: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_LIMIT,
  default: DEFAULT_LIMIT,
  description: 'Most items of the page.',
};

const CURSOR: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 512,
  description: '`nextCursor` of the page before.',
};

/** Members of a list's query: spread into its `properties`. */
export const PAGE: { readonly limit: JsonSchema; readonly cursor: JsonSchema } = { limit: LIMIT, cursor: CURSOR };

export const appParams: ObjectSchema<AppParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID },
  required: ['sdkAppId'],
  additionalProperties: false,
};

export const revealQuery: ObjectSchema<RevealQuery> = {
  type: 'object',
  properties: { reveal: REVEAL },
  additionalProperties: false,
};

export const emptyQuery: ObjectSchema<Record<never, never>> = {
  type: 'object',
  properties: {},
  additionalProperties: false,
};

export const problemSchema: ObjectSchema<ProblemDocument> & JsonSchema = {
  $id: 'Problem',
  type: 'object',
  description: 'What is wrong with a request, as in RFC 9457.',
  properties: {
    type: { type: 'string', format: 'uri-reference', examples: ['about:blank'] },
    title: { type: 'string', examples: ['Bad Request'] },
    status: { type: 'integer', examples: [400] },
    detail: { type: 'string', examples: ['name: is required, expected a string of 1 to 64 characters'] },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          in: { type: 'string', enum: ['body', 'query', 'path'], description: 'What `pointer` points into.' },
          pointer: { type: 'string', description: 'JSON Pointer of the member.', examples: ['#/name'] },
          detail: { type: 'string', examples: ['is required, expected a string of 1 to 64 characters'] },
        },
        required: ['in', 'pointer', 'detail'],
      },
    },
    oldestCursor: { type: 'string', description: 'Of 410 at the change feed: where what is left of the log begins.' },
  },
  required: ['type', 'title', 'status'],
  additionalProperties: false,
};

/** @returns schema of a page of `itemId`s */
export function listSchema($id: string, itemId: string): JsonSchema {
  return {
    $id,
    type: 'object',
    properties: {
      items: { type: 'array', items: { $ref: `${itemId}#` } },
      nextCursor: { type: ['string', 'null'], description: 'Leads to the next page; null on the last.' },
    },
    required: ['items', 'nextCursor'],
  };
}

const PROBLEMS = {
  400: 'The request is malformed, or names something that is not known here.',
  401: 'The admin token is missing or wrong.',
  403: 'The viewer token only reads, or the request comes from another site.',
  404: 'There is no such resource.',
  409: 'What is stored already stands against it.',
  410: 'What was asked for is no longer there.',
  413: 'The body is larger than 64 KiB.',
  415: 'The body is not application/json.',
  429: 'There are as many as there may be.',
  503: 'The store does not take it now; try again.',
} as const;

/** Schemas of the answers of a route, by status. */
export type ResponseSchemas = Readonly<Record<number, object>>;

interface Response {
  readonly status: 200 | 201 | 202 | 204;
  readonly description: string;
  /** `$id` of the body's schema; none = no body */
  readonly body?: string;
  /** statuses beside 400, 401 and 503, which every route can answer */
  readonly problems?: readonly (keyof typeof PROBLEMS)[];
}

/** @returns `schema.response` of a route */
export function responses({ status, description, body, problems = [] }: Response): ResponseSchemas {
  const failures = ([400, 401, ...problems, 503] as const).map((failure) => [
    failure,
    { description: PROBLEMS[failure], content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } },
  ]);
  const content = body && { content: { 'application/json': { schema: { $ref: `${body}#` } } } };
  return { [status]: { description, ...(content ?? { type: 'null' }) }, ...Object.fromEntries(failures) };
}
