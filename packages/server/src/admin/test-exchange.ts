import type { Stage, Timings } from '../storage/store.ts';

/** What a test of an endpoint comes to: the request that was sent, the answer that came, and the verdict. */
export interface TestExchange {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** absent if none came */
  readonly answer?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    /** the first 4 KiB */
    readonly body: string;
  };
  readonly outcome: 'delivered' | 'failed';
  /** named reason of a failure: `dns`, `timeout`, `status`, … */
  readonly reason?: string;
  /** sentence for people: what was seen */
  readonly detail?: string;
  /** how far it got, if no whole answer came */
  readonly stage?: Stage;
  readonly durationMs: number;
  readonly timings?: Timings;
}
