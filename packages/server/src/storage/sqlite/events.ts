/** Rows of the tables `head` and `event`: the log. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { formatEventId } from '../event-id.ts';
import type { ChangeEvent, LaneHead } from '../store.ts';
import type { Staged } from './group-commit.ts';

type Row = Record<string, string | number>;

/** Appends to the log and reads it. Heads live in memory: the process is the file's only writer. */
export class Events implements Staged {
  readonly #heads: Map<number, number>;
  readonly #staged = new Map<number, number>();
  readonly #insert: StatementSync;
  readonly #putHead: StatementSync;
  readonly #read: StatementSync;
  readonly #firstAt: StatementSync;

  constructor(db: DatabaseSync) {
    const heads = db.prepare('SELECT sdk_app_id, seq FROM head WHERE lane = 0').all() as Row[];
    this.#heads = new Map(heads.map((row) => [row.sdk_app_id as number, row.seq as number]));
    this.#insert = db.prepare(`INSERT INTO event (lane, sdk_app_id, seq, previous_seq, at_ms, user_id, version, command,
      client_ip, platform, body, previous) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#putHead = db.prepare(
      'INSERT INTO head VALUES (0, ?, ?) ON CONFLICT (lane, sdk_app_id) DO UPDATE SET seq = excluded.seq',
    );
    this.#read = db.prepare('SELECT * FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq > ? ORDER BY seq LIMIT ?');
    this.#firstAt = db.prepare(
      'SELECT seq, at_ms FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq >= ? ORDER BY seq LIMIT 1',
    );
  }

  head(sdkAppId: number): number {
    return this.#staged.get(sdkAppId) ?? this.#heads.get(sdkAppId) ?? 0;
  }

  heads(): LaneHead[] {
    return [...this.#heads].map(([sdkAppId, seq]) => ({ sdkAppId, lane: 0, seq }));
  }

  /** Give the event its place at the head of the app's lane and write it. */
  append(event: Omit<ChangeEvent, 'eventId' | 'lane' | 'seq'>): ChangeEvent {
    const { sdkAppId, previousSeq, atMs, userId, version, command, clientIp, platform, body, previousItems } = event;
    const seq = this.head(sdkAppId) + 1;
    this.#insert.run(
      sdkAppId,
      seq,
      previousSeq,
      atMs,
      userId,
      version,
      command,
      clientIp,
      platform,
      body,
      JSON.stringify(previousItems),
    );
    this.#staged.set(sdkAppId, seq);
    return { ...event, eventId: formatEventId({ atMs, sdkAppId, lane: 0, seq }), lane: 0, seq };
  }

  /** Write the heads that moved: once per commit, not once per event. */
  writeHeads(): void {
    for (const [sdkAppId, seq] of this.#staged) this.#putHead.run(sdkAppId, seq);
  }

  /** In order, at most `limit`, above `afterSeq`. */
  read(sdkAppId: number, afterSeq: number, limit: number): ChangeEvent[] {
    return (this.#read.all(sdkAppId, afterSeq, limit) as Row[]).map(eventOf);
  }

  get(sdkAppId: number, seq: number): ChangeEvent | undefined {
    const [event] = this.read(sdkAppId, seq - 1, 1);
    return event?.seq === seq ? event : undefined;
  }

  /** @returns the first seq whose event is not older than `atMs`; head + 1 if there is none. Bisection: log2 of the log. */
  firstSeqAt(sdkAppId: number, atMs: number): number {
    let low = 1;
    let high = this.head(sdkAppId) + 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.#firstAt.get(sdkAppId, middle) as Row | undefined;
      if (!row || (row.at_ms as number) >= atMs) high = middle;
      else low = (row.seq as number) + 1;
    }
    return low;
  }

  forget(sdkAppId: number): void {
    this.#heads.delete(sdkAppId);
  }

  publish(): void {
    for (const [sdkAppId, seq] of this.#staged) this.#heads.set(sdkAppId, seq);
    this.#staged.clear();
  }

  discard(): void {
    this.#staged.clear();
  }
}

function eventOf(row: Row): ChangeEvent {
  const place = {
    atMs: row.at_ms as number,
    sdkAppId: row.sdk_app_id as number,
    lane: row.lane as number,
    seq: row.seq as number,
  };
  return {
    ...place,
    eventId: formatEventId(place),
    previousSeq: row.previous_seq as number,
    userId: row.user_id as string,
    version: row.version as number,
    command: row.command as string,
    clientIp: row.client_ip as string,
    platform: row.platform as string,
    body: row.body as string,
    previousItems: JSON.parse(row.previous as string),
  };
}
