import { errorInfo } from './error-codes.ts';
import type { WireFault } from './parsed.ts';

/**
 * Envelope of every answer; commands add their own members behind it.
 *
 * @see Tencent Cloud Chat, "RESTful API Overview", document 1047/34620
 */
export interface Reply {
  readonly ActionStatus: 'OK' | 'FAIL';
  readonly ErrorCode: number;
  readonly ErrorInfo: string;
  /** Always empty; only the profile service has it. */
  readonly ErrorDisplay?: '';
  readonly [member: string]: unknown;
}

/** Which members an envelope has. */
export interface ReplyOptions {
  /** Whether `ErrorDisplay` is there: true for the profile service. Default false. */
  readonly errorDisplay?: boolean;
}

/** Answer of a success; `extra` are the command's own members. */
export function formatOk(extra?: object, options: ReplyOptions = {}): Reply {
  return { ...envelope('OK', 0, '', options), ...extra };
}

/** Answer of a failure; ErrorInfo is never empty. */
export function formatFault(fault: WireFault, options: ReplyOptions = {}): Reply {
  return envelope('FAIL', fault.code, errorInfo(fault), options);
}

function envelope(status: 'OK' | 'FAIL', code: number, info: string, options: ReplyOptions): Reply {
  const reply = { ActionStatus: status, ErrorCode: code, ErrorInfo: info };
  return options.errorDisplay === true ? { ...reply, ErrorDisplay: '' } : reply;
}
