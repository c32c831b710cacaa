/**
 * What is set for each transaction, and for no longer: how much time it has, and how its statements are planned. A connection may be another
 * client's in between.
 */
import { type PreparedSql, prepared } from './prepared.ts';

/** A statement is given up after this, by the server. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** A process that was stopped between the statements of a transaction holds its locks no longer than this. */
const IDLE_TRANSACTION_TIMEOUT_MS = 5_000;
/**
 * And one that was stopped or cut off while it was sending them no longer than this: for what is missing of a piece, the server waits without any
 * other limit.
 */
const PIECE_TIMEOUT_MS = 10_000;
/** The same for a transaction of several pieces. */
const TRANSACTION_TIMEOUT_MS = 20_000;

const LIMITS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
} as const;
/** A prepared statement is planned once, for any values, and for a table that may be empty when that happens, and full a second later. */
const PLANS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
} as const;
/** What each transaction begins with: in `whole` pieces, or one after the other between BEGIN and COMMIT, with statements that are prepared or not. */
type Beginnings = Readonly<Record<'whole' | 'begun', Readonly<Record<'prepared' | 'plain', PreparedSql>>>>;
/** As any server takes them. */
export const BEGINNINGS: Beginnings = beginnings({}, {});
/** Where the server can end a transaction that lasts too long: PostgreSQL 17 and newer. */
export const LIMITED_BEGINNINGS: Beginnings = beginnings(
  { transaction_timeout: PIECE_TIMEOUT_MS },
  { transaction_timeout: TRANSACTION_TIMEOUT_MS },
);

/** @param ofWhole  limits beside those of all */
function beginnings(ofWhole: Settings, ofBegun: Settings): Beginnings {
  const of = (own: Settings): Beginnings['whole'] => ({
    prepared: setLocal({ ...LIMITS, ...own, ...PLANS }),
    plain: setLocal({ ...LIMITS, ...own }),
  });
  return { whole: of(ofWhole), begun: of(ofBegun) };
}

type Settings = Readonly<Record<string, string | number>>;

function setLocal(settings: Settings): PreparedSql {
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return prepared(`SELECT ${calls.join(' || ')} AS settings`);
}
