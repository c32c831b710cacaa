/** One delivery, put together from event, cursor, parked users and attempts: it has no row of its own. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { aheadOf, type ParkedRow, stateOf } from '../delivery-state.ts';
import type { ChangeEvent, Delivery, DeliveryState, Endpoint } from '../store.ts';
import { type Blocker, whyNotDelivered } from '../why.ts';
import { AttemptRows } from './attempt-rows.ts';
import { CursorRows, type StoredCursor } from './cursor-rows.ts';
import type { EventRows } from './event-rows.ts';

/** How far an endpoint has got. */
export interface Standing {
  readonly endpointNo: number;
  readonly cursor: StoredCursor;
  /** false: nobody has to be looked up there */
  readonly hasParked: boolean;
}

/** An endpoint as a reader of the log. */
export interface Reader extends Standing {
  readonly endpoint: Endpoint;
}

type EventOfUser = Pick<ChangeEvent, 'lane' | 'seq' | 'userId'>;

/** Reads deliveries. */
export class DeliveryRows {
  readonly #events: EventRows;
  readonly #attempts: AttemptRows;
  readonly #cursors: CursorRows;
  readonly #anyParked: StatementSync;
  readonly #parked: StatementSync;

  constructor(db: DatabaseSync, events: EventRows) {
    this.#events = events;
    this.#attempts = new AttemptRows(db);
    this.#cursors = new CursorRows(db);
    this.#anyParked = db.prepare('SELECT 1 FROM parked WHERE endpoint_no = ? LIMIT 1');
    this.#parked =
      db.prepare(`SELECT first_seq, next_try_at_ms FROM parked JOIN parked_event USING (endpoint_no, lane, user_id)
      WHERE endpoint_no = ? AND lane = ? AND user_id = ? AND seq = ?`);
  }

  reader(endpoint: Endpoint, endpointNo: number): Reader {
    return { endpoint, ...this.standing(endpointNo) };
  }

  standing(endpointNo: number): Standing {
    const hasParked = this.#anyParked.get(endpointNo) !== undefined;
    return { endpointNo, cursor: this.#cursors.of(endpointNo, 0), hasParked };
  }

  /** @param outcome  of the last attempt, if there is one */
  state(standing: Standing, event: EventOfUser, outcome: string | undefined): DeliveryState {
    return stateOf(standing.cursor, this.#parkedRow(standing, event), { seq: event.seq, outcome });
  }

  /** @param isWhole  with what its attempts sent and were answered */
  delivery(reader: Reader, event: ChangeEvent, isWhole: boolean): Delivery {
    const { endpoint, endpointNo, cursor } = reader;
    const attempts = this.#attempts.of(endpointNo, event, isWhole);
    const lastAttempt = attempts.at(-1);
    const parked = this.#parkedRow(reader, event);
    const state = stateOf(reader.cursor, parked, { seq: event.seq, outcome: lastAttempt?.outcome });
    const why = whyNotDelivered({
      state,
      endpoint,
      command: event.command,
      lastAttempt,
      isBeforeStart: event.seq <= cursor.startSeq,
      isErased: event.isErased ?? false,
      ahead: state === 'pending' ? aheadOf(cursor, event.seq) : 0,
      blocker: state === 'waiting' && parked ? this.#blocker(parked, event) : undefined,
    });
    const nextTryAtMs = state === 'retrying' ? parked?.next_try_at_ms : undefined;
    return {
      event,
      endpointId: endpoint.endpointId,
      state,
      attempts,
      ...(typeof nextTryAtMs === 'number' && { nextTryAtMs }),
      ...(why && { why }),
    };
  }

  #parkedRow({ endpointNo, hasParked }: Standing, { lane, userId, seq }: EventOfUser): ParkedRow | undefined {
    return hasParked ? (this.#parked.get(endpointNo, lane, userId, seq) as ParkedRow | undefined) : undefined;
  }

  #blocker({ first_seq, next_try_at_ms }: ParkedRow, { sdkAppId }: ChangeEvent): Blocker | undefined {
    const first = this.#events.get(sdkAppId, first_seq ?? 0);
    if (!first) return undefined;
    const state = next_try_at_ms === null ? 'held' : 'retrying';
    return { eventId: first.eventId, sequence: first.version, state };
  }
}
