/** How the deliveries of one endpoint stand, a range of events at a time: by keys alone, without what was sent and answered. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DeliveryScan, DeliveryStand, LaneRange, ReplayStore, ScannedDelivery } from '../replay-store.ts';
import type { DeliveryRows } from './delivery-rows.ts';
import type { EventRows } from './event-rows.ts';

type Row = Record<string, string | number | null>;

/** What is read for it. */
export interface DeliveryScannerOptions {
  readonly db: DatabaseSync;
  readonly events: EventRows;
  readonly deliveries: DeliveryRows;
  /** throws StoreError `missing` */
  readonly endpointNo: (endpointId: string) => number;
}

/** Looks at deliveries. */
export class DeliveryScanner {
  readonly #options: DeliveryScannerOptions;
  readonly #scan: StatementSync;
  readonly #scanUser: StatementSync;
  readonly #lastAttempt: StatementSync;

  constructor(options: DeliveryScannerOptions) {
    const { db } = options;
    this.#options = options;
    const scan = (more: string): StatementSync =>
      db.prepare(`SELECT seq, user_id, version, command, at_ms, is_erased, (SELECT outcome FROM attempt
          WHERE endpoint_no = ? AND attempt.lane = 0 AND attempt.seq = event.seq ORDER BY number DESC LIMIT 1) AS outcome
        FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq > ? AND seq <= ? ${more} ORDER BY seq`);
    this.#scan = scan('');
    this.#scanUser = scan('AND user_id = ?');
    this.#lastAttempt = db.prepare(`SELECT number, outcome FROM attempt
      WHERE endpoint_no = ? AND lane = 0 AND seq = ? ORDER BY number DESC LIMIT 1`);
  }

  range({ sdkAppId, fromMs, toMs }: Parameters<ReplayStore['findRange']>[0]): LaneRange[] {
    const { events } = this.#options;
    const afterSeq = events.firstSeqAt(sdkAppId, fromMs) - 1;
    const toSeq = events.firstSeqAt(sdkAppId, toMs + 1) - 1;
    return afterSeq < toSeq ? [{ lane: 0, afterSeq, toSeq }] : [];
  }

  /** @throws StoreError `missing` */
  scan(scan: DeliveryScan): { items: ScannedDelivery[]; scannedTo: number } {
    const { sdkAppId, endpointId, afterSeq, toSeq, maxEvents, userId } = scan;
    const { deliveries, endpointNo } = this.#options;
    const standing = deliveries.standing(endpointNo(endpointId));
    const scannedTo = Math.min(toSeq, afterSeq + maxEvents);
    const place = [standing.endpointNo, sdkAppId, afterSeq, scannedTo] as const;
    const rows = userId === undefined ? this.#scan.all(...place) : this.#scanUser.all(...place, userId);
    const items = (rows as Row[]).map((row) => {
      const event = { lane: 0, seq: row.seq as number, userId: row.user_id as string };
      return {
        ...event,
        version: row.version as number,
        command: row.command as string,
        atMs: row.at_ms as number,
        ...(row.is_erased === 1 && ({ isErased: true } as const)),
        state: deliveries.state(standing, event, (row.outcome as string | null) ?? undefined),
      };
    });
    return { items, scannedTo };
  }

  /** @throws StoreError `missing` */
  stand({ sdkAppId, endpointId, seq }: Parameters<ReplayStore['readStand']>[0]): DeliveryStand | undefined {
    const { events, deliveries, endpointNo } = this.#options;
    const standing = deliveries.standing(endpointNo(endpointId));
    const event = events.get(sdkAppId, seq);
    if (!event) return undefined;
    const last = this.#lastAttempt.get(standing.endpointNo, seq) as Row | undefined;
    const state = deliveries.state(standing, event, last?.outcome as string | undefined);
    return { event, state, lastNumber: (last?.number as number | undefined) ?? 0 };
  }
}
