import { CALLBACK_COMMANDS, type SuccessRule } from '@portrait/wire';
import { type CircuitAnswer, circuitSchema } from './circuit-answer.ts';
import { type JsonSchema, type ObjectSchema, PRINTABLE_ASCII } from './json-schema.ts';
import { SIGNING_SECRET_TYPE, type SigningSecretType } from './rotation-schemas.ts';
import { listSchema, MOMENT, SDK_APP_ID } from './shared-schemas.ts';
import { type TlsAnswer, type TlsPatch, tlsAnswer, tlsPatch } from './tls-schemas.ts';

/** Body that changes an endpoint: members that are absent stay as they are, those given are replaced whole. */
export interface EndpointPatch {
  readonly url?: string;
  readonly commands?: readonly string[];
  readonly token?: string;
  readonly signingSecrets?: readonly string[];
  readonly timeoutMs?: number;
  readonly success?: SuccessRule;
  readonly maxAttempts?: number;
  readonly concurrency?: number;
  readonly ratePerSecond?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsPatch | null;
  readonly payload?: 'tencent' | 'extended';
  readonly onDead?: 'skip' | 'hold';
  readonly state?: 'active' | 'paused';
}

/** Body that makes an endpoint. */
export interface EndpointCreate extends EndpointPatch {
  readonly url: string;
  readonly signingSecretType?: SigningSecretType;
  readonly startFrom?: string;
}

/** Where an endpoint stands in the path. */
export interface EndpointParams {
  readonly sdkAppId: number;
  readonly endpointId: string;
}

const ENDPOINT_ID: JsonSchema = { type: 'string', maxLength: 64, examples: ['ep_4q8w2n6c0x5v7b1m'] };

export const endpointParams: ObjectSchema<EndpointParams> = {
  type: 'object',
  properties: { sdkAppId: SDK_APP_ID, endpointId: ENDPOINT_ID },
  required: ['sdkAppId', 'endpointId'],
  additionalProperties: false,
};

const COMMANDS: JsonSchema = {
  type: 'array',
  items: { type: 'string', enum: CALLBACK_COMMANDS },
  maxItems: 32,
  uniqueItems: true,
  default: CALLBACK_COMMANDS,
  description: 'Callback commands that go here; the others are skipped.',
};

const PATCH_PROPERTIES: ObjectSchema<EndpointPatch>['properties'] = {
  url: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    description: 'http or https, without user name, password and fragment.',
    examples: ['http://127.0.0.1:9000/cb'],
  },
  commands: COMMANDS,
  token: {
    type: 'string',
    format: 'password',
    maxLength: 128,
    pattern: PRINTABLE_ASCII,
    default: '',
    description: "Token of Tencent's callback authentication; empty = no Sign. Sign covers neither URL nor body.",
  },
  signingSecrets: {
    type: 'array',
    items: { type: 'string', format: 'password', maxLength: 128 },
    minItems: 1,
    maxItems: 5,
    uniqueItems: true,
    description:
      'Standard Webhooks secrets, newest first; each signs. `whsec_` and 24 to 64 bytes, or `whsk_` and an Ed25519 key of 32 (seed) or 64 bytes (with its public key), in Base64. One is made by the server if absent on create. Replacing them ends the overlap of a rotation.',
  },
  timeoutMs: {
    type: 'integer',
    minimum: 100,
    maximum: 30_000,
    default: 2000,
    description: 'Deadline of one attempt, from name look-up to the end of the answer.',
  },
  success: {
    type: 'string',
    enum: ['protocol', 'tencent', 'any-2xx'],
    default: 'protocol',
    description:
      'What counts as delivered. `protocol`: status 200 and JSON with ErrorCode 0 and no other ActionStatus than OK; `tencent`: status 200 and JSON; `any-2xx`: status 200 to 299.',
  },
  maxAttempts: { type: 'integer', minimum: 1, maximum: 50, default: 7, description: 'Then the delivery is dead.' },
  concurrency: {
    type: 'integer',
    minimum: 1,
    maximum: 512,
    default: 64,
    description: 'POSTs at the same time; those of one user never overlap.',
  },
  ratePerSecond: {
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    description: 'Attempts per second; 0 = no limit.',
  },
  headers: {
    type: 'object',
    additionalProperties: { type: 'string', format: 'password', maxLength: 1024, pattern: PRINTABLE_ASCII },
    maxProperties: 20,
    default: {},
    description: "Sent with each callback beside the protocol's own.",
    examples: [{ 'x-tenant': 'blue' }],
  },
  tls: tlsPatch,
  payload: {
    type: 'string',
    enum: ['tencent', 'extended'],
    default: 'tencent',
    description: '`extended` adds EventId, Sequence and PreviousProfileItem to the body.',
  },
  onDead: {
    type: 'string',
    enum: ['skip', 'hold'],
    default: 'skip',
    description: "After the last attempt: `skip` goes on with the user's next change, `hold` waits for a person.",
  },
  state: { type: 'string', enum: ['active', 'paused'], default: 'active', description: '`paused`: callbacks wait.' },
};

export const endpointPatch: ObjectSchema<EndpointPatch> = {
  type: 'object',
  properties: PATCH_PROPERTIES,
  additionalProperties: false,
  examples: [{ timeoutMs: 5000, onDead: 'hold' }],
};

const START_FROM =
  'First event that goes here: `now`, `beginning`, or those since a moment (ISO 8601; UTC if it names no zone).';

export const endpointCreate: ObjectSchema<EndpointCreate> = {
  type: 'object',
  properties: {
    ...PATCH_PROPERTIES,
    signingSecretType: { ...SIGNING_SECRET_TYPE, default: 'hmac-sha256' },
    startFrom: { type: 'string', maxLength: 40, default: 'now', description: START_FROM },
  },
  required: ['url'],
  additionalProperties: false,
  examples: [{ url: 'http://127.0.0.1:9000/cb' }],
};

/** An endpoint as the API shows it. */
export interface EndpointAnswer {
  readonly endpointId: string;
  readonly url: string;
  readonly commands: readonly string[];
  readonly token: string | null;
  readonly previousToken: string | null;
  readonly previousTokenUntil: string | null;
  readonly signingSecrets: readonly string[];
  readonly retiringSecrets: readonly { readonly signingSecret: string; readonly until: string }[];
  readonly verificationKeys: readonly string[];
  readonly timeoutMs: number;
  readonly success: SuccessRule;
  readonly maxAttempts: number;
  readonly concurrency: number;
  readonly ratePerSecond: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsAnswer | null;
  readonly payload: 'tencent' | 'extended';
  readonly onDead: 'skip' | 'hold';
  readonly startFrom: string;
  readonly state: 'active' | 'paused' | 'open';
  /** null while it is active */
  readonly stateReason: string | null;
  readonly circuit: CircuitAnswer;
  readonly createdAt: string;
}

const endpointAnswer: ObjectSchema<EndpointAnswer> = {
  $id: 'Endpoint',
  type: 'object',
  description: "Where an app's callbacks go.",
  properties: {
    endpointId: ENDPOINT_ID,
    ...PATCH_PROPERTIES,
    token: {
      type: ['string', 'null'],
      format: 'password',
      description: 'Empty = none is set. Shown on create, on rotate and with `reveal=true`, else null.',
    },
    previousToken: {
      type: ['string', 'null'],
      format: 'password',
      description:
        'The token before the last rotation, during its overlap. It signs nothing; callbacks under way may still carry it. Shown like `token`.',
    },
    previousTokenUntil: {
      ...MOMENT,
      type: ['string', 'null'],
      description: 'End of that overlap; null = there is none.',
    },
    signingSecrets: {
      type: 'array',
      items: { type: 'string' },
      description:
        'All that sign now, newest first, those of `retiringSecrets` included. Shown on create, on rotate and with `reveal=true`, else prefix, `…` and the last 4 characters of each.',
      examples: [['whsec_…MC4x']],
    },
    retiringSecrets: {
      type: 'array',
      items: {
        type: 'object',
        properties: { signingSecret: { type: 'string' }, until: MOMENT },
        required: ['signingSecret', 'until'],
      },
      description: 'Those of `signingSecrets` that a rotation has replaced, and until when they sign too.',
      examples: [[{ signingSecret: 'whsec_…MC4x', until: '2026-11-24T10:00:00.000Z' }]],
    },
    verificationKeys: {
      type: 'array',
      items: { type: 'string' },
      description:
        'Public keys, `whpk_…`, of the `whsk_…` among `signingSecrets`: what receivers verify with. No secret.',
    },
    tls: tlsAnswer,
    startFrom: { type: 'string', description: START_FROM, examples: ['now'] },
    state: {
      type: 'string',
      enum: ['active', 'paused', 'open'],
      description:
        '`paused`: callbacks wait for a person; `open`: the circuit is not closed, callbacks wait for the endpoint.',
    },
    stateReason: {
      type: ['string', 'null'],
      description:
        'Of a pause `person` or `gone` (it answered 410); of an open circuit the reason of the last failure; else null.',
      examples: ['connect'],
    },
    circuit: circuitSchema,
    createdAt: MOMENT,
  },
  required: [
    'endpointId',
    'url',
    'commands',
    'token',
    'previousToken',
    'previousTokenUntil',
    'signingSecrets',
    'retiringSecrets',
    'verificationKeys',
    'timeoutMs',
    'success',
    'maxAttempts',
    'concurrency',
    'ratePerSecond',
    'headers',
    'tls',
    'payload',
    'onDead',
    'startFrom',
    'state',
    'stateReason',
    'circuit',
    'createdAt',
  ],
  additionalProperties: false,
};

const HEADERS: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } };
const ANSWER_HEADERS: JsonSchema = {
  type: 'object',
  additionalProperties: { type: ['string', 'array'], items: { type: 'string' } },
  description: 'A header that came more than once is a list.',
};

const testExchange: JsonSchema = {
  $id: 'TestExchange',
  type: 'object',
  description: 'The whole exchange of a test.',
  properties: {
    request: {
      type: 'object',
      properties: {
        method: { type: 'string', examples: ['POST'] },
        url: { type: 'string' },
        headers: HEADERS,
        body: { type: 'string' },
      },
      required: ['method', 'url', 'headers', 'body'],
    },
    answer: {
      type: 'object',
      description: 'Absent if none came.',
      properties: { status: { type: 'integer', examples: [200] }, headers: ANSWER_HEADERS, body: { type: 'string' } },
      required: ['status', 'headers', 'body'],
    },
    outcome: { type: 'string', enum: ['delivered', 'failed'] },
    reason: { type: 'string', description: 'Named reason of a failure.', examples: ['timeout'] },
    detail: { type: 'string', description: 'What was seen.' },
    stage: { $ref: 'Stage#' },
    durationMs: { type: 'number', examples: [3.1] },
    timings: { $ref: 'Timings#' },
  },
  required: ['request', 'outcome', 'durationMs'],
};

/** Named schemas of this resource. */
export const endpointSchemas: readonly JsonSchema[] = [
  endpointAnswer,
  listSchema('EndpointList', 'Endpoint'),
  testExchange,
];
