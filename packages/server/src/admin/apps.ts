/** `/apps`: customers' apps. */
import type { FastifyInstance } from 'fastify';
import type { Directory } from '../directory.ts';
import { StoreError } from '../errors.ts';
import type { App, LaneTail } from '../storage/store.ts';
import { makeApp, patchApp } from './app-rules.ts';
import { type AppAnswer, type AppCreate, type AppPatch, appCreate, appPatch } from './app-schemas.ts';
import { DEFAULT_LIMIT, listAnswer, pageOf, parseCursor } from './cursor.ts';
import type { ObjectSchema } from './json-schema.ts';
import { formatMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import {
  type AppParams,
  appParams,
  emptyQuery,
  PAGE,
  type PageQuery,
  REVEAL,
  type RevealQuery,
  responses,
  revealQuery,
} from './shared-schemas.ts';

const FIRST_SDK_APP_ID = 1_400_000_001;

type ListQuery = PageQuery & RevealQuery;

const listQuery: ObjectSchema<ListQuery> = {
  type: 'object',
  properties: { ...PAGE, reveal: REVEAL },
  additionalProperties: false,
};

const listApps = {
  operationId: 'listApps',
  tags: ['Apps'],
  summary: 'List apps',
  description: 'By SDKAppID.',
  querystring: listQuery,
  response: responses({ status: 200, description: 'A page of apps.', body: 'AppList' }),
};

const createApp = {
  operationId: 'createApp',
  tags: ['Apps'],
  summary: 'Make an app',
  description: 'What is absent takes its default. The answer shows the secret key.',
  querystring: emptyQuery,
  body: appCreate,
  response: responses({ status: 201, description: 'The app.', body: 'App', problems: [409, 413, 415] }),
};

const getApp = {
  operationId: 'getApp',
  tags: ['Apps'],
  summary: 'Show an app',
  params: appParams,
  querystring: revealQuery,
  response: responses({ status: 200, description: 'The app.', body: 'App', problems: [404] }),
};

const updateApp = {
  operationId: 'updateApp',
  tags: ['Apps'],
  summary: 'Change an app',
  description: 'Members that are absent stay as they are; those given are replaced whole.',
  params: appParams,
  querystring: revealQuery,
  body: appPatch,
  response: responses({ status: 200, description: 'The app.', body: 'App', problems: [404, 409, 413, 415] }),
};

const deleteApp = {
  operationId: 'deleteApp',
  tags: ['Apps'],
  summary: 'Remove an app',
  description: 'Removes its endpoints, profiles and events too. What is pending is not delivered any more.',
  params: appParams,
  querystring: emptyQuery,
  response: responses({ status: 204, description: 'It is removed.', problems: [404] }),
};

/** Adds the routes of this resource. */
export function addAppRoutes(api: FastifyInstance, { directory, store, clock, inTurn }: AdminContext): void {
  const showApp = async (app: App, reveal?: boolean): Promise<AppAnswer> =>
    formatApp(app, { reveal, tails: await store.readTails(app.sdkAppId) });

  api.get<{ Querystring: ListQuery }>('/apps', { schema: listApps }, async ({ query }) => {
    const { limit = DEFAULT_LIMIT, reveal = false } = query;
    const page = pageOf(directory.apps(), keyOfApp, { limit, after: parseCursor('apps', query.cursor) });
    const shown = new Map(await Promise.all(page.items.map(async (app) => [app, await showApp(app, reveal)] as const)));
    return listAnswer('apps', page, (app) => shown.get(app));
  });

  api.post<{ Body: AppCreate }>('/apps', { schema: createApp }, async ({ body }, reply) => {
    const app = await inTurn(() => storeApp(directory, body, clock.now()));
    return reply
      .code(201)
      .header('location', `${api.prefix}/apps/${app.sdkAppId}`)
      .send(await showApp(app, true));
  });

  api.get<{ Params: AppParams; Querystring: RevealQuery }>(
    '/apps/:sdkAppId',
    { schema: getApp },
    async ({ params, query }) => showApp(findApp(directory, params.sdkAppId), query.reveal),
  );

  api.patch<{ Params: AppParams; Querystring: RevealQuery; Body: AppPatch }>(
    '/apps/:sdkAppId',
    { schema: updateApp },
    async ({ params, query, body }) =>
      inTurn(async () => {
        const app = patchApp(findApp(directory, params.sdkAppId), body);
        await directory.updateApp(app);
        return showApp(app, query.reveal);
      }),
  );

  api.delete<{ Params: AppParams }>('/apps/:sdkAppId', { schema: deleteApp }, async ({ params }, reply) => {
    await inTurn(async () => {
      findApp(directory, params.sdkAppId);
      await directory.deleteApp(params.sdkAppId);
    });
    return reply.code(204).send();
  });
}

/** @throws Problem 404 */
export function findApp(directory: Directory, sdkAppId: number): App {
  const app = directory.app(sdkAppId);
  if (!app) throw Problem.notFound(`app ${sdkAppId}`);
  return app;
}

/** Where the server picks the SDKAppID, one that another process took meanwhile is passed over. */
async function storeApp(directory: Directory, body: AppCreate, nowMs: number): Promise<App> {
  const { sdkAppId } = body;
  if (sdkAppId !== undefined) {
    const app = makeApp({ ...body, sdkAppId }, nowMs);
    return (await isStored(directory, app)) ? app : refuseTaken(sdkAppId);
  }
  for (let next = FIRST_SDK_APP_ID; ; next += 1) {
    if (directory.app(next)) continue;
    const app = makeApp({ ...body, sdkAppId: next }, nowMs);
    if (await isStored(directory, app)) return app;
  }
}

/** @returns false if the SDKAppID is taken */
async function isStored(directory: Directory, app: App): Promise<boolean> {
  try {
    await directory.createApp(app);
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'exists') return false;
    throw error;
  }
}

function refuseTaken(sdkAppId: number): never {
  throw Problem.ofFaults(409, [{ in: 'body', pointer: '#/sdkAppId', detail: `there is an app ${sdkAppId} already` }]);
}

function keyOfApp({ sdkAppId }: App): string {
  return String(sdkAppId).padStart(10, '0');
}

function formatApp(
  app: App,
  { reveal = false, tails }: { readonly reveal: boolean | undefined; readonly tails: readonly LaneTail[] },
): AppAnswer {
  return {
    sdkAppId: app.sdkAppId,
    name: app.name,
    secretKey: reveal ? app.secretKey : null,
    administrators: app.administrators,
    customFields: app.customFields,
    userWritableFields: app.userWritableFields,
    rateLimitPerSecond: app.rateLimitPerSecond,
    announceImports: app.announceImports,
    maxSessionsPerPlatform: app.maxSessionsPerPlatform,
    createdAt: formatMoment(app.createdAtMs),
    oldestEventAt: tails.length === 0 ? null : formatMoment(Math.min(...tails.map(({ atMs }) => atMs))),
  };
}
