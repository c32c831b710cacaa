/** Says in words what a schema expected and what came. */
import { describeValue } from '@portrait/wire';
import type { TLocalizedValidationError } from 'typebox/error';
import { type JsonSchema, PRINTABLE_ASCII } from './json-schema.ts';
import type { Fault } from './problem.ts';

/**
 * @param value   what was checked
 * @param errors  TypeBox's findings
 * @returns one fault per member, in the order of the findings; values under `format: password` are not shown
 */
export function describeFaults(found: {
  readonly part: Fault['in'];
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly errors: readonly TLocalizedValidationError[];
}): readonly Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of found.errors) {
    const schema = follow(found.schema, error.schemaPath.slice(1)) as JsonSchema;
    for (const [path, detail] of describe(error, schema, found.value)) {
      const pointer = `#${path}`;
      if (!faults.has(pointer)) faults.set(pointer, { in: found.part, pointer, detail });
    }
  }
  return [...faults.values()];
}

function describe(
  error: TLocalizedValidationError,
  schema: JsonSchema,
  root: unknown,
): [path: string, detail: string][] {
  const path = error.instancePath;
  switch (error.keyword) {
    // the finding for the object that holds it says more
    case 'boolean':
      return [];
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => [`${path}/${escapeToken(name)}`, unknownMember(schema)]);
    case 'required':
      return error.params.requiredProperties.map((name) => [
        `${path}/${escapeToken(name)}`,
        `is required, expected ${expectation(schema.properties?.[name] ?? {})}`,
      ]);
    default:
      return [[path, `expected ${expectation(schema)}, got ${describeAt(root, path, schema)}`]];
  }
}

function describeAt(root: unknown, path: string, schema: JsonSchema): string {
  const value = follow(root, path);
  return isSecret(schema) ? describeSecret(value) : describeValue(value);
}

function unknownMember({ properties = {} }: JsonSchema): string {
  const known = Object.keys(properties);
  return known.length === 0 ? 'is not known here' : `is not known here, expected one of ${known.join(', ')}`;
}

function expectation(schema: JsonSchema): string {
  if (schema.enum) return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  const { type } = schema;
  if (typeof type === 'object')
    return type.map((one) => (one === 'null' ? one : expectation({ ...schema, type: one }))).join(' or ');
  switch (type) {
    case 'integer':
      return `an integer${rangeOf(schema.minimum, schema.maximum)}`;
    case 'string': {
      const kind = schema.pattern === PRINTABLE_ASCII ? 'printable ASCII characters' : 'characters';
      const length = lengthOf(schema.minLength, schema.maxLength);
      return length ? `a string of ${length} ${kind}` : 'a string';
    }
    case 'array': {
      const length = lengthOf(schema.minItems, schema.maxItems);
      return `a list${length && ` of ${length} items`}${schema.uniqueItems ? ', no two alike' : ''}`;
    }
    case 'boolean':
      return 'true or false';
    default:
      return schema.maxProperties === undefined
        ? 'a JSON object'
        : `an object of at most ${schema.maxProperties} members`;
  }
}

function rangeOf(from: number | undefined, to: number | undefined): string {
  if (from === undefined) return '';
  return to === undefined ? ` of at least ${from}` : ` from ${from} to ${to}`;
}

function lengthOf(least: number | undefined, most: number | undefined): string {
  if (most === undefined) return least === undefined ? '' : `at least ${least}`;
  return least === undefined ? `at most ${most}` : `${least} to ${most}`;
}

function isSecret(schema: JsonSchema): boolean {
  return schema.format === 'password' || (schema.items !== undefined && isSecret(schema.items));
}

/** A secret shows only its kind and length. */
function describeSecret(value: unknown): string {
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  return value === null || typeof value === 'object' ? describeValue(value) : `a ${typeof value}`;
}

/** @param pointer  JSON Pointer, empty = the value itself */
function follow(value: unknown, pointer: string): unknown {
  const tokens = pointer.split('/').slice(1);
  return tokens.reduce<unknown>(
    (at, token) => (at as Record<string, unknown> | undefined)?.[unescapeToken(token)],
    value,
  );
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
