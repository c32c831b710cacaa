import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDescription } from '../../src/admin/create-description.ts';
import { startAdmin } from './support.ts';

type Json = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Json;
  }[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Record<string, { readonly description: string; readonly content?: Json }>;
}

interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json>; readonly securitySchemes: Json };
  readonly security: unknown;
}

const ROUTES = [
  'get /admin/v1/apps',
  'post /admin/v1/apps',
  'get /admin/v1/apps/{sdkAppId}',
  'patch /admin/v1/apps/{sdkAppId}',
  'delete /admin/v1/apps/{sdkAppId}',
  'get /admin/v1/apps/{sdkAppId}/endpoints',
  'post /admin/v1/apps/{sdkAppId}/endpoints',
  'get /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}',
  'patch /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}',
  'delete /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}',
  'post /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/test',
  'post /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/pause',
  'post /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/resume',
  'post /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/rotate',
  'get /admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/events',
  'get /admin/v1/apps/{sdkAppId}/deliveries',
  'get /admin/v1/apps/{sdkAppId}/deliveries/{deliveryId}',
  'post /admin/v1/apps/{sdkAppId}/deliveries/{deliveryId}/redeliver',
  'post /admin/v1/apps/{sdkAppId}/replay',
  'get /admin/v1/apps/{sdkAppId}/replays',
  'get /admin/v1/apps/{sdkAppId}/replays/{jobId}',
  'post /admin/v1/apps/{sdkAppId}/replays/{jobId}/cancel',
  'get /admin/v1/apps/{sdkAppId}/changes',
  'get /admin/v1/apps/{sdkAppId}/events/{eventId}',
  'get /admin/v1/apps/{sdkAppId}/users',
  'get /admin/v1/apps/{sdkAppId}/users/{userId}',
  'post /admin/v1/apps/{sdkAppId}/endpoints/try',
  'get /admin/v1/apps/{sdkAppId}/deliveries/live',
  'get /admin/v1/apps/{sdkAppId}/stats',
  'post /admin/v1/apps/{sdkAppId}/users',
  'patch /admin/v1/apps/{sdkAppId}/users/{userId}',
  'delete /admin/v1/apps/{sdkAppId}/users/{userId}',
  'post /admin/v1/apps/{sdkAppId}/users/{userId}/kick',
  'post /admin/v1/apps/{sdkAppId}/usersig',
  'post /admin/v1/apps/{sdkAppId}/usersig/verify',
  'get /admin/v1/session',
  'post /admin/v1/session',
  'delete /admin/v1/session',
  'get /admin/v1/openapi.json',
];

function operationsOf({ paths }: Document): readonly [route: string, Operation][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
}

/** Every object below a value, itself included. */
function* objectsIn(value: unknown): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

describe('admin API: its description', () => {
  it('is an OpenAPI 3.1 document of all routes, and needs no token', async (t) => {
    const { server } = await startAdmin(t);
    const response = await server.inject('/admin/v1/openapi.json');
    assert.equal(response.statusCode, 200);
    assert.match(String(response.headers['content-type']), /^application\/json/);
    const document = response.json<Document>();
    assert.equal(document.openapi, '3.1.0');
    assert.deepEqual([document.info.title, document.info.version], ['Portrait admin API', '1.2.3']);
    assert.deepEqual(document.security, [{ adminToken: [] }]);
    const { adminToken } = document.components.securitySchemes as { adminToken: Json };
    assert.deepEqual([adminToken.type, adminToken.scheme], ['http', 'bearer']);
    assert.deepEqual(
      operationsOf(document)
        .map(([route]) => route)
        .sort(),
      [...ROUTES].sort(),
    );
  });

  it('gives each operation an id, a tag, words, parameters and answers', async (t) => {
    const { server } = await startAdmin(t);
    const document = (await server.inject('/admin/v1/openapi.json')).json<Document>();
    const tags = document.tags.map(({ name }) => name);
    const ids = new Set<string>();
    for (const [route, operation] of operationsOf(document)) {
      ids.add(operation.operationId);
      assert.ok(operation.summary.length > 0 && operation.tags.every((tag) => tags.includes(tag)), route);
      const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        described.map(({ name, required }) => [name, required]),
        inPath.map((name) => [name, true]),
        route,
      );
      const takesBody = /^(patch|post (?!.*\/(test|pause|resume|redeliver|cancel|kick)$))/.test(route);
      assert.equal(operation.requestBody !== undefined, takesBody, route);
      for (const { description } of Object.values(operation.responses)) assert.ok(description.length > 0, route);
      if (operation.operationId === 'getOpenApi') {
        assert.deepEqual(operation.security, []);
        continue;
      }
      const statuses = Object.keys(operation.responses);
      for (const status of ['400', '401', '503']) assert.ok(statuses.includes(status), route);
      const successes = statuses.filter((status) => status.startsWith('2'));
      // a dry run, or a job
      assert.equal(successes.length, operation.operationId === 'replayDeliveries' ? 2 : 1, route);
      const { content } = operation.responses['400'] ?? assert.fail();
      assert.deepEqual(content, { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } });
    }
    assert.equal(ids.size, ROUTES.length);
  });

  it('refers to nothing that is not there', async (t) => {
    const { server } = await startAdmin(t);
    const document = (await server.inject('/admin/v1/openapi.json')).json<Document>();
    const names = new Set<string>();
    for (const { $ref } of objectsIn(document)) if (typeof $ref === 'string') names.add($ref);
    assert.ok(names.size >= 10);
    for (const name of names) {
      const [, schema] = /^#\/components\/schemas\/(\w+)$/.exec(name) ?? assert.fail(name);
      assert.ok(document.components.schemas[schema ?? ''], name);
    }
  });

  it('describes what the API answers', async (t) => {
    const { server, call } = await startAdmin(t);
    const { schemas } = (await server.inject('/admin/v1/openapi.json')).json<Document>().components;
    const app = (await call('POST', '/apps', { name: 'a' })).body;
    const endpoint = (await call('POST', `/apps/${app.sdkAppId}/endpoints`, { url: 'http://127.0.0.1/' })).body;
    assert.deepEqual(Object.keys(schemas.App?.properties ?? {}), Object.keys(app));
    assert.deepEqual(Object.keys(schemas.Endpoint?.properties ?? {}).sort(), Object.keys(endpoint).sort());
  });

  it('is read at /admin/docs, from this server alone', async (t) => {
    const { server } = await startAdmin(t);
    const page = await server.inject('/admin/docs');
    assert.equal(page.statusCode, 200);
    assert.match(String(page.headers['content-type']), /^text\/html/);
    assert.match(page.body, /<title>Portrait admin API<\/title>/);
    assert.doesNotMatch(page.body, /<script>|\son\w+=|style=|https?:/, 'nothing inline, nothing from elsewhere');
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    assert.ok(assets.length >= 5);
    for (const path of [...assets, '/admin/docs/json', '/admin/docs/']) {
      assert.ok(path.startsWith('/admin/docs/'), path);
      const asset = await server.inject(path);
      assert.equal(asset.statusCode, 200, path);
      assert.ok(asset.rawPayload.length > 0, path);
    }
    assert.equal((await server.inject('/admin/docs/static/nothing.js')).statusCode, 404);
    const policy = String(page.headers['content-security-policy']).split(';');
    assert.ok(policy.includes("default-src 'none'") && policy.includes("script-src 'self'"));
    assert.ok(policy.includes("connect-src 'self'"));
    assert.doesNotMatch(policy.join(), /unsafe|https?:|\*/);
    assert.equal(page.headers['strict-transport-security'], undefined);
  });

  it('opens no second way to the resources', async (t) => {
    const { server } = await startAdmin(t);
    await server.inject('/admin/docs');
    assert.equal((await server.inject('/admin/v1/apps')).statusCode, 401);
    assert.equal((await server.inject('/admin/docs/../v1/apps')).statusCode, 401);
    assert.equal((await server.inject('/admin/docs/%2e%2e/v1/apps')).statusCode, 401);
    const description = await createDescription({
      version: '1',
      addApi: (made) => void made.get('/admin/v1/apps', () => 'open'),
    });
    t.after(() => description.close());
    assert.equal((await description.inject('/admin/v1/apps')).statusCode, 404);
    assert.equal((await server.inject('/admin/docs/static/..%2f..%2f..%2fpackage.json')).statusCode, 404);
  });
});
