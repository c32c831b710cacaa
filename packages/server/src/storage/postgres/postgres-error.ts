/** SQLSTATEs of PostgreSQL and faults of its connections, as kinds of StoreError. */
import { ApiError, StoreError, type StoreErrorKind } from '../../errors.ts';

/** postgresql.org/docs/current/errcodes-appendix.html */
const KINDS: Readonly<Record<string, StoreErrorKind>> = {
  '25006': 'read-only', // read_only_sql_transaction: a standby, or a server set so
  '53100': 'full', // disk_full
  '42501': 'refused', // insufficient_privilege
};
/** serialization_failure, deadlock_detected */
const ROLLBACKS: readonly unknown[] = ['40001', '40P01'];
/** invalid_sql_statement_name, duplicate_prepared_statement */
const UNKNOWN_PREPARED: readonly unknown[] = ['26000', '42P05'];

/** ApiError and StoreError pass; any other thrown value becomes a StoreError with it as cause. */
export function storeErrorFrom(thrown: unknown): ApiError | StoreError {
  if (thrown instanceof ApiError || thrown instanceof StoreError) return thrown;
  const state = sqlState(thrown);
  const kind = state === undefined ? undefined : KINDS[state];
  return new StoreError(kind ?? 'unavailable', undefined, { cause: thrown });
}

/** Whether the server rolled the transaction back because of others: done again, it can succeed. */
export function isRollback(thrown: unknown): boolean {
  return ROLLBACKS.includes(sqlState(thrown));
}

/** transaction_timeout: whether the server rolled the transaction back and ended the connection, as it lasted too long. */
export function isTimedOut(thrown: unknown): boolean {
  return sqlState(thrown) === '25P04';
}

/** Whether a prepared statement is not there, or is there already: the connection is not the one that it was, a pooler stands between. */
export function isUnknownPrepared(thrown: unknown): boolean {
  return UNKNOWN_PREPARED.includes(sqlState(thrown));
}

/** Whether the connection is of no use any more: the server did not answer, or ended it. */
export function isConnectionLost(thrown: unknown): boolean {
  if (thrown instanceof ApiError || thrown instanceof StoreError) return false;
  const state = sqlState(thrown);
  // 08: connection exceptions, 57P: the server stops, 25P03 and 25P04: it ended a transaction that took too long
  return state === undefined || /^(08|57P|25P03|25P04)/.test(state);
}

/** @returns the five characters of an error that the server sent; undefined of any other */
export function sqlState(thrown: unknown): string | undefined {
  const { code, severity } = (thrown ?? {}) as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' ? code : undefined;
}
