import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { MOMENT } from './shared-schemas.ts';

/** Change of an endpoint's `tls`: members that are absent stay as they are, null takes one away. */
export interface TlsPatch {
  readonly ca?: string | null;
  readonly cert?: string | null;
  readonly key?: string | null;
}

/** An endpoint's `tls` as the API shows it. */
export interface TlsAnswer {
  readonly ca: string | null;
  readonly cert: string | null;
  /** null also where it is not revealed */
  readonly key: string | null;
  /** end of the first client certificate or of the last authority */
  readonly expiresAt: string | null;
}

const CA =
  "Authorities that may have signed the receiver's certificate, in PEM, in place of the public ones. Without it the public ones.";
const CERT = 'Client certificate to show, in PEM, with its chain behind it. Comes with `key`.';
const KEY = 'Private key of `cert`, in PEM, without a passphrase.';

// together they fit into a body of 64 KiB
const PROPERTIES: ObjectSchema<TlsPatch>['properties'] = {
  ca: { type: ['string', 'null'], maxLength: 32_768, description: CA },
  cert: { type: ['string', 'null'], maxLength: 16_384, description: CERT },
  key: { type: ['string', 'null'], format: 'password', maxLength: 8_192, description: KEY },
};

const TLS = 'For receivers that want a client certificate or have one of an own authority; with an https URL only.';

export const tlsPatch: Omit<ObjectSchema<TlsPatch>, 'type'> & JsonSchema = {
  type: ['object', 'null'],
  // who gives a text here may have given the key
  format: 'password',
  properties: PROPERTIES,
  additionalProperties: false,
  description: `${TLS} Members that are absent stay as they are, null takes one away, or the whole.`,
};

export const tlsAnswer: Omit<ObjectSchema<TlsAnswer>, 'type'> & JsonSchema = {
  type: ['object', 'null'],
  properties: {
    ...PROPERTIES,
    key: { type: ['string', 'null'], format: 'password', description: `${KEY} Shown with \`reveal=true\`, else null.` },
    expiresAt: {
      ...MOMENT,
      type: ['string', 'null'],
      description: 'When the first certificate of `cert` or the last of `ca` ends.',
    },
  },
  required: ['ca', 'cert', 'key', 'expiresAt'],
  additionalProperties: false,
  description: `${TLS} null = none.`,
};
