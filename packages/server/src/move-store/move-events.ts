/**
 * Moves the log of an app from its one lane into many, in order, a batch to a transaction. Each event keeps its user's order and version, and gets the
 * next place of its lane, so that its id is another one. What stands beside it (attempts, what waits, how far endpoints are) moves with it.
 */
import { formatEventId } from '../storage/event-id.ts';
import { laneOf } from '../storage/lane.ts';
import type { Database, SqlValue, Transaction } from '../storage/postgres/database.ts';
import { insertEvents } from '../storage/postgres/event-rows.ts';
import type { ChangeEvent } from '../storage/store.ts';
import type { Source, SourceEndpoint, SourceRow } from './source.ts';

const EVENTS_PER_BATCH = 1_000;
const ATTEMPT_COLUMNS = [
  'number',
  'at_ms',
  'outcome',
  'reason',
  'detail',
  'status',
  'duration_ms',
  'is_reused',
  'dns_us',
  'connect_us',
  'tls_us',
  'first_byte_us',
  'body_us',
  'stage',
  'answer',
  'request',
  'answer_headers',
] as const;

/** What is moved, and where to. */
export interface MoveEventsOptions {
  readonly source: Source;
  readonly database: Database;
  readonly sdkAppId: number;
  readonly laneCount: number;
  readonly endpoints: readonly SourceEndpoint[];
  /** told after each batch: events of the app so far */
  readonly onProgress: (events: number) => void;
}

interface Moved {
  readonly event: ChangeEvent;
  readonly oldSeq: number;
}

/** Go on where an earlier call ended. @throws StoreError */
export async function moveEvents(options: MoveEventsOptions): Promise<void> {
  const { source, database, sdkAppId, laneCount, endpoints, onProgress } = options;
  const name = `moved:${sdkAppId}`;
  const [row] = await database.query('SELECT value FROM portrait.meta WHERE name = $1', [name]);
  let done = (row?.value as number | undefined) ?? 0;
  const erasures = new Set(source.all('SELECT seq FROM erasure WHERE sdk_app_id = ?', sdkAppId).map((one) => one.seq));
  for (let moved = 0; ; ) {
    const sql = 'SELECT * FROM event WHERE lane = 0 AND sdk_app_id = ? AND seq > ? ORDER BY seq LIMIT ?';
    const rows = source.all(sql, sdkAppId, done, EVENTS_PER_BATCH);
    const last = (rows.at(-1)?.seq as number | undefined) ?? Number.MAX_SAFE_INTEGER;
    await database.transaction(async (tx) => {
      const batch = await place(tx, rows, { sdkAppId, laneCount });
      insertEvents(
        tx,
        batch.map(({ event }) => event),
      );
      for (const { event } of batch)
        if (event.isErased)
          tx.send('UPDATE portrait.event SET is_erased = true WHERE lane = $1 AND sdk_app_id = $2 AND seq = $3', [
            event.lane,
            sdkAppId,
            event.seq,
          ]);
      await moveHeads(tx, batch, sdkAppId);
      for (const endpoint of endpoints) {
        moveAttempts(tx, source, { endpoint, batch });
        await moveCursor(tx, endpoint, { batch, from: done, to: last, sdkAppId, laneCount });
      }
      for (const { event, oldSeq } of batch)
        if (erasures.has(oldSeq))
          tx.send('INSERT INTO portrait.erasure VALUES ($1, $2, $3)', [event.lane, sdkAppId, event.seq]);
      tx.send('INSERT INTO portrait.meta VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value', [
        name,
        last,
      ]);
    });
    if (rows.length === 0) return;
    done = last;
    moved += rows.length;
    onProgress(moved);
  }
}

/** Each at the head of its lane, behind the one before it of its user. */
async function place(
  tx: Transaction,
  rows: readonly SourceRow[],
  { sdkAppId, laneCount }: { sdkAppId: number; laneCount: number },
): Promise<Moved[]> {
  const users = [...new Set(rows.map((row) => row.user_id as string))];
  const [heads, profiles] = await Promise.all([
    tx.query('SELECT lane, seq FROM portrait.head WHERE sdk_app_id = $1', [sdkAppId]),
    tx.query(
      'SELECT user_id, last_seq FROM portrait.profile WHERE lane = ANY($1::int[]) AND sdk_app_id = $2 AND user_id = ANY($3::text[])',
      [[...new Set(users.map((userId) => laneOf(sdkAppId, userId, laneCount)))], sdkAppId, users],
    ),
  ]);
  const headOf = new Map(heads.map((row) => [row.lane as number, row.seq as number]));
  const lastOf = new Map(profiles.map((row) => [row.user_id as string, row.last_seq as number]));
  return rows.map((row) => {
    const userId = row.user_id as string;
    const lane = laneOf(sdkAppId, userId, laneCount);
    const seq = (headOf.get(lane) ?? 0) + 1;
    const previousSeq = lastOf.get(userId) ?? 0;
    headOf.set(lane, seq);
    lastOf.set(userId, seq);
    const at = { atMs: row.at_ms as number, sdkAppId, lane, seq };
    const event: ChangeEvent = {
      ...at,
      eventId: formatEventId(at),
      previousSeq,
      userId,
      version: row.version as number,
      command: row.command as string,
      clientIp: row.client_ip as string,
      platform: row.platform as string,
      body: row.body as string,
      previousItems: JSON.parse(row.previous as string),
      ...(row.is_erased === 1 && { isErased: true }),
    };
    return { event, oldSeq: row.seq as number };
  });
}

async function moveHeads(tx: Transaction, batch: readonly Moved[], sdkAppId: number): Promise<void> {
  const heads = [...new Map(batch.map(({ event }) => [event.lane, event])).values()];
  const users = [...new Map(batch.map(({ event }) => [event.userId, event])).values()];
  if (heads.length === 0) return;
  tx.send(
    `UPDATE portrait.head AS h SET seq = k.seq, at_ms = k.at_ms FROM unnest($2::int[], $3::bigint[], $4::bigint[]) AS k (lane, seq, at_ms)
      WHERE h.lane = k.lane AND h.sdk_app_id = $1`,
    [sdkAppId, heads.map(({ lane }) => lane), heads.map(({ seq }) => seq), heads.map(({ atMs }) => atMs)],
  );
  tx.send(
    `UPDATE portrait.profile AS p SET last_seq = k.seq FROM unnest($2::int[], $3::text[], $4::bigint[]) AS k (lane, user_id, seq)
      WHERE p.lane = k.lane AND p.sdk_app_id = $1 AND p.user_id = k.user_id`,
    [sdkAppId, users.map(({ lane }) => lane), users.map(({ userId }) => userId), users.map(({ seq }) => seq)],
  );
}

function moveAttempts(
  tx: Transaction,
  source: Source,
  { endpoint, batch }: { endpoint: SourceEndpoint; batch: readonly Moved[] },
): void {
  const [first, last] = [batch[0]?.oldSeq, batch.at(-1)?.oldSeq];
  if (first === undefined || last === undefined) return;
  const { endpointNo, waiting } = endpoint;
  const byOld = new Map(batch.map(({ event, oldSeq }) => [oldSeq, event]));
  const attempts = source.all(
    'SELECT * FROM attempt WHERE endpoint_no = ? AND lane = 0 AND seq BETWEEN ? AND ?',
    endpointNo,
    first,
    last,
  );
  for (const row of attempts) {
    const event = byOld.get(row.seq as number);
    if (!event) continue;
    const values = ATTEMPT_COLUMNS.map((name) =>
      name === 'is_reused' && row[name] !== null ? row[name] === 1 : (row[name] as SqlValue),
    );
    const places = ATTEMPT_COLUMNS.map((_, index) => `$${index + 4}`).join();
    tx.send(
      `INSERT INTO portrait.attempt (lane, endpoint_no, seq, ${ATTEMPT_COLUMNS.join()}) VALUES ($1, $2, $3, ${places})`,
      [event.lane, endpointNo, event.seq, ...values],
    );
  }
  for (const { from_seq: from, to_seq: to } of source.all(
    'SELECT * FROM passed WHERE endpoint_no = ? AND to_seq >= ? AND from_seq <= ?',
    endpointNo,
    first,
    last,
  )) {
    for (const { event, oldSeq } of batch) {
      if (oldSeq >= (from as number) && oldSeq <= (to as number))
        tx.send('INSERT INTO portrait.passed VALUES ($1, $2, $3, $3)', [event.lane, endpointNo, event.seq]);
    }
  }
  for (const { event, oldSeq } of batch) {
    if (waiting.has(oldSeq))
      tx.send('INSERT INTO portrait.parked_event VALUES ($1, $2, $3, $4)', [
        event.lane,
        endpointNo,
        event.userId,
        event.seq,
      ]);
  }
}

/** In each lane the cursor stands behind the last of its events that is not above the old cursor. */
async function moveCursor(
  tx: Transaction,
  { endpointNo, seq: oldCursor, startSeq: oldStart, doneAhead }: SourceEndpoint,
  {
    batch,
    from,
    to,
    sdkAppId,
    laneCount,
  }: { batch: readonly Moved[]; from: number; to: number; sdkAppId: number; laneCount: number },
): Promise<void> {
  for (const [column, bound] of [
    ['seq', oldCursor],
    ['start_seq', oldStart],
  ] as const) {
    // it lies in this batch, or before the first or behind the last event
    if (bound > to || (bound <= from && from > 0)) continue;
    const heads = await tx.query('SELECT lane, seq FROM portrait.head WHERE sdk_app_id = $1', [sdkAppId]);
    const above = Map.groupBy(
      batch.filter(({ oldSeq }) => oldSeq > bound),
      ({ event }) => event.lane,
    );
    const lanes = Array.from({ length: laneCount }, (_, lane) => lane);
    const seqs = lanes.map(
      (lane) =>
        ((heads.find((row) => row.lane === lane)?.seq as number | undefined) ?? 0) - (above.get(lane)?.length ?? 0),
    );
    tx.send(
      `UPDATE portrait.cursor AS c SET ${column} = k.seq FROM unnest($2::int[], $3::bigint[]) AS k (lane, seq) WHERE c.lane = k.lane AND c.endpoint_no = $1`,
      [endpointNo, lanes, seqs],
    );
  }
  const ahead = batch.filter(({ oldSeq }) => doneAhead.has(oldSeq));
  for (const { event } of ahead)
    tx.send('INSERT INTO portrait.moved_ahead VALUES ($1, $2, $3)', [endpointNo, event.lane, event.seq]);
}
