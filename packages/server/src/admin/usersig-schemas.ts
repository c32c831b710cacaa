import { USER_ID } from './app-schemas.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { MOMENT, SDK_APP_ID } from './shared-schemas.ts';

/** Longest life of a UserSig that is made here: 50 years. */
const MAX_EXPIRE_SECONDS = 50 * 365 * 86_400;
export const DEFAULT_EXPIRE_SECONDS: number = 180 * 86_400;

/** Body that makes a UserSig. */
export interface UserSigCreate {
  readonly userId: string;
  readonly expireSeconds?: number;
}

/** Body that has a UserSig looked into. */
export interface UserSigCheck {
  readonly userSig: string;
  readonly userId?: string;
}

export interface UserSigAnswer {
  readonly userId: string;
  readonly userSig: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** What a UserSig says, true or not. */
export interface UserSigClaims {
  readonly userId: string;
  readonly sdkAppId: number;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

export interface UserSigVerdict {
  readonly isValid: boolean;
  /** ErrorCode that a client would get, 0 = none */
  readonly code: number;
  readonly detail?: string;
  readonly claims?: UserSigClaims;
}

export const userSigCreate: ObjectSchema<UserSigCreate> = {
  type: 'object',
  properties: {
    userId: USER_ID,
    expireSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_EXPIRE_SECONDS,
      default: DEFAULT_EXPIRE_SECONDS,
      description: 'How long it is valid.',
    },
  },
  required: ['userId'],
  additionalProperties: false,
};

export const userSigCheck: ObjectSchema<UserSigCheck> = {
  type: 'object',
  properties: {
    userSig: { type: 'string', format: 'password', minLength: 1, maxLength: 8_192 },
    userId: { ...USER_ID, description: 'Who logs in with it; by default the user that it names.' },
  },
  required: ['userSig'],
  additionalProperties: false,
};

const answer: ObjectSchema<UserSigAnswer> = {
  $id: 'UserSig',
  type: 'object',
  description: 'What a user logs in with.',
  properties: { userId: USER_ID, userSig: { type: 'string' }, issuedAt: MOMENT, expiresAt: MOMENT },
  required: ['userId', 'userSig', 'issuedAt', 'expiresAt'],
  additionalProperties: false,
};

const claims: ObjectSchema<UserSigClaims> = {
  type: 'object',
  description: 'What it says, true or not. Absent if it can not be read.',
  properties: { userId: { type: 'string' }, sdkAppId: SDK_APP_ID, issuedAt: MOMENT, expiresAt: MOMENT },
  required: ['userId', 'sdkAppId', 'issuedAt', 'expiresAt'],
  additionalProperties: false,
};

const verdict: ObjectSchema<UserSigVerdict> = {
  $id: 'UserSigVerdict',
  type: 'object',
  description: 'Whether a UserSig lets its user in, and if not, why.',
  properties: {
    isValid: { type: 'boolean' },
    code: { type: 'integer', description: 'ErrorCode that a client would get; 0 = none.', examples: [70001] },
    detail: { type: 'string', description: 'What is wrong.' },
    claims,
  },
  required: ['isValid', 'code'],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const userSigSchemas: readonly JsonSchema[] = [answer, verdict];
