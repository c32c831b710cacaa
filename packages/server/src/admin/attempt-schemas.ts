import { STAGES } from '../storage/store.ts';
import type { JsonSchema } from './json-schema.ts';
import { MOMENT } from './shared-schemas.ts';

const HEADERS: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } };
const MS: JsonSchema = { type: 'number', examples: [1.2] };

const stage: JsonSchema = {
  $id: 'Stage',
  type: 'string',
  enum: STAGES,
  description:
    'How far it got, if no whole answer came: `dns`, `connect` and `tls` on the way to a connection, `send` while the request was sent, `answer` until its first byte, `body` from then on.',
};

const timings: JsonSchema = {
  $id: 'Timings',
  type: 'object',
  description: 'How long the parts took, in milliseconds. Those that did not happen, or did not end, are absent.',
  properties: {
    reusedConnection: { type: 'boolean', description: 'An earlier callback made the connection.' },
    dnsMs: MS,
    connectMs: MS,
    tlsMs: MS,
    firstByteMs: { ...MS, description: 'From the request being written to the first byte of the answer.' },
    bodyMs: { ...MS, description: 'From there to its last byte.' },
  },
  required: ['reusedConnection'],
};

const request: JsonSchema = {
  type: 'object',
  description: 'What was sent. Only when one delivery is shown.',
  properties: {
    method: { type: 'string', examples: ['POST'] },
    url: { type: 'string' },
    headers: { ...HEADERS, description: 'Values of secret headers are `***`.' },
    body: { type: 'string', description: "The event's, in the endpoint's payload of now." },
    rebuilt: {
      type: 'boolean',
      description:
        "true: URL and headers were not kept, since it was delivered, but made from the attempt's time and the endpoint's settings of now.",
    },
  },
  required: ['method', 'url', 'headers', 'body', 'rebuilt'],
};

const attempt: JsonSchema = {
  $id: 'Attempt',
  type: 'object',
  description: 'One POST.',
  properties: {
    number: { type: 'integer', minimum: 1, description: '1, 2, 3 … of this delivery.' },
    at: MOMENT,
    outcome: {
      type: 'string',
      enum: ['delivered', 'failed', 'dead'],
      description: '`dead`: failed, and it was the last one.',
    },
    reason: { type: 'string', description: 'Named reason of a failure.', examples: ['status'] },
    status: { type: 'integer', description: 'HTTP status of the answer.', examples: [500] },
    stage: { $ref: 'Stage#' },
    durationMs: { type: 'number', examples: [3.1] },
    timings: { $ref: 'Timings#' },
    detail: { type: 'string', description: 'What was seen.' },
    request,
    answerHeaders: {
      ...HEADERS,
      description: 'The first 4 KiB, of failures. Only when one delivery is shown.',
    },
    answer: { type: 'string', description: 'The first 4 KiB of the answer. Only when one delivery is shown.' },
  },
  required: ['number', 'at', 'outcome', 'durationMs'],
};

/** Named schemas of what one POST came to. */
export const attemptSchemas: readonly JsonSchema[] = [stage, timings, attempt];
