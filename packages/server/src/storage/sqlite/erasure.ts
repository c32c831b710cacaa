/** Overwrites what deleted accounts left in the log, in steps that share commits with the changes that wait. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { eraseEvent } from '../../profile/erase-event.ts';
import type { ChangeEvent, StepResult } from '../store.ts';
import { EventRows } from './event-rows.ts';
import { allHolders, CursorHolder, type Holder } from './holders.ts';

/** Events that a step overwrites, or finds to be so already. */
const EVENTS_PER_STEP = 200;
/** Accounts that a step looks at. */
const ACCOUNTS_PER_STEP = 100;

/** Works inside a transaction. */
export class Erasure {
  readonly #db: DatabaseSync;
  readonly #events: EventRows;
  readonly #needed: Holder;
  readonly #cursors: Holder;
  readonly #put: StatementSync;
  readonly #next: StatementSync;
  readonly #drop: StatementSync;
  readonly #dropApp: StatementSync;
  readonly #overwrite: StatementSync;
  readonly #clearAttempts: StatementSync;
  /** up to where the rows of an app were looked at in this round */
  readonly #seenSeq = new Map<number, number>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#events = new EventRows(db);
    this.#needed = allHolders(db);
    this.#cursors = new CursorHolder(db);
    this.#put = db.prepare('INSERT OR IGNORE INTO erasure (lane, sdk_app_id, seq) VALUES (0, ?, ?)');
    this.#next = db.prepare(`SELECT seq FROM erasure WHERE lane = 0 AND sdk_app_id = ? AND seq > ? AND seq < ?
      ORDER BY seq LIMIT ${ACCOUNTS_PER_STEP}`);
    this.#drop = db.prepare('DELETE FROM erasure WHERE lane = 0 AND sdk_app_id = ? AND seq = ?');
    this.#dropApp = db.prepare('DELETE FROM erasure WHERE lane = 0 AND sdk_app_id = ?');
    this.#overwrite = db.prepare(`UPDATE event SET body = ?, previous = ?, client_ip = ?, is_erased = 1
      WHERE lane = 0 AND sdk_app_id = ? AND seq = ?`);
    // what the receiver said, with the sentences that quote it, and the URL with the client's address
    this.#clearAttempts = db.prepare(`UPDATE attempt SET answer = NULL, answer_headers = NULL, request = NULL,
      detail = CASE WHEN status IS NULL THEN detail END
      WHERE lane = 0 AND seq = ? AND endpoint_no IN (SELECT endpoint_no FROM endpoint WHERE sdk_app_id = ?)`);
  }

  /** The account whose newest event is `lastSeq` was deleted; 0 = it has none. */
  request(sdkAppId: number, lastSeq: number): void {
    if (lastSeq > 0) this.#put.run(sdkAppId, lastSeq);
  }

  /** The rows of an app are gone. */
  forget(sdkAppId: number): void {
    this.#dropApp.run(sdkAppId);
    this.#seenSeq.delete(sdkAppId);
  }

  /** One step: see `Store.eraseDeleted`. */
  erase(sdkAppId: number): StepResult {
    const seen = this.#seenSeq.get(sdkAppId) ?? 0;
    const rows = this.#next.all(sdkAppId, seen, beyond(this.#cursors.lowest(sdkAppId))) as { readonly seq: number }[];
    let [room, events] = [EVENTS_PER_STEP, 0];
    for (const { seq } of rows) {
      if (room === 0) break;
      if (this.#isSettled(sdkAppId, seq)) {
        const done = this.#eraseAccount(sdkAppId, seq, room);
        room -= done.seen;
        events += done.erased;
      } else this.#seenSeq.set(sdkAppId, seq);
    }
    const isDone = rows.length < ACCOUNTS_PER_STEP && room > 0;
    if (isDone) this.#seenSeq.delete(sdkAppId);
    return { events, isDone };
  }

  /** Whether nobody waits for the event or one of its user's before it. */
  #isSettled(sdkAppId: number, seq: number): boolean {
    const event = this.#events.get(sdkAppId, seq);
    return !event || this.#needed.lowestOf(sdkAppId, event.userId) > seq;
  }

  /** Back through the account's history. What is left for another step is remembered by its newest event. */
  #eraseAccount(sdkAppId: number, lastSeq: number, room: number): { readonly seen: number; readonly erased: number } {
    let [seq, seen, erased] = [lastSeq, 0, 0];
    for (; seq > 0 && seen < room; seen += 1) {
      const event = this.#events.get(sdkAppId, seq);
      if (event && !event.isErased) {
        this.#eraseEvent(event);
        erased += 1;
      }
      seq = event?.previousSeq ?? 0;
    }
    this.#drop.run(sdkAppId, lastSeq);
    this.request(sdkAppId, seq);
    return { seen, erased };
  }

  #eraseEvent(event: ChangeEvent): void {
    const { sdkAppId, seq } = event;
    const { body, previousItems, clientIp } = eraseEvent(event);
    overwriting(this.#db, () => {
      this.#overwrite.run(body, JSON.stringify(previousItems), clientIp, sdkAppId, seq);
      this.#clearAttempts.run(seq, sdkAppId);
    });
  }
}

/** Run what removes values of a person: zeros are put where they stood, on pages too that are not needed any more. */
export function overwriting(db: DatabaseSync, run: () => void): void {
  db.exec('PRAGMA secure_delete = ON');
  try {
    run();
  } finally {
    db.exec('PRAGMA secure_delete = FAST');
  }
}

/** SQLite knows no infinity. */
function beyond(seq: number): number {
  return Math.min(seq, Number.MAX_SAFE_INTEGER);
}
