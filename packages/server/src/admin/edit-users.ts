/** `/apps/{sdkAppId}/users`: accounts made, changed, kicked and deleted, as the REST calls of an administrator do. */
import { checkWritableItems } from '@portrait/wire';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import { commitChange } from '../profile/commit.ts';
import type { App, Origin, ProfileCommand } from '../storage/store.ts';
import { findApp } from './apps.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import { type AppParams, appParams, emptyQuery, responses } from './shared-schemas.ts';
import { type UserCreate, type UserPatch, userCreate, userPatch } from './user-edit-schemas.ts';
import { type UserAnswer, type UserParams, userParams } from './user-schemas.ts';
import { showUser } from './users.ts';

const createUser = {
  operationId: 'createUser',
  tags: ['Users'],
  summary: 'Make an account',
  description: 'Its fields make a callback, as a change does.',
  params: appParams,
  querystring: emptyQuery,
  body: userCreate,
  response: responses({ status: 201, description: 'The user.', body: 'User', problems: [404, 409, 413, 415] }),
};

const updateUser = {
  operationId: 'updateUser',
  tags: ['Users'],
  summary: 'Change a profile',
  description: "As the app's first administrator: makes the callback. All fields are stored, or none.",
  params: userParams,
  querystring: emptyQuery,
  body: userPatch,
  response: responses({ status: 200, description: 'The user.', body: 'User', problems: [404, 413, 415] }),
};

const kickUser = {
  operationId: 'kickUser',
  tags: ['Users'],
  summary: 'End all sessions of a user',
  description: 'UserSigs issued up to now are refused from now on. Takes no body.',
  params: userParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The user.', body: 'User', problems: [404] }),
};

const deleteUser = {
  operationId: 'deleteUser',
  tags: ['Users'],
  summary: 'Delete an account',
  description: 'Wipes the profile; events of the user are overwritten when they are delivered. Makes no callback.',
  params: userParams,
  querystring: emptyQuery,
  response: responses({ status: 204, description: 'It is deleted.', problems: [404] }),
};

const PATH = '/apps/:sdkAppId/users/:userId';

/** Adds the routes. */
export function addUserEditRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, store } = context;

  api.post<{ Params: AppParams; Body: UserCreate }>(
    '/apps/:sdkAppId/users',
    { schema: createUser },
    async (request, reply) => {
      const app = findApp(directory, request.params.sdkAppId);
      const { userId, fields = {} } = request.body;
      const [known] = await store.getProfiles(app.sdkAppId, [userId]);
      if (known && !known.isDeleted) throw new Problem(409, `user ${userId} is there already`);
      const items = checkFields(fields, app);
      await run({ kind: 'import', userId, items, announce: true, origin: originOf(request, app) }, app, context);
      return reply.code(201).send(await showUser(context, { sdkAppId: app.sdkAppId, userId }));
    },
  );

  api.patch<{ Params: UserParams; Body: UserPatch }>(PATH, { schema: updateUser }, async (request) => {
    const { app, userId } = await findUser(request.params, context);
    const items = checkFields(request.body.fields, app);
    await run({ kind: 'set', userId, items, origin: originOf(request, app) }, app, context);
    return await showUser(context, request.params);
  });

  api.post<{ Params: UserParams }>(`${PATH}/kick`, { schema: kickUser }, async ({ params }): Promise<UserAnswer> => {
    const { app, userId } = await findUser(params, context);
    await run({ kind: 'revoke', userId }, app, context);
    return await showUser(context, params);
  });

  api.delete<{ Params: UserParams }>(PATH, { schema: deleteUser }, async ({ params }, reply) => {
    const { app, userId } = await findUser(params, context);
    await run({ kind: 'delete', userId }, app, context);
    return reply.code(204).send();
  });
}

/** @throws Problem 404 */
async function findUser(
  { sdkAppId, userId }: UserParams,
  { directory, store }: AdminContext,
): Promise<{ readonly app: App; readonly userId: string }> {
  const app = findApp(directory, sdkAppId);
  const [profile] = await store.getProfiles(sdkAppId, [userId]);
  if (!profile || profile.isDeleted) throw Problem.notFound(`user ${userId} of app ${sdkAppId}`);
  return { app, userId };
}

/** @throws Problem 400 if a field is not known, or a value not legal */
function checkFields(fields: UserPatch['fields'], { customFields, userWritableFields }: App) {
  const items = Object.entries(fields).map(([tag, value]) => ({ tag, value }));
  const checked = checkWritableItems(items, { customFields, userWritableFields, role: 'admin' });
  if (checked.ok) return checked.value;
  throw asProblem(ApiError.fromFault(checked.fault));
}

/** Whoever holds the admin token acts in the name of the app's administrator. */
function originOf({ ip }: FastifyRequest, { administrators }: App): Origin {
  return { operatorId: administrators[0] ?? '', clientIp: ip, platform: 'RESTAPI' };
}

type CommandBody = ProfileCommand extends infer C ? (C extends unknown ? Omit<C, 'sdkAppId'> : never) : never;

/** @throws Problem 400 of the rule; StoreError */
async function run(command: CommandBody, { sdkAppId }: App, { store, announce }: AdminContext): Promise<void> {
  try {
    await commitChange({ ...command, sdkAppId } as ProfileCommand, { store, announce });
  } catch (error) {
    throw error instanceof ApiError ? asProblem(error) : error;
  }
}

function asProblem(error: ApiError): Problem {
  return Problem.ofFaults(400, [{ in: 'body', pointer: '#/fields', detail: `${error.message} (${error.code})` }]);
}
