/**
 * Logs a client in, or in again: `im_open_status.wslogin`.
 *
 * | the head has | it is | on failure |
 * |---|---|---|
 * | identifier and usersig | a login of the app's user | the code of what is wrong; the client may try again |
 * | a2 | the same client on a new connection | 70001 ends the session at the client; anything else must not be said, since the client would believe it is online: it is cut off and comes back |
 */
import { createHash, randomInt } from 'node:crypto';
import { type ClientFrame, checkUserId, formatFault, formatLoginReply, optPlatformOf } from '@portrait/wire';
import { ApiError } from '../../errors.ts';
import { commitChange } from '../../profile/commit.ts';
import { refuseRevoked } from '../../profile/refuse-revoked.ts';
import { isAccount } from '../../profile/visible-items.ts';
import type { NodeSessions, Place } from '../../sessions/node-sessions.ts';
import type { Session } from '../../sessions/session.ts';
import { kickTypeOf } from '../../sessions/session-registry.ts';
import type { App } from '../../storage/store.ts';
import { type A2Claims, signA2 } from '../a2.ts';
import type { Connection } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import { pushOwnProfile } from './own-profile.ts';

const EXPIRED = 70001;
const INTERNAL = 70500;
const TOO_MANY = 60018;
const BAD_PARAMETER = 70402;
const MAX_INST_ID = 2 ** 31;
/** All TinyIds lie above it, as those of the real service do. */
const TINY_ID_BASE = 2n ** 57n;

/** Who logs in. */
interface Login {
  readonly app: App;
  readonly claims: A2Claims;
  /** the one he came with; absent: he gets a new one */
  readonly a2?: string;
}

/** Answer a login. Rejects only when the connection is to be cut off. */
export async function onLogin(frame: ClientFrame, connection: Connection, context: GatewayContext): Promise<void> {
  const at = { frame, connection, context };
  let login: Login;
  let place: Place | undefined;
  try {
    login = await prove(frame, connection, context);
    if (!connection.isOpen) return;
    leaveOther(login, connection);
    if (context.nodeSessions) place = await takePlace(login, at, context.nodeSessions);
  } catch (thrown) {
    refuse(ApiError.from(thrown, INTERNAL), at);
    return;
  }
  if (connection.isOpen) await open(login, place, at);
  else place?.giveBack();
}

/** What a login came with, and where. */
interface LoginFrame {
  readonly frame: ClientFrame;
  readonly connection: Connection;
  readonly context: GatewayContext;
}

function refuse(error: ApiError, { frame, connection, context }: LoginFrame): void {
  const { sdkAppId, clientIp } = connection;
  const line = { sdkAppId, identifier: shown(frame.identifier), clientIp, code: error.code, error: error.message };
  context.metrics.loggedIn(error.code);
  if (error.cause) context.log.error({ ...line, err: error.cause }, 'login.fault');
  else context.log.info(line, 'login.refused');
  if (frame.a2 !== undefined && error.code !== EXPIRED) connection.terminate();
  else connection.reply(frame, formatFault(error));
}

/** @throws ApiError; StoreError */
async function prove(frame: ClientFrame, connection: Connection, context: GatewayContext): Promise<Login> {
  const { authenticator, store, clock, loginLimits } = context;
  const { sdkAppId, clientIp, platform } = connection;
  if (!loginLimits.take(clientIp)) throw new ApiError(TOO_MANY, 'too many logins from this address, try again');
  const login =
    frame.a2 === undefined
      ? newLogin(
          await authenticator.checkUserSig({
            sdkAppId: String(sdkAppId),
            identifier: frame.identifier,
            userSig: frame.userSig,
          }),
          clock.now(),
        )
      : { ...authenticator.checkA2({ sdkAppId, a2: frame.a2 }), a2: String(frame.a2) };
  const { userId } = login.claims;
  const malformed = checkUserId(userId, 'identifier', BAD_PARAMETER);
  if (malformed) throw ApiError.fromFault(malformed);
  const [profile] = await store.getProfiles(sdkAppId, [userId]);
  refuseRevoked(profile, login.claims);
  if (!isAccount(profile)) {
    const origin = { operatorId: userId, clientIp, platform };
    await commitChange({ kind: 'import', sdkAppId, userId, items: [], origin, announce: false }, context);
  }
  return login;
}

function newLogin(
  { app, document }: Awaited<ReturnType<GatewayContext['authenticator']['checkUserSig']>>,
  nowMs: number,
): Login {
  const { userId, sdkAppId, issuedAtSeconds, expireSeconds } = document;
  const claims = {
    sdkAppId,
    userId,
    instId: randomInt(1, MAX_INST_ID),
    loginAtMs: nowMs,
    issuedAtSeconds,
    expiresAtSeconds: issuedAtSeconds + expireSeconds,
  };
  return { app, claims };
}

/** Who logged in on this connection before, if it was somebody else. */
function leaveOther({ claims }: Login, connection: Connection): void {
  if (connection.session && connection.session.instId !== claims.instId) connection.logOut();
}

/** A new login is of the store's now: that of this node's clock could be another. @throws StoreError; ApiError */
function takePlace(
  { app, claims, a2 }: Login,
  { frame, connection }: LoginFrame,
  nodeSessions: NodeSessions,
): Promise<Place> {
  const { sdkAppId, userId, instId, loginAtMs } = claims;
  const client = {
    platform: optPlatformOf(frame.platform, frame.body),
    platformNumber: frame.platform,
    clientIp: connection.clientIp,
  };
  const arriving = { sdkAppId, userId, instId, ...client, ...(a2 !== undefined && { loginAtMs }) };
  return nodeSessions.takePlace(arriving, app.maxSessionsPerPlatform);
}

/**
 * From here to the reply nothing waits: what is pushed to the session comes behind it.
 *
 * @throws StoreError of the profile's push: the login was answered already
 */
async function open(
  { app, claims: claimed, a2: known }: Login,
  place: Place | undefined,
  at: LoginFrame,
): Promise<void> {
  const { frame, connection, context } = at;
  const { clock, sessions, clientLimits } = context;
  const claims = { ...claimed, loginAtMs: place?.loginAtMs ?? claimed.loginAtMs };
  const a2 = known ?? signA2(claims, app.secretKey);
  connection.platform = optPlatformOf(frame.platform, frame.body);
  const session: Session = {
    sdkAppId: claims.sdkAppId,
    userId: claims.userId,
    instId: claims.instId,
    platform: connection.platform,
    platformNumber: frame.platform,
    clientIp: connection.clientIp,
    loginAtMs: claims.loginAtMs,
    connectedAtMs: place?.connectedAtMs ?? clock.now(),
    link: connection,
  };
  const by = place ? place.enter(session) : sessions.open(session, { maxPerPlatform: app.maxSessionsPerPlatform });
  if (!by) connection.setSession(session);
  context.metrics.loggedIn(0);
  const helloIntervalSeconds = Math.ceil(clientLimits.clientHelloIntervalMs / 1_000);
  const { instId } = session;
  const nowSeconds = clock.now() / 1_000;
  connection.reply(
    frame,
    formatLoginReply({ a2, tinyId: tinyIdOf(session), instId, helloIntervalSeconds, nowSeconds }),
  );
  // The client was away while newer logins took all the places. Refused, its re-login would end in an exception in the SDK;
  // answered and kicked, it is told as if it had been there.
  if (by) connection.kick(kickTypeOf(session, by), by);
  else await pushOwnProfile({ connection, session, claims }, context);
}

/** A number of the user that is the same at every login and on every node. */
function tinyIdOf({ sdkAppId, userId }: Session): string {
  const digest = createHash('sha256').update(`${sdkAppId}/${userId}`).digest();
  return String(TINY_ID_BASE + BigInt(digest.readUIntBE(0, 6)));
}

function shown(raw: unknown): string | undefined {
  return typeof raw === 'string' ? raw.slice(0, 64) : undefined;
}
