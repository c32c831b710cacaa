/** What a store remembers a callback by. */
export interface StoredCallback {
  /** The same at every attempt, and of no other callback. */
  readonly key: string;
  /** Whose change it is, and which; absent if the sender counts nothing. */
  readonly change?: { readonly user: string; readonly sequence: number } | undefined;
}

/** What came of trying to begin. */
export type Begun =
  | {
      readonly kind: 'begun';
      /** Names this very try; for complete and release. */
      readonly claim: string;
      /** Greatest sequence of the user that was completed; undefined if none is remembered. */
      readonly lastSequence: number | undefined;
    }
  /** It was completed before. */
  | { readonly kind: 'done' }
  /** Somebody has begun it, or another change of its user, and may still complete that. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number };

/**
 * Remembers callbacks in two steps, so that each takes effect once:
 *
 * | step | when | then |
 * |---|---|---|
 * | begin | before the handler | nobody else begins it, or another change of its user, until the lease ends |
 * | complete | after the handler succeeded | it is never begun again, for as long as the store remembers |
 * | release | after the handler failed | the next attempt may begin at once |
 *
 * A process that dies in between leaves a lease that ends by itself. Times are the receiver's clock, so the clocks of several
 * processes must agree to a few seconds, as verifying asks of them anyway.
 */
export interface CallbackStore {
  begin(callback: StoredCallback, lease: { readonly nowMs: number; readonly leaseMs: number }): Promise<Begun>;
  complete(callback: StoredCallback, claim: string, nowMs: number): Promise<void>;
  /** Does nothing if the claim is not the newest one. */
  release(callback: StoredCallback, claim: string): Promise<void>;
}
