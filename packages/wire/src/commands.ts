/** Name of a command that Portrait serves. */
export type CommandName = RestCommandName | 'portrait_get_all';

/** Name of a REST command that Portrait serves. */
export type RestCommandName =
  | 'portrait_set'
  | 'portrait_get'
  | 'account_import'
  | 'multiaccount_import'
  | 'account_check'
  | 'account_delete'
  | 'kick'
  | 'query_online_status';

/** What is known of a command, whichever door it comes through. */
export interface CommandRow {
  /** Over REST the command is at `/v4/<service>/<command>`, in a client's frame it is `<service>.<command>`. */
  readonly service: 'profile' | 'im_open_login_svc' | 'openim';
  readonly command: CommandName;
  /** Answer to a caller who is no administrator. */
  readonly notAdminCode: number;
  /** Whether a user who acts on himself counts as allowed. */
  readonly selfAllowed: boolean;
  /** Whether the envelope has `ErrorDisplay`. */
  readonly errorDisplay: boolean;
  /** Share of the app's calls per second, which is 200 by default: 1, or 0.5 for the documented 100; 0 = not counted. */
  readonly rateShare: 1 | 0.5 | 0;
}

/** One row of REST_COMMANDS. */
export interface RestCommand extends CommandRow {
  readonly command: RestCommandName;
}

const PROFILE = { service: 'profile', notAdminCode: 40004, selfAllowed: true, errorDisplay: true } as const;
const ACCOUNT = { service: 'im_open_login_svc', notAdminCode: 70403, selfAllowed: false, errorDisplay: false } as const;
const STATUS = { service: 'openim', notAdminCode: 90009, selfAllowed: false, errorDisplay: false } as const;

/**
 * The REST commands.
 *
 * @see Tencent Cloud Chat, "RESTful API Overview", document 1047/34620
 */
export const REST_COMMANDS: readonly RestCommand[] = [
  { ...PROFILE, command: 'portrait_set', rateShare: 1 },
  { ...PROFILE, command: 'portrait_get', rateShare: 1 },
  { ...ACCOUNT, command: 'account_import', rateShare: 1 },
  { ...ACCOUNT, command: 'multiaccount_import', rateShare: 0.5 },
  { ...ACCOUNT, command: 'account_check', rateShare: 0.5 },
  { ...ACCOUNT, command: 'account_delete', rateShare: 0.5 },
  { ...ACCOUNT, command: 'kick', rateShare: 1 },
  { ...STATUS, command: 'query_online_status', rateShare: 1 },
];

const BY_PATH: ReadonlyMap<string, RestCommand> = new Map(
  REST_COMMANDS.map((row) => [`${row.service}/${row.command}`, row]),
);

/**
 * The profile commands of clients. What one client may send is limited by its connection, not by the app's calls per
 * second: those are documented for REST, and a client that is refused at login shows no profile.
 */
export const CLIENT_COMMANDS: readonly CommandRow[] = [
  { ...PROFILE, command: 'portrait_set', rateShare: 0 },
  { ...PROFILE, command: 'portrait_get_all', rateShare: 0 },
];

const BY_SERVCMD: ReadonlyMap<string, CommandRow> = new Map(
  CLIENT_COMMANDS.map((row) => [`${row.service}.${row.command}`, row]),
);

/** The row of a service and command, compared with case, or undefined. */
export function findRestCommand(service: string, command: string): RestCommand | undefined {
  return BY_PATH.get(`${service}/${command}`);
}

/** The row of a client's profile command, or undefined. */
export function findClientCommand(service: string, command: string): CommandRow | undefined {
  return BY_SERVCMD.get(`${service}.${command}`);
}
