import type { Replay, ReplayCount, ReplayObstacle, ReplayQuery } from '../storage/replay-store.ts';
import type { ChangeEvent, Endpoint } from '../storage/store.ts';

/** What came of the wish to send a delivery again. `sent`: whatever was answered, it stands in the delivery log. */
export type RedeliveryResult =
  | { readonly kind: 'sent' }
  /** it comes by itself */
  | { readonly kind: 'waits' }
  /** its values were overwritten */
  | { readonly kind: 'erased' }
  /** not now */
  | { readonly kind: 'busy' };

/** Sends deliveries again. All throw StoreError. */
export interface Resend {
  /** Send one now, and store what came of it. */
  readonly redeliver: (endpoint: Endpoint, event: ChangeEvent) => Promise<RedeliveryResult>;
  /** What a replay would send. */
  readonly count: (query: ReplayQuery, endpoint: Endpoint) => Promise<ReplayCount>;
  /** Make a replay. @returns undefined if too many of the app have not ended */
  readonly create: (query: ReplayQuery, endpoint: Endpoint) => Promise<Replay | undefined>;
  /** @returns false if it has ended before */
  readonly cancel: (jobId: string) => Promise<boolean>;
  /** What a running replay waits for. */
  readonly obstacleOf: (jobId: string) => ReplayObstacle | undefined;
}
