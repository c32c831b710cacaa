/** Deliveries, put together from event, cursor, parked users and attempts: they have no rows of their own. */
import { aheadOf, type ParkedRow, stateOf, undeliverable } from '../delivery-state.ts';
import { parseEventId } from '../event-id.ts';
import type { SharedStore } from '../shared-store.ts';
import type { ChangeEvent, Delivery } from '../store.ts';
import { type Blocker, whyNotDelivered } from '../why.ts';
import { type AttemptPlace, readAttempts } from './attempt-rows.ts';
import type { Database, Transaction } from './database.ts';
import { getEvents } from './event-rows.ts';
import { readCursors, type StoredCursor } from './progress-rows.ts';
import { endpointsOf, type NumberedEndpoint } from './settings.ts';

type Queryable = Pick<Database | Transaction, 'query'>;

const PARKED = `SELECT w.lane, w.endpoint_no, w.seq, p.first_seq, p.next_try_at_ms
  FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (lane, endpoint_no, seq)
  JOIN portrait.parked_event AS w ON w.lane = k.lane AND w.endpoint_no = k.endpoint_no AND w.seq = k.seq
  JOIN portrait.parked AS p ON p.lane = w.lane AND p.endpoint_no = w.endpoint_no AND p.user_id = w.user_id`;

/** Cursors and parked users, as far as they concern some events. */
export interface Standings {
  cursor(endpointNo: number, lane: number): StoredCursor;
  parked(place: AttemptPlace): ParkedRow | undefined;
}

/** Events, and the endpoints whose deliveries they are. */
export interface DeliveriesQuery {
  readonly events: readonly ChangeEvent[];
  readonly endpoints: readonly NumberedEndpoint[];
  /** with what attempts sent and were answered */
  readonly isWhole: boolean;
}

/** How endpoints stand to some events. */
export async function readStandings(
  db: Queryable,
  places: readonly { readonly lane: number; readonly seq: number }[],
  endpointNos: readonly number[],
): Promise<Standings> {
  const all = placesOf(places, endpointNos);
  const [cursorRows, parkedRows] = await Promise.all([
    readCursors(db, [...new Set(places.map(({ lane }) => lane))], endpointNos),
    db.query(PARKED, [all.map(({ lane }) => lane), all.map(({ endpointNo }) => endpointNo), all.map(({ seq }) => seq)]),
  ]);
  const cursors = new Map(cursorRows.map((cursor) => [`${cursor.endpointNo}:${cursor.lane}`, cursor]));
  const parked = new Map(
    parkedRows.map((row) => [`${row.endpoint_no}:${row.lane}:${row.seq}`, row as unknown as ParkedRow]),
  );
  return {
    cursor: (endpointNo, lane) => cursors.get(`${endpointNo}:${lane}`) ?? { lane, seq: 0, doneAhead: [], startSeq: 0 },
    parked: ({ endpointNo, lane, seq }) => parked.get(`${endpointNo}:${lane}:${seq}`),
  };
}

/** @returns for each event its deliveries, one for each endpoint, in their order */
export async function readDeliveries(
  db: Queryable,
  { events, endpoints, isWhole }: DeliveriesQuery,
): Promise<Delivery[][]> {
  if (endpoints.length === 0) return events.map((event) => [undeliverable(event)]);
  const endpointNos = endpoints.map(({ endpointNo }) => endpointNo);
  const [standings, attempts] = await Promise.all([
    readStandings(db, events, endpointNos),
    readAttempts(db, placesOf(events, endpointNos), isWhole),
  ]);
  const blockers = await readBlockers(db, events, { standings, endpointNos });
  return events.map((event, row) =>
    endpoints.map((endpoint, column) => {
      const made = attempts[row * endpoints.length + column] ?? [];
      return deliveryOf({ event, ...endpoint, standings, attempts: made, blockers });
    }),
  );
}

/** @returns undefined if there is no such event, or no such endpoint */
export function getDelivery(db: Database, eventId: string, endpointId: string | null): Promise<Delivery | undefined> {
  return db.snapshot(async (tx) => {
    const event = await getEvent(tx, eventId);
    if (!event) return undefined;
    const endpoints = await endpointsOf(tx, event.sdkAppId);
    if (endpointId === null) return endpoints.length === 0 ? undeliverable(event) : undefined;
    const asked = endpoints.filter(({ endpoint }) => endpoint.endpointId === endpointId);
    if (asked.length === 0) return undefined;
    const [deliveries] = await readDeliveries(tx, { events: [event], endpoints: asked, isWhole: true });
    return deliveries?.[0];
  });
}

/** See `SharedStore.readDeliveries`. */
export function deliveriesAt(
  db: Database,
  { sdkAppId, places }: Parameters<SharedStore['readDeliveries']>[0],
): Promise<Delivery[]> {
  return db.snapshot(async (tx) => {
    const [endpoints, found] = await Promise.all([endpointsOf(tx, sdkAppId), getEvents(tx, sdkAppId, places)]);
    const events = found.filter((event) => event !== undefined);
    return (await readDeliveries(tx, { events, endpoints, isWhole: false })).flat();
  });
}

/** @returns undefined if there is no such event */
export async function getEvent(db: Queryable, eventId: string): Promise<ChangeEvent | undefined> {
  const place = parseEventId(eventId);
  if (!place || !isStorable(place)) return undefined;
  const [event] = await getEvents(db, place.sdkAppId, [place]);
  return event?.eventId === eventId ? event : undefined;
}

/** Numbers of an id that were never given out can be too large for their columns. */
function isStorable({
  lane,
  sdkAppId,
  seq,
}: {
  readonly lane: number;
  readonly sdkAppId: number;
  readonly seq: number;
}): boolean {
  return lane < 2 ** 31 && Number.isSafeInteger(sdkAppId) && Number.isSafeInteger(seq);
}

function placesOf(
  places: readonly { readonly lane: number; readonly seq: number }[],
  endpointNos: readonly number[],
): AttemptPlace[] {
  return places.flatMap(({ lane, seq }) => endpointNos.map((endpointNo) => ({ lane, seq, endpointNo })));
}

/** First events of users behind whom some of these wait, by `lane:seq`. */
async function readBlockers(
  db: Queryable,
  events: readonly ChangeEvent[],
  { standings, endpointNos }: { readonly standings: Standings; readonly endpointNos: readonly number[] },
): Promise<ReadonlyMap<string, ChangeEvent>> {
  const firsts = new Map<string, { readonly lane: number; readonly seq: number }>();
  for (const { lane, seq } of events) {
    for (const endpointNo of endpointNos) {
      const first = standings.parked({ lane, seq, endpointNo })?.first_seq;
      if (typeof first === 'number' && first !== seq) firsts.set(`${lane}:${first}`, { lane, seq: first });
    }
  }
  const [some] = events;
  if (firsts.size === 0 || !some) return new Map();
  const found = await getEvents(db, some.sdkAppId, [...firsts.values()]);
  return new Map(found.flatMap((event) => (event ? [[`${event.lane}:${event.seq}`, event]] : [])));
}

interface DeliveryParts extends NumberedEndpoint {
  readonly event: ChangeEvent;
  readonly standings: Standings;
  readonly attempts: Delivery['attempts'];
  readonly blockers: ReadonlyMap<string, ChangeEvent>;
}

function deliveryOf({ event, endpoint, endpointNo, standings, attempts, blockers }: DeliveryParts): Delivery {
  const { lane, seq } = event;
  const cursor = standings.cursor(endpointNo, lane);
  const parked = standings.parked({ endpointNo, lane, seq });
  const lastAttempt = attempts.at(-1);
  const state = stateOf(cursor, parked, { seq, outcome: lastAttempt?.outcome });
  const why = whyNotDelivered({
    state,
    endpoint,
    command: event.command,
    lastAttempt,
    isBeforeStart: seq <= cursor.startSeq,
    isErased: event.isErased ?? false,
    ahead: state === 'pending' ? aheadOf(cursor, seq) : 0,
    blocker: state === 'waiting' && parked ? blockerOf(blockers.get(`${lane}:${parked.first_seq}`), parked) : undefined,
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

function blockerOf(first: ChangeEvent | undefined, { next_try_at_ms }: ParkedRow): Blocker | undefined {
  const state = next_try_at_ms === null ? 'held' : 'retrying';
  return first && { eventId: first.eventId, sequence: first.version, state };
}
