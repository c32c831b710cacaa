/** The part of the interface by which nodes know of each other's sessions. */
import { laneOf } from '../lane.ts';
import type { EndedSession, Entered, SessionEntry, SessionKey, SessionRecord, SessionStore } from '../session-store.ts';
import { BatchQueue, type JobResult } from './batch-queue.ts';
import { PostgresReplays, type PostgresStoreParts } from './postgres-replays.ts';
import {
  forgetDeadNodes,
  forgetSessionsOf,
  readEndedSessions,
  readNodeSessions,
  readSessions,
} from './session-rows.ts';
import { ownerOf, type SessionJob, writeSessions } from './write-sessions.ts';

/** Sessions come and go in batches: what comes while a transaction runs goes into the next one. */
export class PostgresSessions extends PostgresReplays implements SessionStore {
  readonly #jobs: BatchQueue<SessionJob, Entered | undefined>;

  constructor(parts: PostgresStoreParts) {
    super(parts);
    this.#jobs = new BatchQueue({
      workers: 1,
      laneOf: (job) => laneOf(ownerOf(job).sdkAppId, ownerOf(job).userId, parts.laneCount),
      carryOut: async (jobs) => {
        const results = await this.#write(jobs);
        return () => results;
      },
    });
  }

  enterSession(entry: SessionEntry): Promise<Entered> {
    return this.calls.run(async () => (await this.#jobs.run({ kind: 'enter', entry })) ?? { kind: 'moved' });
  }

  leaveSession(key: SessionKey, asker: string): Promise<void> {
    return this.calls.run(async () => {
      await this.#jobs.run({ kind: 'leave', key, asker });
    });
  }

  readSessions(query: Parameters<SessionStore['readSessions']>[0]): Promise<readonly (readonly SessionRecord[])[]> {
    return this.calls.run(() => readSessions(this.parts, query));
  }

  readEndedSessions(node: string): Promise<readonly EndedSession[]> {
    return this.calls.run(() => readEndedSessions(this.parts, node));
  }

  readNodeSessions(query: Parameters<SessionStore['readNodeSessions']>[0]): Promise<readonly SessionKey[]> {
    return this.calls.run(() => readNodeSessions(this.parts, query));
  }

  forgetSessionsOf(node: string): Promise<void> {
    return this.calls.run(() => forgetSessionsOf(this.parts, node));
  }

  forgetDeadNodes(): Promise<void> {
    return this.calls.run(() => forgetDeadNodes(this.parts));
  }

  /** Write what waits; refuse what comes. */
  protected closeSessions(): Promise<void> {
    return this.#jobs.close();
  }

  async #write(jobs: readonly SessionJob[]): Promise<readonly JobResult<Entered | undefined>[]> {
    const results = await writeSessions(this.parts, jobs);
    const own = new Set(jobs.map((job) => ownerOf(job).node));
    const ended = results.flatMap((result) =>
      'value' in result && result.value?.kind === 'entered' ? result.value.ended : [],
    );
    this.parts.hints?.nodes(ended.map(({ node }) => node).filter((node) => !own.has(node)));
    return results;
  }
}
