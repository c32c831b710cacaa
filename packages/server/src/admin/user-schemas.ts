import type { ProfileValue } from '@portrait/wire';
import { USER_ID } from './app-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { listSchema, MOMENT, PAGE, type PageQuery, SDK_APP_ID } from './shared-schemas.ts';
import type { DeliveryAnswer } from './show-delivery.ts';

/** Which users to list. */
export interface UserListQuery extends PageQuery {
  readonly prefix?: string;
}

/** Where a user stands in the path. */
export interface UserParams {
  readonly sdkAppId: number;
  readonly userId: string;
}

export const userListQuery: ObjectSchema<UserListQuery> = {
  type: 'object',
  properties: {
    prefix: { type: 'string', maxLength: 32, description: 'What the UserIDs begin with; case matters.' },
    ...PAGE,
  },
  additionalProperties: false,
};

export const userParams: ObjectSchema<UserParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID, userId: { ...USER_ID, description: 'UserID.' } },
  required: ['sdkAppId', 'userId'],
  additionalProperties: false,
};

/** A user as lists show him. */
export interface ListedUserAnswer {
  readonly userId: string;
  readonly version: number;
  readonly fields: Readonly<Record<string, ProfileValue>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly online: boolean;
}

/** A client that is logged in. */
export interface SessionAnswer {
  readonly instId: number;
  readonly platform: string;
  readonly clientIp: string;
  readonly loginAt: string;
  readonly connectedAt: string;
}

/** A user as the API shows him. */
export interface UserAnswer extends ListedUserAnswer {
  readonly sessions: readonly SessionAnswer[];
  readonly deliveries: readonly DeliveryAnswer[];
}

const PROPERTIES: ObjectSchema<ListedUserAnswer>['properties'] = {
  userId: USER_ID,
  version: { type: 'integer', minimum: 0, description: 'Number of changes so far; the sequence of the newest one.' },
  fields: {
    type: 'object',
    additionalProperties: { type: ['string', 'integer'] },
    description: 'Value of each field that was set, by its tag.',
    examples: [{ Tag_Profile_IM_Nick: 'Ann' }],
  },
  createdAt: MOMENT,
  updatedAt: MOMENT,
  online: { type: 'boolean' },
};

const REQUIRED = ['userId', 'version', 'fields', 'createdAt', 'updatedAt', 'online'] as const;

const listedUser: ObjectSchema<ListedUserAnswer> = {
  $id: 'ListedUser',
  type: 'object',
  description: 'A user, as lists show him.',
  properties: PROPERTIES,
  required: REQUIRED,
  additionalProperties: false,
};

const session: ObjectSchema<SessionAnswer> = {
  type: 'object',
  properties: {
    instId: { type: 'integer', description: 'Number of the session; the same when the client connects again.' },
    platform: { type: 'string', description: 'As `OptPlatform` of callbacks spells it.', examples: ['Web'] },
    clientIp: { type: 'string', examples: ['203.0.113.7'] },
    loginAt: MOMENT,
    connectedAt: MOMENT,
  },
  required: ['instId', 'platform', 'clientIp', 'loginAt', 'connectedAt'],
  additionalProperties: false,
};

const user: ObjectSchema<UserAnswer> = {
  $id: 'User',
  type: 'object',
  description: 'A user with his sessions and last deliveries.',
  properties: {
    ...PROPERTIES,
    sessions: { type: 'array', items: session, description: 'Clients that are logged in now, oldest login first.' },
    deliveries: {
      type: 'array',
      items: { $ref: 'Delivery#' },
      maxItems: 10,
      description: 'The last 10, newest first.',
    },
  },
  required: [...REQUIRED, 'sessions', 'deliveries'],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const userSchemas: readonly JsonSchema[] = [listedUser, user, listSchema('UserList', 'ListedUser')];
