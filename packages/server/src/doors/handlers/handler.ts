/** What a command's handler is. */
import type { Reply } from '@portrait/wire';
import type { Log } from '../../log.ts';
import type { CommitContext } from '../../profile/commit.ts';
import type { OnlineSessions } from '../../sessions/online-sessions.ts';
import type { Call } from '../request.ts';

/** What handlers work with. */
export interface HandlerContext extends CommitContext {
  readonly log: Log;
  /** who is online */
  readonly online: OnlineSessions;
}

/** Carries out one command. Throws ApiError. */
export type Handler = (call: Call, context: HandlerContext) => Promise<Reply>;
