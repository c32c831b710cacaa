/** What the writer is asked to do, and what it answers. */
import type { ApiError, StoreError } from '../../errors.ts';
import type { App, Endpoint, ProfileCommand, Settlement, StatWrite, Store } from '../store.ts';
import type { ReplayJob } from './replay-writer.ts';

/** Tables whose rows are removed in steps, because they can be many. */
export type StepTable = 'event' | 'profile' | 'attempt';

/** One write: whole or not at all. */
export type WriteJob =
  | { readonly verb: 'change'; readonly command: ProfileCommand }
  | { readonly verb: 'settle'; readonly settlement: Settlement }
  | { readonly verb: 'replay'; readonly job: ReplayJob }
  | { readonly verb: 'createApp' | 'updateApp'; readonly app: App }
  | { readonly verb: 'deleteApp' | 'forgetApp'; readonly sdkAppId: number }
  | { readonly verb: 'createEndpoint' | 'updateEndpoint'; readonly endpoint: Endpoint }
  | { readonly verb: 'recordEndpoint'; readonly record: Parameters<Store['recordEndpoint']>[0] }
  | { readonly verb: 'deleteEndpoint'; readonly endpointId: string }
  | { readonly verb: 'removeStep'; readonly table: StepTable; readonly owner: number }
  | { readonly verb: 'removeExpired'; readonly sdkAppId: number; readonly beforeMs: number }
  | { readonly verb: 'eraseDeleted'; readonly sdkAppId: number }
  | { readonly verb: 'claimLanes'; readonly owner: string; readonly leaseMs: number }
  | { readonly verb: 'writeStats'; readonly write: StatWrite }
  | { readonly verb: 'releaseLanes'; readonly owner: string };

/**
 * Whether a job is one of those that fill the disk. What takes something away, lets deliveries go on, or locks a user out, is not:
 * it goes on below the disk's reserve.
 */
export function isGrowth(job: WriteJob): boolean {
  if (job.verb === 'change') return job.command.kind === 'set' || job.command.kind === 'import';
  return job.verb === 'createApp' || job.verb === 'createEndpoint' || job.verb === 'writeStats';
}

/** Jobs that share a transaction. */
export interface WriteBatch {
  readonly jobs: readonly WriteJob[];
  /** commit time, Unix milliseconds */
  readonly nowMs: number;
}

/** What came of a job. */
export type JobResult = { readonly value: unknown } | { readonly error: ApiError | StoreError };
