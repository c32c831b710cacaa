import type { FastifyInstance } from 'fastify';

/** Where the OpenAPI document is read. */
export const OPENAPI_PATH = '/admin/v1/openapi.json';
/** Where the page is that shows it. */
export const DOCS_PATH = '/admin/docs';

/** What is described. */
export interface Description {
  /** Portrait's version */
  readonly version: string;
  /** adds the named schemas and the routes */
  readonly addApi: (server: FastifyInstance) => void;
}
