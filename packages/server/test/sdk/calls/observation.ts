/** What the process that makes the calls tells the test. */

/** Scripts of the official packages. */
export type Script = '@tencentcloud/chat' | 'tim-js-sdk' | 'tim-js-sdk/tim-js-friendship.js';

/** What that process is started with, as its first argument. */
export interface CallsStart {
  readonly script: Script;
  /** the only address of the whole world that may be spoken to */
  readonly port: number;
  readonly sdkAppId: number;
  readonly login: { readonly userID: string; readonly userSig: string };
}

/** A request that the SDK sent. */
export interface Request {
  readonly servcmd: string;
  /** of its answer */
  readonly code?: number | undefined;
}

/** How a call ended. */
export type End =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code?: number; readonly message: string }
  | { readonly kind: 'open' };

/** One call of one method. */
export interface Observation {
  readonly method: string;
  /** false: it returned a plain value, or threw */
  readonly isAsync: boolean;
  readonly end: End;
  /** without what the SDK sends by itself from time to time */
  readonly requests: readonly Request[];
  readonly warnings: readonly string[];
  /** exceptions and rejections that nobody caught */
  readonly uncaught: readonly string[];
}

/** All calls of one script. */
export interface Observed {
  /** every method that the object has */
  readonly methods: readonly string[];
  readonly calls: readonly Observation[];
  /** up to the end of `logout`, with what the SDK sends by itself */
  readonly all: readonly Request[];
  readonly violations: readonly string[];
}
