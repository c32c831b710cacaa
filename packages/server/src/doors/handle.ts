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
 * | or, of a client that is logged in: a2 right, and not revoked | 70001 |
 * | service and command known | 60009 |
 * | contenttype is json, body is JSON | 60025, 60003 |
 * | caller is an administrator, or a user who acts on himself; a client acts as a user, whoever it is | 40004, 70403, 90009 |
 * | calls per second of the app and command | 60007 |
 * | parameters | of the command |
 * | the rule | of the command |
 *
 * Of a call that is one change the store judges together with it whether the UserSig was revoked: the answer is the same, and a read is saved.
 */
import {
  type CommandRow,
  findClientCommand,
  findRestCommand,
  formatFault,
  isRawObject,
  type Reply,
} from '@portrait/wire';
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Authenticator } from './authenticate.ts';
import type { CallLimits } from './call-limits.ts';
import type { HandlerContext } from './handlers/handler.ts';
import { HANDLERS, ONE_CHANGE } from './handlers/handler-table.ts';
import type { Call, Caller, DoorRequest } from './request.ts';

/** What a call needs. */
export interface HandleContext extends HandlerContext {
  readonly authenticator: Authenticator;
  readonly limits: CallLimits;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Never throws: every fault becomes a reply, and one of ours a log line with its cause too. */
export async function handle(request: DoorRequest, context: HandleContext): Promise<Reply> {
  const startedAt = context.clock.monotonic();
  const done = await carryOut(request, context);
  const durationMs = context.clock.monotonic() - startedAt;
  const { reply, row } = done;
  context.metrics.called({ door: request.door, command: row?.command, code: reply.ErrorCode, durationMs });
  logCall(request, { ...done, durationMs }, context.log);
  return reply;
}

/** What came of a call; there is no caller if nobody was proven. */
interface Done {
  readonly reply: Reply;
  readonly caller: Caller | undefined;
  /** undefined: there is no such command */
  readonly row: CommandRow | undefined;
}

async function carryOut(request: DoorRequest, context: HandleContext): Promise<Done> {
  const findCommand = request.door === 'rest' ? findRestCommand : findClientCommand;
  let row: CommandRow | undefined;
  let caller: Caller | undefined;
  try {
    caller = await context.authenticator.identify(request.credentials);
    row = findCommand(request.service, request.command);
    if (!row || !ONE_CHANGE.has(row.command)) await context.authenticator.refuseRevoked(caller);
    if (!row)
      throw new ApiError(60009, `there is no command ${printable(request.service)}/${printable(request.command)}`);
    const call = permitted(row, caller, request);
    context.limits.take(caller.app, row);
    return { reply: await HANDLERS[row.command](call, context), caller, row };
  } catch (thrown) {
    const meant = row ?? findCommand(request.service, request.command);
    const error = ApiError.from(await firstFault(thrown, { row, caller }, context), internalCode(meant));
    const { service, command } = request;
    if (error.cause) context.log.error({ err: error.cause, service, command, code: error.code }, 'request.fault');
    const fault = { code: error.code, message: error.message };
    return { reply: formatFault(fault, { errorDisplay: row?.errorDisplay ?? false }), caller, row: meant };
  }
}

/** Of a call that is one change: that he was revoked comes before whatever else is wrong with it. */
async function firstFault(
  thrown: unknown,
  { row, caller }: Pick<Done, 'row' | 'caller'>,
  { authenticator }: HandleContext,
): Promise<unknown> {
  if (!(thrown instanceof ApiError) || !caller || !row || !ONE_CHANGE.has(row.command)) return thrown;
  try {
    await authenticator.refuseRevoked(caller);
    return thrown;
  } catch (fault) {
    return fault;
  }
}

/** An administrator may do all over REST; a user may act on himself where the command allows it. */
function permitted(row: CommandRow, caller: Caller, request: DoorRequest): Call {
  const { app, userId, instId } = caller;
  const body = request.readBody();
  const role = caller.isAdministrator && request.door === 'rest' ? 'admin' : 'user';
  const isSelf = row.selfAllowed && isRawObject(body) && body.From_Account === userId;
  if (role === 'user' && !isSelf) throw new ApiError(row.notAdminCode, refusal(request, caller));
  const { clientIp, platform } = request;
  const origin = { operatorId: userId, clientIp, platform, ...(instId !== undefined && { instId }) };
  const asker = { userId, issuedAtSeconds: caller.issuedAtSeconds };
  return { command: row.command, app, role, body, origin, ...(ONE_CHANGE.has(row.command) && { asker }) };
}

function refusal({ door }: DoorRequest, { userId, app }: Caller): string {
  if (door === 'client') return `From_Account: a client acts for its own user, "${userId}", only`;
  return `"${userId}" is not an administrator of app ${app.sdkAppId}`;
}

/** One wide line a call. Debug for what went well: at 20,000 a second nobody reads them. */
function logCall(request: DoorRequest, done: Done & { readonly durationMs: number }, log: Log): void {
  const { reply, caller, durationMs } = done;
  if (reply.ErrorCode === 0 && !log.isLevelEnabled('debug')) return;
  const { service, command, credentials, clientIp, platform } = request;
  const identifier = caller?.userId ?? (credentials.kind === 'userSig' ? shown(credentials.identifier) : undefined);
  const who = { sdkAppId: shown(credentials.sdkAppId), identifier, clientIp, platform };
  const line = { service, command, ...who, code: reply.ErrorCode, durationMs };
  if (reply.ErrorCode === 0) log.debug(line, 'request.done');
  else log.info({ ...line, error: reply.ErrorInfo }, 'request.done');
}

/** What came in place of a parameter; a list or nothing is not worth showing. */
function shown(raw: unknown): string | undefined {
  return typeof raw === 'string' || typeof raw === 'number' ? printable(String(raw)) : undefined;
}

function internalCode(row: CommandRow | undefined): number {
  if (row?.service === 'im_open_login_svc') return 70500;
  return row?.service === 'openim' ? 91000 : 40006;
}

function printable(text: string): string {
  return text.slice(0, 64).replace(/[^\x21-\x7e]/g, '?');
}
