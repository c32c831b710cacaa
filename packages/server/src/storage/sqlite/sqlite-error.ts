/** SQLite's result codes, as kinds of StoreError. */
import { ApiError, StoreError, type StoreErrorKind } from '../../errors.ts';

/** Primary result codes: sqlite.org/rescode.html */
const KINDS: Readonly<Record<number, StoreErrorKind>> = {
  8: 'read-only', // SQLITE_READONLY
  10: 'unavailable', // SQLITE_IOERR
  13: 'full', // SQLITE_FULL
  14: 'unavailable', // SQLITE_CANTOPEN
};

/** ApiError and StoreError pass; any other thrown value becomes a StoreError with it as cause. */
export function storeErrorFrom(thrown: unknown): ApiError | StoreError {
  if (thrown instanceof ApiError || thrown instanceof StoreError) return thrown;
  const code = (thrown as { errcode?: unknown } | null)?.errcode;
  const kind = typeof code === 'number' ? KINDS[code & 0xff] : undefined;
  return new StoreError(kind ?? 'unavailable', undefined, { cause: thrown });
}

/** Whether the medium refused, which it would do to any other write too. */
export function isMediumFault(error: ApiError | StoreError): boolean {
  const cause = error instanceof StoreError ? (error.cause as { errcode?: unknown } | undefined) : undefined;
  return typeof cause?.errcode === 'number' && (cause.errcode & 0xff) in KINDS;
}
