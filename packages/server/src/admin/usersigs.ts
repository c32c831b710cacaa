/** `/apps/{sdkAppId}/usersig`: makes UserSigs, and says what is wrong with those that do not work. */
import { parseUserSig, signUserSig, type UserSigDocument, verifyUserSig } from '@portrait/wire';
import type { FastifyInstance } from 'fastify';
import { findApp } from './apps.ts';
import { formatMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { type AppParams, appParams, emptyQuery, responses } from './shared-schemas.ts';
import {
  DEFAULT_EXPIRE_SECONDS,
  type UserSigAnswer,
  type UserSigCheck,
  type UserSigClaims,
  type UserSigCreate,
  type UserSigVerdict,
  userSigCheck,
  userSigCreate,
} from './usersig-schemas.ts';

const REVOKED = 70001;

const createUserSig = {
  operationId: 'createUserSig',
  tags: ['UserSigs'],
  summary: 'Make a UserSig',
  params: appParams,
  querystring: emptyQuery,
  body: userSigCreate,
  response: responses({ status: 200, description: 'The UserSig.', body: 'UserSig', problems: [403, 404, 413, 415] }),
};

const verifyUserSigRoute = {
  operationId: 'verifyUserSig',
  tags: ['UserSigs'],
  summary: 'Look into a UserSig',
  description: 'Says whether it lets its user in now, what it says, and what is wrong with it.',
  params: appParams,
  querystring: emptyQuery,
  body: userSigCheck,
  response: responses({ status: 200, description: 'The verdict.', body: 'UserSigVerdict', problems: [404, 413, 415] }),
};

/** Adds the routes of this resource. */
export function addUserSigRoutes(api: FastifyInstance, { directory, store, clock }: AdminContext): void {
  api.post<{ Params: AppParams; Body: UserSigCreate }>(
    '/apps/:sdkAppId/usersig',
    { schema: createUserSig },
    async ({ params, body }): Promise<UserSigAnswer> => {
      const { sdkAppId, secretKey } = findApp(directory, params.sdkAppId);
      const { userId, expireSeconds = DEFAULT_EXPIRE_SECONDS } = body;
      const nowSeconds = Math.floor(clock.now() / 1_000);
      const userSig = await signUserSig({ sdkAppId, userId, secretKey, nowSeconds, expireSeconds });
      const issuedAt = formatMoment(nowSeconds * 1_000);
      return { userId, userSig, issuedAt, expiresAt: formatMoment((nowSeconds + expireSeconds) * 1_000) };
    },
  );

  api.post<{ Params: AppParams; Body: UserSigCheck }>(
    '/apps/:sdkAppId/usersig/verify',
    { schema: verifyUserSigRoute, config: { readsOnly: true } },
    async ({ params, body }): Promise<UserSigVerdict> => {
      const { sdkAppId, secretKey } = findApp(directory, params.sdkAppId);
      const userSig = body.userSig.trim();
      const read = await parseUserSig(userSig);
      if (!read.ok) return { isValid: false, code: read.fault.code, detail: read.fault.message };
      const claims = showClaims(read.value);
      const { userId = claims.userId } = body;
      const nowSeconds = Math.floor(clock.now() / 1_000);
      const verified = await verifyUserSig(userSig, { sdkAppId, userId, secretKey, nowSeconds });
      if (!verified.ok) return { isValid: false, code: verified.fault.code, detail: verified.fault.message, claims };
      const [profile] = await store.getProfiles(sdkAppId, [userId]);
      const revokedAtMs = profile?.revokedAtMs ?? 0;
      if (revokedAtMs === 0 || verified.value.issuedAtSeconds > Math.floor(revokedAtMs / 1_000)) {
        return { isValid: true, code: 0, claims };
      }
      const detail = `usersig: revoked, as all of this user up to ${formatMoment(revokedAtMs)}`;
      return { isValid: false, code: REVOKED, detail, claims };
    },
  );
}

/** What a foreign text says may be no moment at all. */
function showClaims({ userId, sdkAppId, issuedAtSeconds, expireSeconds }: UserSigDocument): UserSigClaims {
  const show = (seconds: number): string => formatMoment(Math.min(Math.max(0, seconds * 1_000), 8_640_000_000_000_000));
  return { userId, sdkAppId, issuedAt: show(issuedAtSeconds), expiresAt: show(issuedAtSeconds + expireSeconds) };
}
