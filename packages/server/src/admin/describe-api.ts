/** The OpenAPI document of the admin API, and the page that shows it. */
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { emptyQuery } from './shared-schemas.ts';

/** Where the document is read. */
export const OPENAPI_PATH = '/admin/v1/openapi.json';
/** Where the page is. */
export const DOCS_PATH = '/admin/docs';

const DESCRIPTION = `Apps, endpoints, deliveries and users of a Portrait server.

Times are ISO 8601 in UTC. Unknown members and parameters are refused. Lists give \`items\` and \`nextCursor\`, which
leads to the next page and is null on the last. Errors are problem documents as in RFC 9457.`;

const getDocument = {
  operationId: 'getOpenApi',
  tags: ['Description'],
  summary: 'Describe this API',
  description: 'OpenAPI 3.1. Needs no token.',
  security: [],
  querystring: emptyQuery,
  response: {
    200: {
      description: 'This document.',
      content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
    },
  },
};

/** Collects the routes that are added to `server` from now on, and serves their description without asking for a token. */
export async function describeApi(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Portrait admin API',
        version,
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This server.' }],
      tags: [
        { name: 'Apps', description: "Customers' apps." },
        { name: 'Endpoints', description: "Where an app's callbacks go." },
        { name: 'Deliveries', description: 'Which callback went where, and how it stands.' },
        { name: 'Users', description: 'Profiles, sessions and last deliveries.' },
        { name: 'Description', description: 'This document.' },
      ],
      components: {
        securitySchemes: {
          adminToken: { type: 'http', scheme: 'bearer', description: 'The admin token of this server.' },
        },
      },
      security: [{ adminToken: [] }],
    },
    stripBasePath: false,
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
  });
  server.get(OPENAPI_PATH, { schema: getDocument }, async () => server.swagger());
  await server.register(docsPage);
}

/** Everything the page needs comes from this server; the page may speak to it alone. */
async function docsPage(server: FastifyInstance): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        // Swagger UI writes style attributes
        styleSrc: ["'self'"],
      },
    },
    // whether the name is served by https alone is the operator's to say
    hsts: false,
  });
  await server.register(swaggerUi, {
    routePrefix: DOCS_PATH,
    theme: { title: 'Portrait admin API' },
    // without the bar on top, which asks for the address of another document
    uiConfig: { layout: 'BaseLayout', deepLinking: true, docExpansion: 'list', persistAuthorization: false },
  });
}
