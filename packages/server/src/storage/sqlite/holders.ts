/**
 * Who still needs events. Removal takes only what lies before the lowest seq that any holder names; erasing only what no holder names
 * among the user's own events. A new reason to keep events is one more class here and one more entry in `allHolders`.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ReplayRows } from './replay-rows.ts';

/** Names the events that it needs. */
export interface Holder {
  /** @returns the lowest seq of the app that is needed, and with it all above; Infinity = none */
  lowest(sdkAppId: number): number;
  /** @returns the same among the events of one user, where it is their values that are needed */
  lowestOf(sdkAppId: number, userId: string): number;
}

/** All there are, as one. */
export function allHolders(db: DatabaseSync): Holder {
  const holders: readonly Holder[] = [new CursorHolder(db), new ParkedHolder(db), new ReplayHolder(db)];
  return {
    lowest: (sdkAppId) => Math.min(...holders.map((holder) => holder.lowest(sdkAppId))),
    lowestOf: (sdkAppId, userId) => Math.min(...holders.map((holder) => holder.lowestOf(sdkAppId, userId))),
  };
}

/** An endpoint needs what lies beyond its cursor, paused or not. */
export class CursorHolder implements Holder {
  readonly #lowest: StatementSync;

  constructor(db: DatabaseSync) {
    this.#lowest = db.prepare(`SELECT min(seq) + 1 AS seq FROM cursor WHERE lane = 0 AND endpoint_no IN (
      SELECT endpoint_no FROM endpoint WHERE sdk_app_id = ?)`);
  }

  lowest(sdkAppId: number): number {
    return seqOf(this.#lowest.get(sdkAppId));
  }

  lowestOf(sdkAppId: number): number {
    return this.lowest(sdkAppId);
  }
}

/** A parked user needs what waits for him. */
class ParkedHolder implements Holder {
  readonly #lowest: StatementSync;
  readonly #lowestOf: StatementSync;

  constructor(db: DatabaseSync) {
    // his first event is one step in the key: a search over all that wait, up to 100,000 for an endpoint, took 10 ms
    const firstOf = `SELECT (SELECT min(seq) FROM parked_event AS event WHERE event.endpoint_no = parked.endpoint_no
      AND event.lane = parked.lane AND event.user_id = parked.user_id) AS first FROM parked
      WHERE lane = 0 AND endpoint_no IN (SELECT endpoint_no FROM endpoint WHERE sdk_app_id = ?)`;
    this.#lowest = db.prepare(`SELECT min(first) AS seq FROM (${firstOf})`);
    this.#lowestOf = db.prepare(`SELECT min(first) AS seq FROM (${firstOf} AND user_id = ?)`);
  }

  lowest(sdkAppId: number): number {
    return seqOf(this.#lowest.get(sdkAppId));
  }

  lowestOf(sdkAppId: number, userId: string): number {
    return seqOf(this.#lowestOf.get(sdkAppId, userId));
  }
}

/** A replay needs what it has not sent yet. Erasing does not wait for it: what is erased is not sent. */
class ReplayHolder implements Holder {
  readonly #rows: ReplayRows;

  constructor(db: DatabaseSync) {
    this.#rows = new ReplayRows(db);
  }

  lowest(sdkAppId: number): number {
    return Math.min(...this.#rows.held(sdkAppId).map(({ seq }) => seq));
  }

  lowestOf(): number {
    return Number.POSITIVE_INFINITY;
  }
}

function seqOf(row: unknown): number {
  return (row as { readonly seq: number | null } | undefined)?.seq ?? Number.POSITIVE_INFINITY;
}
