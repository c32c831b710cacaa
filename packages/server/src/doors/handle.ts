/**
 * Carries out a call of either door.
 *
 * Checks come in this order; the first that fails is the answer. What is cheap and says most comes first, and nothing of
 * the body is believed before the caller is known:
 *
 * | check | codes |
 * |---|---|
 * | sdkappid there, a number, of an app | 60012, 60025, 70020 |
 * | identifier and usersig there | 60025 |
 * | UserSig right, and not revoked | 70003, 70014, 70013, 70001, 70016, 70009 |
 * | service and command known | 60009 |
 * | contenttype is json, body is JSON | 60025, 60003 |
 * | caller is an administrator, or a user who acts on himself | 40004, 70403, 90009 |
 * | calls per second of the app and command | 60007 |
 * | parameters | of the command |
 * | the rule | of the command |
 */
import { findRestCommand, formatFault, isRawObject, type Reply, type RestCommand } from '@portrait/wire';
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authenticator } from './authenticate.ts';
import type { CallLimits } from './call-limits.ts';
import type { HandlerContext } from './handlers/handler.ts';
import { HANDLERS } from './handlers/handler-table.ts';
import type { Call, Caller, DoorRequest } from './request.ts';

/** What a call needs. */
export interface HandleContext extends HandlerContext {
  readonly authenticator: Authenticator;
  readonly limits: CallLimits;
  readonly clock: Clock;
}

/** Never throws: every fault becomes a reply, and one of ours a log line with its cause too. */
export async function handle(request: DoorRequest, context: HandleContext): Promise<Reply> {
  const startedAt = context.clock.monotonic();
  const reply = await carryOut(request, context);
  logCall(request, reply, { log: context.log, durationMs: context.clock.monotonic() - startedAt });
  return reply;
}

async function carryOut(request: DoorRequest, context: HandleContext): Promise<Reply> {
  let row: RestCommand | undefined;
  try {
    const caller = await context.authenticator.authenticate(request.credentials);
    row = findRestCommand(request.service, request.command);
    if (!row)
      throw new ApiError(60009, `there is no command ${printable(request.service)}/${printable(request.command)}`);
    const call = permitted(row, caller, request);
    context.limits.take(caller.app, row);
    return await HANDLERS[row.command](call, context);
  } catch (thrown) {
    const error = ApiError.from(thrown, internalCode(row ?? findRestCommand(request.service, request.command)));
    const { service, command } = request;
    if (error.cause) context.log.error({ err: error.cause, service, command, code: error.code }, 'request.fault');
    return formatFault({ code: error.code, message: error.message }, { errorDisplay: row?.errorDisplay ?? false });
  }
}

/** An administrator may do all; a user may act on himself where the command allows it. */
function permitted(row: RestCommand, caller: Caller, request: DoorRequest): Call {
  const body = request.readBody();
  const isSelf = row.selfAllowed && isRawObject(body) && body.From_Account === caller.userId;
  if (!caller.isAdministrator && !isSelf) {
    throw new ApiError(row.notAdminCode, `"${caller.userId}" is not an administrator of app ${caller.app.sdkAppId}`);
  }
  const { clientIp, platform } = request;
  const role = caller.isAdministrator ? 'admin' : 'user';
  return { command: row.command, app: caller.app, callerId: caller.userId, role, body, clientIp, platform };
}

/** One wide line a call. Debug for what went well: at 20,000 a second nobody reads them. */
function logCall(request: DoorRequest, reply: Reply, done: { readonly log: Log; readonly durationMs: number }): void {
  if (reply.ErrorCode === 0 && !done.log.isLevelEnabled('debug')) return;
  const { service, command, credentials, clientIp, platform } = request;
  const who = { sdkAppId: shown(credentials.sdkAppId), identifier: shown(credentials.identifier), clientIp, platform };
  const line = { service, command, ...who, code: reply.ErrorCode, durationMs: done.durationMs };
  if (reply.ErrorCode === 0) done.log.debug(line, 'request.done');
  else done.log.info({ ...line, error: reply.ErrorInfo }, 'request.done');
}

/** What came in place of a parameter; a list or nothing is not worth showing. */
function shown(raw: unknown): string | undefined {
  return typeof raw === 'string' ? printable(raw) : undefined;
}

function internalCode(row: RestCommand | undefined): number {
  if (row?.service === 'im_open_login_svc') return 70500;
  return row?.service === 'openim' ? 91000 : 40006;
}

function printable(text: string): string {
  return text.slice(0, 64).replace(/[^\x21-\x7e]/g, '?');
}
