/** Checks requests against the schemas of their routes. */
import type { FastifySchemaCompiler } from 'fastify';
import type { Validator } from 'typebox/schema';
import { describeFaults } from './describe-faults.ts';
import type { JsonSchema } from './json-schema.ts';
import { type Fault, Problem } from './problem.ts';

const PARTS: Readonly<Record<string, Fault['in']>> = { body: 'body', querystring: 'query', params: 'path' };

/** Checks requests with TypeBox, which is loaded and compiles each schema when it is used for the first time. */
export interface SchemaChecker {
  /** To be awaited before a request is checked. */
  readonly load: () => Promise<void>;
  /** For Fastify's `setValidatorCompiler`; what it finds is a Problem 400. */
  readonly validatorCompiler: FastifySchemaCompiler<JsonSchema>;
}

/** Loading takes 45 to 90 ms and 5 MB, which a server that nobody administers doesn't spend. */
export function createSchemaChecker(): SchemaChecker {
  let typebox: typeof import('typebox/schema') | undefined;
  return {
    async load() {
      typebox ??= await import('typebox/schema');
    },
    validatorCompiler({ schema, httpPart = 'body' }) {
      const part = PARTS[httpPart] ?? 'body';
      let validator: Validator | undefined;
      return (raw: unknown) => {
        if (!typebox) throw new Error('schemas are checked before load() has ended');
        validator ??= typebox.Compile(schema);
        // Fastify gives null for no body
        const value = part === 'body' ? (raw ?? undefined) : readTexts(raw, schema);
        if (validator.Check(value)) return { value };
        const [, errors] = validator.Errors(value);
        return { error: Problem.ofFaults(400, describeFaults({ part, schema, value, errors })) };
      };
    },
  };
}

const INTEGER = /^-?\d{1,15}$/;

/** Numbers and booleans of a query or a path arrive as text. What doesn't read as one stays text and is refused as such. */
function readTexts(raw: unknown, schema: JsonSchema): unknown {
  const read = Object.entries(raw as Record<string, unknown>).map(([name, text]) => {
    const type = schema.properties?.[name]?.type;
    if (type === 'integer' && typeof text === 'string' && INTEGER.test(text)) return [name, Number(text)];
    if (type === 'boolean' && (text === 'true' || text === 'false')) return [name, text === 'true'];
    return [name, text];
  });
  return Object.fromEntries(read);
}
