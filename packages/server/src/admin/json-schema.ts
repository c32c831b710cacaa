/**
 * Schemas of the admin API: plain JSON Schema literals. They serve both the check of a request (check-schema.ts) and the
 * OpenAPI document, and cost nothing at start; building the same with TypeBox's functions took 80 ms and 9 MB there.
 */

type TypeName = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';

/** The part of JSON Schema 2020-12 that is used here. */
export interface JsonSchema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly type?: TypeName | readonly TypeName[];
  readonly enum?: readonly (string | number | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** `password` marks a secret: its value is never shown in an error */
  readonly format?: 'password' | 'date-time' | 'uri-reference';
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

/** Pattern of text that can stand in an HTTP header; the only one that is used. */
export const PRINTABLE_ASCII = '^[ -~]*$';

type RequiredKey<T> = { [K in keyof T & string]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T &
  string];

/** Schema of an object that arrives as a `T`: every member described, no others allowed. */
export interface ObjectSchema<T> extends JsonSchema {
  readonly type: 'object';
  readonly properties: { readonly [K in keyof T & string]-?: JsonSchema };
  readonly required?: readonly RequiredKey<T>[];
  readonly additionalProperties: false;
}
