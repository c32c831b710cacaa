/** Rows of the tables `head` and `event`: the log. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { eventOfRow } from '../event-of-row.ts';
import type { ChangeEvent, LaneHead, LaneTail, LogBounds } from '../store.ts';

type Row = Record<string, string | number>;

/** Reads the log. */
export class EventRows {
  readonly #head: StatementSync;
  readonly #heads: StatementSync;
  readonly #read: StatementSync;
  readonly #firstAt: StatementSync;
  readonly #lastAt: StatementSync;
  readonly #link: StatementSync;

  constructor(db: DatabaseSync) {
    this.#head = db.prepare('SELECT seq FROM head WHERE lane = 0 AND sdk_app_id = ?');
    this.#heads = db.prepare('SELECT sdk_app_id, lane, seq FROM head WHERE seq > 0');
    this.#read = db.prepare('SELECT * FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq > ? ORDER BY seq LIMIT ?');
    this.#firstAt = db.prepare(
      'SELECT seq, at_ms FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq >= ? ORDER BY seq LIMIT 1',
    );
    this.#lastAt = db.prepare('SELECT at_ms FROM event WHERE lane = 0 AND sdk_app_id = ? ORDER BY seq DESC LIMIT 1');
    this.#link = db.prepare('SELECT previous_seq, version FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq = ?');
  }

  /** @returns 0 if the app has no events */
  head(sdkAppId: number): number {
    return ((this.#head.get(sdkAppId) as Row | undefined)?.seq as number | undefined) ?? 0;
  }

  heads(): LaneHead[] {
    return (this.#heads.all() as Row[]).map((row) => ({
      sdkAppId: row.sdk_app_id as number,
      lane: row.lane as number,
      seq: row.seq as number,
    }));
  }

  /** In order, at most `limit`, above `afterSeq`. */
  read(sdkAppId: number, afterSeq: number, limit: number): ChangeEvent[] {
    return (this.#read.all(sdkAppId, afterSeq, limit) as Row[]).map(eventOfRow);
  }

  get(sdkAppId: number, seq: number): ChangeEvent | undefined {
    const [event] = this.read(sdkAppId, seq - 1, 1);
    return event?.seq === seq ? event : undefined;
  }

  /** What the log holds, or of that the events since `fromMs`. @returns none if the app never had an event */
  bounds(sdkAppId: number, fromMs: number | undefined): LogBounds[] {
    const headSeq = this.head(sdkAppId);
    if (headSeq === 0) return [];
    const first = fromMs === undefined ? this.firstSeq(sdkAppId) : this.firstSeqAt(sdkAppId, fromMs);
    return [{ lane: 0, afterSeq: first - 1, headSeq }];
  }

  /** @returns the first seq whose event is not older than `atMs`; head + 1 if there is none. Bisection: log2 of the log. */
  /** The oldest event that is still there; undefined if there is none. */
  tail(sdkAppId: number): LaneTail | undefined {
    const row = this.#firstAt.get(sdkAppId, 1) as Row | undefined;
    return row && { lane: 0, seq: row.seq as number, atMs: row.at_ms as number };
  }

  /** @returns seq of the oldest event that is still there; head + 1 if there is none */
  firstSeq(sdkAppId: number): number {
    return this.tail(sdkAppId)?.seq ?? this.head(sdkAppId) + 1;
  }

  /** @returns time of the newest event; 0 if there is none */
  lastAtMs(sdkAppId: number): number {
    return ((this.#lastAt.get(sdkAppId) as Row | undefined)?.at_ms as number | undefined) ?? 0;
  }

  /** What leads from an event to the one before it of the same user: a third of the time of `get`. */
  link(sdkAppId: number, seq: number): { previousSeq: number; version: number } | undefined {
    const row = this.#link.get(sdkAppId, seq) as Row | undefined;
    return row && { previousSeq: row.previous_seq as number, version: row.version as number };
  }

  /**
   * Bisection: log2 of the log. Times never go back from one event to the next (event-writer.ts).
   *
   * @returns the first seq whose event is not older than `atMs`; head + 1 if there is none
   */
  firstSeqAt(sdkAppId: number, atMs: number): number {
    let low = this.firstSeq(sdkAppId);
    let high = this.head(sdkAppId) + 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.#firstAt.get(sdkAppId, middle) as Row | undefined;
      if (!row || (row.at_ms as number) >= atMs) high = middle;
      else low = (row.seq as number) + 1;
    }
    return low;
  }
}
