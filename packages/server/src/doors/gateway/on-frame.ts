/** Which way a frame takes. */
import {
  type ClientFrame,
  findClientCommand,
  formatEmptyReply,
  formatFault,
  formatOk,
  formatRefusal,
  isOpenClientCommand,
  type Reply,
} from '@portrait/wire';
import { ApiError } from '../../errors.ts';
import { handle } from '../handle.ts';
import type { Connection } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import { onLogin } from './login.ts';

const SERVCMD_LOGIN = 'im_open_status.wslogin';
const SERVCMD_LOGOUT = 'im_open_status.wslogout';
const SERVCMD_HELLO = 'im_open_status.wshello';
/** says that a push came; nobody waits for it */
const SERVCMD_PUSH_ACK = 'openim.ws_msg_push_ack';

const NOT_LOGGED_IN = 60004;
const OTHER_APP = 60006;
const KICKED = 1002;
const INTERNAL = 70500;

/**
 * Carry out one frame and answer it. Whoever it is from, it is proven anew: by the login's UserSig, later by the a2. A
 * connection alone proves nothing, since clients send what was queued before they log in again.
 *
 * Rejects only for faults of ours that must end the connection.
 */
export async function onFrame(frame: ClientFrame, connection: Connection, context: GatewayContext): Promise<void> {
  if (frame.servcmd === SERVCMD_LOGIN) return onLogin(frame, connection, context);
  if (frame.servcmd === SERVCMD_PUSH_ACK) return;
  connection.reply(frame, await replyTo(frame, connection, context));
}

async function replyTo(frame: ClientFrame, connection: Connection, context: GatewayContext): Promise<Reply> {
  const { servcmd, sdkAppId } = frame;
  if (servcmd === SERVCMD_LOGOUT) {
    const { session } = connection;
    connection.logOut();
    if (session) await context.nodeSessions?.untilLeft(session);
    return formatOk();
  }
  if (isOpenClientCommand(servcmd)) return formatEmptyReply(servcmd) ?? formatRefusal(frame);
  if (sdkAppId !== undefined && !isSame(sdkAppId, connection.sdkAppId)) {
    return formatFault({ code: OTHER_APP, message: `head.sdkappid: expected ${connection.sdkAppId}, as in the URL` });
  }
  if (frame.a2 === undefined) {
    return formatFault({ code: NOT_LOGGED_IN, message: `${servcmd}: log in first, the head has no a2` });
  }
  if (connection.kicked) {
    const message = 'the session was ended: by another login, or by an administrator';
    return { ...formatFault({ code: KICKED, message }), ...connection.kicked };
  }
  return provenReply(frame, connection, context);
}

/** A number or its digits; of other JSON not everything can be made a number. */
function isSame(raw: unknown, sdkAppId: number): boolean {
  return raw === sdkAppId || raw === String(sdkAppId);
}

/** A reply to somebody who shows an a2. */
async function provenReply(frame: ClientFrame, connection: Connection, context: GatewayContext): Promise<Reply> {
  const { service, command, servcmd, a2, body } = frame;
  const { sdkAppId, clientIp, platform } = connection;
  const credentials = { kind: 'a2', sdkAppId, a2 } as const;
  if (findClientCommand(service, command)) {
    const from = { clientIp, platform };
    return handle({ door: 'client', service, command, credentials, readBody: () => body, ...from }, context);
  }
  try {
    if (servcmd === SERVCMD_HELLO) {
      await context.authenticator.authenticate(credentials);
      return formatOk();
    }
    context.authenticator.checkA2(credentials);
    return formatEmptyReply(servcmd) ?? formatRefusal(frame);
  } catch (thrown) {
    return formatFault(ApiError.from(thrown, INTERNAL));
  }
}
