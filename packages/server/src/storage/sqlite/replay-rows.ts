/** Rows of the tables `replay` and `replay_lane`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Replay, ReplayLane, ReplayState } from '../replay-store.ts';
import type { Page } from '../store.ts';

type Row = Record<string, string | number | null>;

/** What of a job is stored as JSON: it never changes. */
export type ReplaySettings = Pick<
  Replay,
  'fromMs' | 'toMs' | 'userId' | 'deliveryState' | 'ratePerSecond' | 'total' | 'createdAtMs'
>;

/** A condition: the job has not ended. */
export const IS_OPEN = "state IN ('queued', 'running')";

/** Reads jobs. */
export class ReplayRows {
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #open: StatementSync;
  readonly #lanes: StatementSync;
  readonly #held: StatementSync;

  constructor(db: DatabaseSync) {
    this.#get = db.prepare('SELECT * FROM replay WHERE job_id = ?');
    this.#list = db.prepare('SELECT * FROM replay WHERE sdk_app_id = ? AND job_no < ? ORDER BY job_no DESC LIMIT ?');
    this.#open = db.prepare(`SELECT * FROM replay WHERE ${IS_OPEN} ORDER BY job_no`);
    this.#lanes = db.prepare('SELECT * FROM replay_lane WHERE lane = 0 AND job_no = ?');
    this.#held = db.prepare(`SELECT lane, min(seq) + 1 AS seq FROM replay JOIN replay_lane USING (job_no)
      WHERE sdk_app_id = ? AND ${IS_OPEN} AND seq < to_seq GROUP BY lane`);
  }

  get(jobId: string): Replay | undefined {
    const row = this.#get.get(jobId) as Row | undefined;
    return row && this.#replayOf(row);
  }

  /** Newest first. */
  list({ sdkAppId, limit, cursor }: { sdkAppId: number; limit: number; cursor?: string }): Page<Replay> {
    const before = Number(cursor ?? Number.MAX_SAFE_INTEGER);
    const rows = this.#list.all(sdkAppId, Number.isSafeInteger(before) ? before : 0, limit + 1) as Row[];
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const items = shown.map((row) => this.#replayOf(row));
    return rows.length > limit && last ? { items, nextCursor: String(last.job_no) } : { items };
  }

  /** Oldest first. */
  open(): Replay[] {
    return (this.#open.all() as Row[]).map((row) => this.#replayOf(row));
  }

  held(sdkAppId: number): { lane: number; seq: number }[] {
    return (this.#held.all(sdkAppId) as Row[]).map((row) => ({ lane: row.lane as number, seq: row.seq as number }));
  }

  #replayOf(row: Row): Replay {
    const settings = JSON.parse(row.settings as string) as ReplaySettings;
    return {
      jobId: row.job_id as string,
      sdkAppId: row.sdk_app_id as number,
      endpointId: row.endpoint_id as string,
      ...settings,
      state: row.state as ReplayState,
      ...(row.reason !== null && { reason: row.reason as string }),
      delivered: row.delivered as number,
      failed: row.failed as number,
      skipped: row.skipped as number,
      ...(row.started_at_ms !== null && { startedAtMs: row.started_at_ms as number }),
      ...(row.finished_at_ms !== null && { finishedAtMs: row.finished_at_ms as number }),
      lanes: (this.#lanes.all(row.job_no as number) as Row[]).map(laneOf),
    };
  }
}

function laneOf(row: Row): ReplayLane {
  return {
    lane: row.lane as number,
    afterSeq: row.after_seq as number,
    toSeq: row.to_seq as number,
    seq: row.seq as number,
    doneAhead: JSON.parse(row.done_ahead as string),
    tried: JSON.parse(row.tried as string),
  };
}
