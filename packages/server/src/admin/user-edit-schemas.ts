import type { ProfileValue } from '@portrait/wire';
import { USER_ID } from './app-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';

/** Body that changes a profile. */
export interface UserPatch {
  readonly fields: Readonly<Record<string, ProfileValue>>;
}

/** Body that makes an account. */
export interface UserCreate {
  readonly userId: string;
  readonly fields?: Readonly<Record<string, ProfileValue>>;
}

const FIELDS: JsonSchema = {
  type: 'object',
  additionalProperties: { type: ['string', 'integer'] },
  maxProperties: 64,
  description: 'New values by tag: standard fields and custom fields of the app.',
  examples: [{ Tag_Profile_IM_Nick: 'Ann' }],
};

export const userPatch: ObjectSchema<UserPatch> = {
  type: 'object',
  properties: { fields: { ...FIELDS, minProperties: 1 } },
  required: ['fields'],
  additionalProperties: false,
};

export const userCreate: ObjectSchema<UserCreate> = {
  type: 'object',
  properties: { userId: USER_ID, fields: FIELDS },
  required: ['userId'],
  additionalProperties: false,
};
