import type { JsonSchema, ObjectSchema } from './json-schema.ts';

/** Kind of a signing secret that the server makes. */
export type SigningSecretType = 'hmac-sha256' | 'ed25519';

/** Body that gives an endpoint a new token or a new signing secret. */
export interface Rotation {
  readonly what: 'token' | 'signingSecret';
  readonly overlapSeconds?: number;
  readonly type?: SigningSecretType;
}

/** 30 days. */
const MAX_OVERLAP_SECONDS = 2_592_000;
export const DEFAULT_OVERLAP_SECONDS = 86_400;

const SECRET_TYPES: readonly SigningSecretType[] = ['hmac-sha256', 'ed25519'];

export const SIGNING_SECRET_TYPE: JsonSchema = {
  type: 'string',
  enum: SECRET_TYPES,
  description:
    'Kind of the signing secret to make: `hmac-sha256` (whsec_…, signs v1) or `ed25519` (whsk_…, signs v1a; receivers need the public key only).',
};

export const rotation: ObjectSchema<Rotation> = {
  type: 'object',
  properties: {
    what: { type: 'string', enum: ['token', 'signingSecret'], description: 'What gets a successor.' },
    overlapSeconds: {
      type: 'integer',
      minimum: 0,
      maximum: MAX_OVERLAP_SECONDS,
      default: DEFAULT_OVERLAP_SECONDS,
      description:
        'How long the old one stays live; 0 = it ends at once. Old signing secrets sign beside the new one; of two tokens the new one signs, and the old one is shown as previousToken.',
    },
    type: {
      ...SIGNING_SECRET_TYPE,
      description: `${SIGNING_SECRET_TYPE.description} Default: that of the newest one.`,
    },
  },
  required: ['what'],
  additionalProperties: false,
  examples: [{ what: 'signingSecret', overlapSeconds: 86_400 }],
};
