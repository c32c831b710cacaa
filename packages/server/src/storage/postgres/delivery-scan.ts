/** How the deliveries of one endpoint stand, a range of events at a time: by keys alone, without what was sent and answered. */
import { stateOf } from '../delivery-state.ts';
import type { DeliveryScan, DeliveryStand, LaneRange, ReplayStore, ScannedDelivery } from '../replay-store.ts';
import type { Database } from './database.ts';
import { readStandings } from './deliveries.ts';
import { firstSeqsAt, getEvents, readBounds } from './event-rows.ts';
import { findEndpoint } from './settings.ts';

const LAST_OUTCOME = `(SELECT outcome FROM portrait.attempt AS a WHERE a.lane = e.lane AND a.endpoint_no = $2 AND a.seq = e.seq
  ORDER BY number DESC LIMIT 1) AS outcome`;
const SCAN = `SELECT seq, user_id, version, command, at_ms, is_erased, ${LAST_OUTCOME} FROM portrait.event AS e
  WHERE lane = $1 AND sdk_app_id = $3 AND seq > $4 AND seq <= $5 AND ($6::text IS NULL OR user_id = $6) ORDER BY seq`;
const LAST_ATTEMPT =
  'SELECT number, outcome FROM portrait.attempt WHERE lane = $1 AND endpoint_no = $2 AND seq = $3 ORDER BY number DESC LIMIT 1';

/** Where the events of a time lie. */
export async function findRange(
  db: Database,
  lanes: readonly number[],
  { sdkAppId, fromMs, toMs }: Parameters<ReplayStore['findRange']>[0],
): Promise<LaneRange[]> {
  const bounds = await readBounds(db, { sdkAppId, lanes, fromMs });
  const ends = await firstSeqsAt(db, { sdkAppId, lanes, atMs: toMs + 1 });
  return bounds
    .map(({ lane, firstSeq }) => ({ lane, afterSeq: firstSeq - 1, toSeq: (ends.get(lane) ?? 1) - 1 }))
    .filter(({ afterSeq, toSeq }) => afterSeq < toSeq);
}

/** @throws StoreError `missing` */
export function scanDeliveries(
  db: Database,
  scan: DeliveryScan,
): Promise<{ readonly items: readonly ScannedDelivery[]; readonly scannedTo: number }> {
  const { sdkAppId, endpointId, lane, afterSeq, toSeq, maxEvents, userId } = scan;
  const scannedTo = Math.min(toSeq, afterSeq + maxEvents);
  return db.snapshot(async (tx) => {
    const { endpointNo } = await findEndpoint(tx, endpointId);
    const rows = await tx.query(SCAN, [lane, endpointNo, sdkAppId, afterSeq, scannedTo, userId ?? null]);
    const standings = await readStandings(
      tx,
      rows.map((row) => ({ lane, seq: row.seq as number })),
      [endpointNo],
    );
    const items = rows.map((row): ScannedDelivery => {
      const seq = row.seq as number;
      const place = { lane, seq, endpointNo };
      const outcome = (row.outcome as string | null) ?? undefined;
      return {
        lane,
        seq,
        userId: row.user_id as string,
        version: row.version as number,
        command: row.command as string,
        atMs: row.at_ms as number,
        ...(row.is_erased === true && ({ isErased: true } as const)),
        state: stateOf(standings.cursor(endpointNo, lane), standings.parked(place), { seq, outcome }),
      };
    });
    return { items, scannedTo };
  });
}

/** @throws StoreError `missing` */
export function readStand(
  db: Database,
  { sdkAppId, endpointId, lane, seq }: Parameters<ReplayStore['readStand']>[0],
): Promise<DeliveryStand | undefined> {
  return db.snapshot(async (tx) => {
    const { endpointNo } = await findEndpoint(tx, endpointId);
    const [[event], [last], standings] = await Promise.all([
      getEvents(tx, sdkAppId, [{ lane, seq }]),
      tx.query(LAST_ATTEMPT, [lane, endpointNo, seq]),
      readStandings(tx, [{ lane, seq }], [endpointNo]),
    ]);
    if (!event) return undefined;
    const outcome = last?.outcome as string | undefined;
    const parked = standings.parked({ lane, seq, endpointNo });
    return {
      event,
      state: stateOf(standings.cursor(endpointNo, lane), parked, { seq, outcome }),
      lastNumber: (last?.number as number | undefined) ?? 0,
    };
  });
}
