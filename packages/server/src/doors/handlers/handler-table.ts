/** The commands, each in its own file. */
import type { CommandName } from '@portrait/wire';
import { accountCheck } from './account-check.ts';
import { accountDelete } from './account-delete.ts';
import { accountImport } from './account-import.ts';
import type { Handler } from './handler.ts';
import { kick } from './kick.ts';
import { multiaccountImport } from './multiaccount-import.ts';
import { portraitGet } from './portrait-get.ts';
import { portraitGetAll } from './portrait-get-all.ts';
import { portraitSet } from './portrait-set.ts';
import { queryOnlineStatus } from './query-online-status.ts';

/** The handler of each command. */
export const HANDLERS: Readonly<Record<CommandName, Handler>> = {
  portrait_set: portraitSet,
  portrait_get: portraitGet,
  portrait_get_all: portraitGetAll,
  account_import: accountImport,
  multiaccount_import: multiaccountImport,
  account_check: accountCheck,
  account_delete: accountDelete,
  kick,
  query_online_status: queryOnlineStatus,
};

/** Calls that are one change each: the store judges in the same step whether what the caller showed was revoked, to save a read. */
export const ONE_CHANGE: ReadonlySet<CommandName> = new Set<CommandName>(['portrait_set', 'account_import']);
