/** The OpenAPI document of the admin API, and the page that shows it. */
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, fastify } from 'fastify';
import { type Description, DOCS_PATH, OPENAPI_PATH } from './description.ts';
import { emptyQuery } from './shared-schemas.ts';

const INTRODUCTION = `Apps, endpoints, deliveries and users of a Portrait server.

Times are ISO 8601 in UTC. Unknown members and parameters are refused. Lists give \`items\` and \`nextCursor\`, which
leads to the next page and is null on the last. Errors are problem documents as in RFC 9457.`;

const TAGS = [
  { name: 'Apps', description: "Customers' apps." },
  { name: 'Endpoints', description: "Where an app's callbacks go." },
  { name: 'Deliveries', description: 'Which callback went where, and how it stands.' },
  { name: 'Replays', description: 'Deliveries of a time, sent again.' },
  { name: 'Changes', description: 'Every change of a profile in order: read in pages, or followed.' },
  { name: 'Users', description: 'Profiles, sessions and last deliveries.' },
  { name: 'UserSigs', description: 'What users log in with: made, and looked into.' },
  { name: 'Stats', description: 'How an app does over time.' },
  { name: 'Sessions', description: 'Signing in to the console.' },
  { name: 'Description', description: 'This document.' },
];

const getOpenApi = {
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

/** @returns an instance that is ready; of what it describes, it serves nothing but the description */
export async function createDescription({ version, addApi }: Description): Promise<FastifyInstance> {
  const server = fastify();
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => JSON.stringify);
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Portrait admin API', version, description: INTRODUCTION },
      servers: [{ url: '/', description: 'This server.' }],
      tags: TAGS,
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
  await server.register(async (described) => {
    // here the routes are described and not served: no token is asked for
    described.addHook('onRequest', async (_request, reply) => reply.callNotFound());
    addApi(described);
  });
  server.get(OPENAPI_PATH, { schema: getOpenApi }, async () => server.swagger());
  await server.register(addDocsPage);
  await server.ready();
  return server;
}

/** Everything the page needs comes from this server, and the page may speak to it alone. */
async function addDocsPage(server: FastifyInstance): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
      },
    },
    // whether this name is served by https alone is the operator's to say
    hsts: false,
  });
  await server.register(swaggerUi, {
    routePrefix: DOCS_PATH,
    theme: { title: 'Portrait admin API' },
    // without the bar on top, which asks for the address of another document
    uiConfig: { layout: 'BaseLayout', deepLinking: true, docExpansion: 'list', persistAuthorization: false },
  });
}
