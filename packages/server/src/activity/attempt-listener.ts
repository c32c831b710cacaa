import type { Attempt, ChangeEvent, Endpoint } from '../storage/store.ts';

/** A POST that has ended. */
export interface EndedPost {
  readonly endpoint: Endpoint;
  readonly event: ChangeEvent;
  readonly attempt: Attempt;
  /** at a person's word: a redelivery or a replay */
  readonly isResend: boolean;
}

/** Told of each attempt when it has ended, before it is stored. Must neither throw nor wait. */
export type AttemptListener = (post: EndedPost) => void;
