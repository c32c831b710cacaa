/** Carries out profile commands and tells those who want to know. */
import type { CommittedChange, ProfileCommand, Store } from '../storage/store.ts';

/** Where changes go. */
export interface CommitContext {
  readonly store: Store;
  /** told of each change after it is durable, in commit order; must not throw */
  readonly announce: (change: CommittedChange, command: ProfileCommand) => void;
}

/**
 * Store what the command does, then announce it. Returns when it is durable.
 *
 * @throws ApiError   of the rule (change-profile.ts)
 * @throws StoreError nothing was written, or, with `unavailable`, it is whole or absent
 */
export async function commitChange(command: ProfileCommand, context: CommitContext): Promise<CommittedChange> {
  const change = await context.store.commitChange(command);
  context.announce(change, command);
  return change;
}
