/** Appends to the log. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { formatEventId } from '../event-id.ts';
import type { ChangeEvent, LaneHead } from '../store.ts';
import { EventRows } from './event-rows.ts';

/** Gives events their place. Heads live in memory: the writer is the file's only one. */
export class EventWriter {
  readonly #heads: Map<number, number>;
  readonly #staged = new Map<number, number>();
  readonly #rows: EventRows;
  /** time of each app's newest event, once it was looked up */
  readonly #lastAtMs = new Map<number, number>();
  readonly #insert: StatementSync;
  readonly #putHead: StatementSync;

  constructor(db: DatabaseSync) {
    this.#rows = new EventRows(db);
    this.#heads = new Map(this.#rows.heads().map(({ sdkAppId, seq }) => [sdkAppId, seq]));
    this.#insert = db.prepare(`INSERT INTO event (lane, sdk_app_id, seq, previous_seq, at_ms, user_id, version, command,
      client_ip, platform, body, previous) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#putHead = db.prepare(
      'INSERT INTO head VALUES (0, ?, ?, 0) ON CONFLICT (lane, sdk_app_id) DO UPDATE SET seq = excluded.seq',
    );
  }

  head(sdkAppId: number): number {
    return this.#staged.get(sdkAppId) ?? this.#heads.get(sdkAppId) ?? 0;
  }

  /** As they were before this transaction. */
  committedHeads(): LaneHead[] {
    return [...this.#heads].map(([sdkAppId, seq]) => ({ sdkAppId, lane: 0, seq }));
  }

  /**
   * The moment of the app's next event: `nowMs`, but never before its last one, so that the log can be searched by time although
   * the clock was set back meanwhile.
   */
  timeOf(sdkAppId: number, nowMs: number): number {
    return Math.max(nowMs, this.#lastAtMs.get(sdkAppId) ?? this.#rows.lastAtMs(sdkAppId));
  }

  /** Give the event its place at the head of the app's lane and write it. */
  append(event: Omit<ChangeEvent, 'eventId' | 'lane' | 'seq'>): ChangeEvent {
    const { sdkAppId, previousSeq, atMs, userId, version, command, clientIp, platform, body, previousItems } = event;
    const seq = this.head(sdkAppId) + 1;
    const previous = JSON.stringify(previousItems);
    const who = [userId, version, command, clientIp, platform] as const;
    this.#insert.run(sdkAppId, seq, previousSeq, atMs, ...who, body, previous);
    this.#staged.set(sdkAppId, seq);
    this.#lastAtMs.set(sdkAppId, atMs);
    return { ...event, eventId: formatEventId({ atMs, sdkAppId, lane: 0, seq }), lane: 0, seq };
  }

  /** Write the heads that moved: once per commit, not once per event. */
  writeHeads(): void {
    for (const [sdkAppId, seq] of this.#staged) this.#putHead.run(sdkAppId, seq);
  }

  /** The rows of an app are gone. */
  forget(sdkAppId: number): void {
    for (const map of [this.#heads, this.#staged, this.#lastAtMs]) map.delete(sdkAppId);
  }

  publish(): void {
    for (const [sdkAppId, seq] of this.#staged) this.#heads.set(sdkAppId, seq);
    this.#staged.clear();
  }

  discard(): void {
    this.#staged.clear();
    this.#lastAtMs.clear();
  }
}
