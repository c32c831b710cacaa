import type { Begun, CallbackStore, StoredCallback } from './callback-store.ts';
import * as sql from './sql-statements.ts';

/** Runs one of sql-statements.ts. @returns its rows */
export type RunSql = (text: string, values: readonly (string | number)[]) => Promise<readonly SqlRow[]>;

/** A row; big integers may come as text or bigint. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Settings of a store in SQL. */
export interface SqlStoreOptions {
  /**
   * How long completed callbacks are remembered. Default 7 days: as long as Portrait keeps what can be sent again, by its
   * default.
   */
  readonly keepMs?: number | undefined;
}

/** Portrait's default retention. */
const DEFAULT_KEEP_MS = 7 * 24 * 3_600_000;
/** Callbacks that are begun between two clean-ups. */
const FORGET_EVERY = 500;

/** A store in any database that takes sql-statements.ts. */
export function sqlStore(run: RunSql, { keepMs = DEFAULT_KEEP_MS }: SqlStoreOptions = {}): CallbackStore {
  let begun = 0;
  return {
    async begin({ key, change }, { nowMs, leaseMs }) {
      begun += 1;
      if (begun % FORGET_EVERY === 0) await run(sql.FORGET_CALLBACKS, [nowMs]);
      const claim = crypto.randomUUID();
      const untilMs = nowMs + leaseMs;
      const [mine] = await run(sql.BEGIN_CALLBACK, [key, claim, untilMs, nowMs]);
      if (!mine) return otherwise(await run(sql.FIND_CALLBACK, [key]), nowMs);
      if (!change) return { kind: 'begun', claim, lastSequence: undefined };
      const [user] = await run(sql.BEGIN_USER, [change.user, claim, untilMs, nowMs]);
      if (user) return { kind: 'begun', claim, lastSequence: numberOf(user.sequence) };
      await run(sql.RELEASE_CALLBACK, [key, claim]);
      return otherwise(await run(sql.FIND_USER, [change.user]), nowMs);
    },
    async complete({ key, change }, claim, nowMs) {
      // the user first: if the process dies in between, the callback is handled again and not taken for a gap
      if (change) await run(sql.COMPLETE_USER, [change.user, change.sequence, claim]);
      await run(sql.COMPLETE_CALLBACK, [key, nowMs + keepMs]);
    },
    async release({ key, change }, claim) {
      await run(sql.RELEASE_CALLBACK, [key, claim]);
      if (change) await run(sql.RELEASE_USER, [change.user, claim]);
    },
  };
}

/** It could not be begun: the row says why. Without one it was released meanwhile. */
function otherwise([row]: readonly SqlRow[], nowMs: number): Begun {
  if (row && Number(row.done) === 1) return { kind: 'done' };
  return { kind: 'busy', retryAfterMs: Math.max(0, (numberOf(row?.until_ms) ?? nowMs) - nowMs) };
}

function numberOf(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** What recording a callback inside the app's own transaction came to. */
export type Recorded = 'new' | 'repeat' | 'stale';

/** What of a handler's context is recorded. */
export interface RecordableContext {
  readonly key: string | undefined;
  readonly sdkAppId: number;
  readonly sequence: number | undefined;
}

/** The statements of recording, in order, until one of them gives no row. */
export function recordingSteps(
  { key, sdkAppId, sequence }: RecordableContext,
  userId: string,
  { nowMs, keepMs = DEFAULT_KEEP_MS }: SqlStoreOptions & { readonly nowMs: number },
): readonly { readonly text: string; readonly values: readonly (string | number)[]; readonly without: Recorded }[] {
  const callback =
    key === undefined
      ? []
      : [{ text: sql.RECORD_CALLBACK, values: [key, nowMs + keepMs, nowMs], without: 'repeat' } as const];
  const user: StoredCallback['change'] =
    sequence === undefined ? undefined : { user: `${sdkAppId}:${userId}`, sequence };
  if (!user) return callback;
  return [...callback, { text: sql.RECORD_USER, values: [user.user, user.sequence], without: 'stale' }];
}
