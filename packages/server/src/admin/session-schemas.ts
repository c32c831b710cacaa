import type { AdminRole } from './access/role.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { MOMENT } from './shared-schemas.ts';

/** Body that opens a session. */
export interface SessionCreate {
  readonly token: string;
}

/** A session as the API shows it. */
export interface SessionInfoAnswer {
  readonly role: AdminRole;
  readonly expiresAt: string | null;
  readonly version: string;
  readonly webSdkUrl: string | null;
}

export const sessionCreate: ObjectSchema<SessionCreate> = {
  type: 'object',
  properties: {
    token: {
      type: 'string',
      format: 'password',
      minLength: 1,
      maxLength: 200,
      description: 'The admin token, or the viewer token.',
    },
  },
  required: ['token'],
  additionalProperties: false,
};

const session: ObjectSchema<SessionInfoAnswer> = {
  $id: 'ConsoleSession',
  type: 'object',
  description: 'What the caller may do, and what the console needs to know of the server.',
  properties: {
    role: { type: 'string', enum: ['admin', 'viewer'], description: '`viewer`: reads, and sees no secrets.' },
    expiresAt: { ...MOMENT, type: ['string', 'null'], description: 'End of the session; null for a bearer token.' },
    version: { type: 'string', examples: ['0.1.0'] },
    webSdkUrl: {
      type: ['string', 'null'],
      description: 'Script of the Web SDK that the playground may load; null = none is configured.',
    },
  },
  required: ['role', 'expiresAt', 'version', 'webSdkUrl'],
  additionalProperties: false,
};

/** Named schemas of this resource. */
export const sessionSchemas: readonly JsonSchema[] = [session];
