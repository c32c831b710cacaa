/** Writes replays, and attempts that they and people make beside an endpoint's own. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { MAX_ENDED_REPLAYS, type Replay, type ReplaySettlement, type ReplayStore } from '../replay-store.ts';
import { IS_OPEN, type ReplaySettings } from './replay-rows.ts';
import type { SettlementWriter } from './settlement-writer.ts';

/** One write, as ReplayStore describes it. */
export type ReplayJob =
  | { readonly kind: 'record'; readonly redelivery: Parameters<ReplayStore['recordRedelivery']>[0] }
  | { readonly kind: 'create'; readonly replay: Replay }
  | { readonly kind: 'start'; readonly jobId: string }
  | { readonly kind: 'settle'; readonly settlement: ReplaySettlement }
  | { readonly kind: 'end'; readonly end: Parameters<ReplayStore['endReplay']>[0] };

/** Writes inside a transaction. */
export class ReplayWriter {
  readonly #db: DatabaseSync;
  readonly #settlements: SettlementWriter;
  readonly #settle: StatementSync;
  readonly #settleLane: StatementSync;

  constructor(db: DatabaseSync, settlements: SettlementWriter) {
    this.#db = db;
    this.#settlements = settlements;
    this.#settle = db.prepare('UPDATE replay SET delivered = ?, failed = ?, skipped = ? WHERE job_id = ?');
    this.#settleLane = db.prepare(`UPDATE replay_lane SET seq = ?, done_ahead = ?, tried = ?
      WHERE lane = ? AND job_no = (SELECT job_no FROM replay WHERE job_id = ?)`);
  }

  /** @param nowMs  commit time */
  carryOut(job: ReplayJob, nowMs: number): unknown {
    switch (job.kind) {
      case 'record':
        return this.#settlements.record(job.redelivery);
      case 'create':
        return this.#create(job.replay);
      case 'start': {
        const sql = "UPDATE replay SET state = 'running', started_at_ms = ? WHERE job_id = ? AND state = 'queued'";
        this.#db.prepare(sql).run(nowMs, job.jobId);
        return undefined;
      }
      case 'settle':
        return this.#settleReplay(job.settlement);
      case 'end': {
        const { jobId, state, reason = null } = job.end;
        const sql = `UPDATE replay SET state = ?, reason = ?, finished_at_ms = ? WHERE job_id = ? AND ${IS_OPEN}`;
        return this.#db.prepare(sql).run(state, reason, nowMs, jobId).changes === 1;
      }
    }
  }

  /** The endpoint is being removed: its jobs end with it. */
  endOf(endpointId: string, nowMs: number): void {
    const sql = `UPDATE replay SET state = 'failed', reason = 'endpoint-deleted', finished_at_ms = ?
      WHERE endpoint_id = ? AND ${IS_OPEN}`;
    this.#db.prepare(sql).run(nowMs, endpointId);
  }

  forgetApp(sdkAppId: number): void {
    this.#remove('sdk_app_id = ?', sdkAppId);
  }

  #create(replay: Replay): void {
    const { jobId, sdkAppId, endpointId, state, delivered, failed, skipped, lanes } = replay;
    const { fromMs, toMs, userId, deliveryState, ratePerSecond, total, createdAtMs } = replay;
    const endpoint = this.#db.prepare('SELECT 1 FROM endpoint WHERE endpoint_id = ?').get(endpointId);
    if (!endpoint) throw new StoreError('missing', `There is no endpoint ${endpointId}.`);
    const settings = {
      fromMs,
      toMs,
      ...(userId !== undefined && { userId }),
      ...(deliveryState !== undefined && { deliveryState }),
      ratePerSecond,
      total,
      createdAtMs,
    } satisfies ReplaySettings;
    const sql = `INSERT INTO replay (job_id, sdk_app_id, endpoint_id, settings, state, delivered, failed, skipped)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
    const counts = [delivered, failed, skipped] as const;
    const made = this.#db.prepare(sql).run(jobId, sdkAppId, endpointId, JSON.stringify(settings), state, ...counts);
    const putLane = this.#db.prepare('INSERT INTO replay_lane VALUES (?, ?, ?, ?, ?, ?, ?)');
    for (const { lane, afterSeq, toSeq, seq, doneAhead, tried } of lanes) {
      putLane.run(lane, made.lastInsertRowid, afterSeq, toSeq, seq, JSON.stringify(doneAhead), JSON.stringify(tried));
    }
    const ended = `sdk_app_id = ?1 AND NOT ${IS_OPEN}`;
    this.#remove(
      `${ended} AND job_no NOT IN (SELECT job_no FROM replay WHERE ${ended} ORDER BY job_no DESC LIMIT ${MAX_ENDED_REPLAYS})`,
      sdkAppId,
    );
  }

  #settleReplay(settlement: ReplaySettlement): void {
    const { jobId, lane, seq, doneAhead, tried, delivered, failed, skipped } = settlement;
    this.#settlements.record(settlement);
    this.#settle.run(delivered, failed, skipped, jobId);
    this.#settleLane.run(seq, JSON.stringify(doneAhead), JSON.stringify(tried), lane, jobId);
  }

  #remove(where: string, sdkAppId: number): void {
    this.#db
      .prepare(`DELETE FROM replay_lane WHERE lane = 0 AND job_no IN (SELECT job_no FROM replay WHERE ${where})`)
      .run(sdkAppId);
    this.#db.prepare(`DELETE FROM replay WHERE ${where}`).run(sdkAppId);
  }
}
