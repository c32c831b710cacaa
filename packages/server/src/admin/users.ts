/** `/apps/{sdkAppId}/users`: profiles, and what their users do. */
import type { FastifyInstance } from 'fastify';
import type { SessionRecord } from '../storage/session-store.ts';
import type { Profile } from '../storage/store.ts';
import { findApp } from './apps.ts';
import { DEFAULT_LIMIT, listAnswer, parseCursor } from './cursor.ts';
import { formatMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import { type AppParams, appParams, emptyQuery, responses } from './shared-schemas.ts';
import { showDelivery } from './show-delivery.ts';
import {
  type ListedUserAnswer,
  type SessionAnswer,
  type UserAnswer,
  type UserListQuery,
  type UserParams,
  userListQuery,
  userParams,
} from './user-schemas.ts';

const DELIVERIES_SHOWN = 10;

const listUsers = {
  operationId: 'listUsers',
  tags: ['Users'],
  summary: 'List users of an app',
  description: 'By UserID, without deleted accounts.',
  params: appParams,
  querystring: userListQuery,
  response: responses({ status: 200, description: 'A page of users.', body: 'UserList', problems: [404] }),
};

const getUser = {
  operationId: 'getUser',
  tags: ['Users'],
  summary: 'Show a user',
  description: 'With his sessions and last deliveries.',
  params: userParams,
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'The user.', body: 'User', problems: [404] }),
};

/** Adds the routes of this resource. */
export function addUserRoutes(api: FastifyInstance, context: AdminContext): void {
  const { directory, store, online } = context;
  api.get<{ Params: AppParams; Querystring: UserListQuery }>(
    '/apps/:sdkAppId/users',
    { schema: listUsers },
    async ({ params, query }) => {
      const { sdkAppId } = findApp(directory, params.sdkAppId);
      const { limit = DEFAULT_LIMIT, prefix } = query;
      const cursor = parseCursor('users', query.cursor);
      const page = await store.listProfiles({
        sdkAppId,
        limit,
        ...(prefix && { prefix }),
        ...(cursor !== undefined && { cursor }),
      });
      const userIds = page.items.map(({ userId }) => userId);
      const sessions = await online.of(sdkAppId, userIds);
      const byUser = new Map(userIds.map((userId, index) => [userId, sessions[index] ?? []]));
      return listAnswer('users', page, (profile) => showProfile(profile, byUser.get(profile.userId) ?? []));
    },
  );

  api.get<{ Params: UserParams }>(
    '/apps/:sdkAppId/users/:userId',
    { schema: getUser },
    async ({ params }) => await showUser(context, params),
  );
}

/** @throws Problem 404 */
export async function showUser({ directory, store, online }: AdminContext, params: UserParams): Promise<UserAnswer> {
  const { sdkAppId } = findApp(directory, params.sdkAppId);
  const { userId } = params;
  const [profile] = await store.getProfiles(sdkAppId, [userId]);
  if (!profile || profile.isDeleted) throw Problem.notFound(`user ${userId} of app ${sdkAppId}`);
  const { items } = await store.listDeliveries({ sdkAppId, userId, limit: DELIVERIES_SHOWN });
  const [open = []] = await online.of(sdkAppId, [userId]);
  return {
    ...showProfile(profile, open),
    sessions: open.map(showSession),
    deliveries: items.map((delivery) => showDelivery(delivery)),
  };
}

function showProfile(profile: Profile, sessions: readonly SessionRecord[]): ListedUserAnswer {
  const { userId, version, fields, createdAtMs, updatedAtMs } = profile;
  return {
    userId,
    version,
    fields,
    createdAt: formatMoment(createdAtMs),
    updatedAt: formatMoment(updatedAtMs),
    online: sessions.length > 0,
  };
}

function showSession({ instId, platform, clientIp, loginAtMs, connectedAtMs }: SessionRecord): SessionAnswer {
  return {
    instId,
    platform,
    clientIp,
    loginAt: formatMoment(loginAtMs),
    connectedAt: formatMoment(connectedAtMs),
  };
}
