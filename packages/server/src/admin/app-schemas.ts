import { type CustomField, MAX_CUSTOM_FIELDS, STANDARD_TAGS } from '@portrait/wire';
import { APP_DEFAULTS } from '../storage/app-defaults.ts';
import { type JsonSchema, type ObjectSchema, PRINTABLE_ASCII } from './json-schema.ts';
import { listSchema, MOMENT, SDK_APP_ID } from './shared-schemas.ts';

/** Body that changes an app: members that are absent stay as they are, those given are replaced whole. */
export interface AppPatch {
  readonly name?: string;
  readonly secretKey?: string;
  readonly administrators?: readonly string[];
  readonly customFields?: readonly CustomField[];
  readonly userWritableFields?: readonly string[];
  readonly rateLimitPerSecond?: number;
  readonly announceImports?: boolean;
  readonly maxSessionsPerPlatform?: number;
}

/** Body that makes an app. */
export interface AppCreate extends AppPatch {
  readonly name: string;
  readonly sdkAppId?: number;
}

const ROLES: JsonSchema = {
  type: 'array',
  items: { type: 'string', enum: ['user', 'admin'] },
  minItems: 1,
  maxItems: 2,
  uniqueItems: true,
};

/** A UserID: 1 to 32 bytes of printable ASCII. */
export const USER_ID: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 32,
  pattern: PRINTABLE_ASCII,
  examples: ['user1'],
};

const customField: ObjectSchema<CustomField> = {
  type: 'object',
  properties: {
    tag: {
      type: 'string',
      description: '`Tag_Profile_Custom_` and a keyword of 1 to 8 letters or digits.',
      examples: ['Tag_Profile_Custom_Data'],
    },
    type: { type: 'string', enum: ['string', 'bytes'], description: 'Fixed once the field is there.' },
    read: { ...ROLES, description: 'Who may read it.' },
    write: { ...ROLES, description: 'Who may write it.' },
  },
  required: ['tag', 'type', 'read', 'write'],
  additionalProperties: false,
};

const standardTag: JsonSchema = { type: 'string', enum: STANDARD_TAGS.map(({ tag }) => tag) };

const NAME: JsonSchema = { type: 'string', minLength: 1, maxLength: 64, examples: ['demo'] };

const PATCH_PROPERTIES: ObjectSchema<AppPatch>['properties'] = {
  name: NAME,
  secretKey: {
    type: 'string',
    format: 'password',
    minLength: 8,
    maxLength: 256,
    pattern: PRINTABLE_ASCII,
    description: 'Signs UserSigs. Made by the server if absent on create: 64 hex digits.',
  },
  administrators: {
    type: 'array',
    items: USER_ID,
    minItems: 1,
    maxItems: 10,
    uniqueItems: true,
    default: ['administrator'],
    description: 'UserIDs that may use the REST API.',
  },
  customFields: {
    type: 'array',
    items: customField,
    maxItems: MAX_CUSTOM_FIELDS,
    default: [],
    description:
      'Profile fields of the app beside the standard ones. Once there, a field can be given other permissions, but can be neither removed nor retyped.',
  },
  userWritableFields: {
    type: 'array',
    items: standardTag,
    maxItems: STANDARD_TAGS.length,
    uniqueItems: true,
    default: APP_DEFAULTS.userWritableFields,
    description:
      'Standard fields that users may write in their own profiles; administrators may write all. Custom fields have their own `write`.',
  },
  rateLimitPerSecond: {
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: 200,
    description: 'REST calls per second and command; 0 = no limit.',
  },
  announceImports: {
    type: 'boolean',
    default: false,
    description: 'Whether account imports with a nickname or a face URL make a callback.',
  },
  maxSessionsPerPlatform: {
    type: 'integer',
    minimum: 0,
    maximum: 100,
    default: APP_DEFAULTS.maxSessionsPerPlatform,
    description:
      'How many sessions of one user may be logged in at once per platform; one beyond ends the oldest. 0 = as many as come.',
  },
};

export const appPatch: ObjectSchema<AppPatch> = {
  type: 'object',
  properties: PATCH_PROPERTIES,
  additionalProperties: false,
  examples: [{ name: 'demo', rateLimitPerSecond: 500 }],
};

export const appCreate: ObjectSchema<AppCreate> = {
  type: 'object',
  properties: {
    ...PATCH_PROPERTIES,
    sdkAppId: { ...SDK_APP_ID, description: 'SDKAppID of the app; the next free one from 1400000001 if absent.' },
  },
  required: ['name'],
  additionalProperties: false,
  examples: [{ name: 'demo' }],
};

/** An app as the API shows it. */
export interface AppAnswer {
  readonly sdkAppId: number;
  readonly name: string;
  readonly secretKey: string | null;
  readonly administrators: readonly string[];
  readonly customFields: readonly CustomField[];
  readonly userWritableFields: readonly string[];
  readonly rateLimitPerSecond: number;
  readonly announceImports: boolean;
  readonly maxSessionsPerPlatform: number;
  readonly createdAt: string;
  readonly oldestEventAt: string | null;
}

const appAnswer: ObjectSchema<AppAnswer> = {
  $id: 'App',
  type: 'object',
  description: "A customer's app.",
  properties: {
    sdkAppId: SDK_APP_ID,
    name: NAME,
    secretKey: {
      type: ['string', 'null'],
      format: 'password',
      description: 'Signs UserSigs. Shown on create and with `reveal=true`, else null.',
    },
    administrators: { type: 'array', items: USER_ID, examples: [['administrator']] },
    customFields: { type: 'array', items: customField },
    userWritableFields: {
      type: 'array',
      items: standardTag,
      description: 'Standard fields that users may write in their own profiles.',
    },
    rateLimitPerSecond: { type: 'integer', description: '0 = no limit.', examples: [200] },
    announceImports: { type: 'boolean' },
    maxSessionsPerPlatform: { type: 'integer', description: '0 = as many as come.', examples: [0] },
    createdAt: MOMENT,
    oldestEventAt: {
      ...MOMENT,
      type: ['string', 'null'],
      description:
        'Time of the oldest event that is still there: what lies before it was removed by age. null = there are none.',
    },
  },
  required: [
    'sdkAppId',
    'name',
    'secretKey',
    'administrators',
    'customFields',
    'userWritableFields',
    'rateLimitPerSecond',
    'announceImports',
    'maxSessionsPerPlatform',
    'createdAt',
    'oldestEventAt',
  ],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const appSchemas: readonly JsonSchema[] = [appAnswer, listSchema('AppList', 'App')];
