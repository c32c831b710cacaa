/**
 * Writes what came of deliveries: attempts, cursors, parked users, and what was passed; as many settlements as wait in one transaction.
 *
 * The rows of their lanes are read with a lock that others share, but who takes the lane over does not: he waits until this is committed, and what
 * comes with his epoch's predecessor after that is refused.
 */
import { StoreError } from '../../errors.ts';
import { passedSeqs, type SeqRun } from '../passed-seqs.ts';
import { encodeSeqs } from '../seq-bitmap.ts';
import type { Cursor, Settlement } from '../store.ts';
import { type PlacedAttempt, putAttempts } from './attempt-rows.ts';
import type { JobResult } from './batch-queue.ts';
import type { Database, SqlValue, Transaction } from './database.ts';
import { type PreparedSql, prepared } from './prepared.ts';
import { readCursors } from './progress-rows.ts';

const EPOCHS = prepared('SELECT lane, epoch FROM portrait.lane WHERE lane = ANY($1::int[]) ORDER BY lane FOR SHARE');
const ENDPOINTS = prepared(
  'SELECT endpoint_id, endpoint_no FROM portrait.endpoint WHERE endpoint_id = ANY($1::text[]) ORDER BY endpoint_no FOR SHARE',
);

const PUT_CURSORS = prepared(`INSERT INTO portrait.cursor (lane, endpoint_no, seq, done_ahead, start_seq)
  SELECT *, 0 FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bytea[])
  ON CONFLICT (lane, endpoint_no) DO UPDATE SET seq = excluded.seq, done_ahead = excluded.done_ahead`);
const PUT_PARKED = `INSERT INTO portrait.parked (lane, endpoint_no, user_id, attempts, uncounted, next_try_at_ms, reason)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::text[])
  ON CONFLICT (lane, endpoint_no, user_id) DO UPDATE SET attempts = excluded.attempts, uncounted = excluded.uncounted,
    next_try_at_ms = excluded.next_try_at_ms, reason = excluded.reason`;
const DROP_PARKED = `DELETE FROM portrait.parked AS p USING unnest($1::int[], $2::bigint[], $3::text[]) AS k (lane, endpoint_no, user_id)
  WHERE p.lane = k.lane AND p.endpoint_no = k.endpoint_no AND p.user_id = k.user_id`;
const PUT_WAITING = `INSERT INTO portrait.parked_event (lane, endpoint_no, user_id, seq)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING`;
const DROP_WAITING = `DELETE FROM portrait.parked_event AS p
  USING unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[]) AS k (lane, endpoint_no, user_id, seq)
  WHERE p.lane = k.lane AND p.endpoint_no = k.endpoint_no AND p.user_id = k.user_id AND p.seq = k.seq`;
const PUT_FIRST = `UPDATE portrait.parked AS p SET first_seq = (SELECT min(w.seq) FROM portrait.parked_event AS w
    WHERE w.lane = p.lane AND w.endpoint_no = p.endpoint_no AND w.user_id = p.user_id)
  FROM unnest($1::int[], $2::bigint[], $3::text[]) AS k (lane, endpoint_no, user_id)
  WHERE p.lane = k.lane AND p.endpoint_no = k.endpoint_no AND p.user_id = k.user_id`;
const PUT_PASSED = `INSERT INTO portrait.passed (lane, endpoint_no, from_seq, to_seq)
  SELECT k.lane, k.endpoint_no, CASE WHEN last.to_seq >= k.from_seq - 1 THEN last.from_seq ELSE k.from_seq END, k.to_seq
  FROM (SELECT $1::int, $2::bigint, $3::bigint, $4::bigint) AS k (lane, endpoint_no, from_seq, to_seq)
  LEFT JOIN LATERAL (SELECT from_seq, to_seq FROM portrait.passed WHERE lane = k.lane AND endpoint_no = k.endpoint_no AND from_seq <= k.from_seq
    ORDER BY from_seq DESC LIMIT 1) AS last ON true
  ON CONFLICT (lane, endpoint_no, from_seq) DO UPDATE SET to_seq = greatest(portrait.passed.to_seq, excluded.to_seq)`;

/** Who writes: what is checked before anything is written. */
export type LaneClaim = Pick<Settlement, 'endpointId' | 'lane' | 'epoch'>;

interface Admitted {
  readonly settlement: Settlement;
  readonly endpointNo: number;
}

/**
 * @returns a result for each settlement, in order: stored, or `lease-lost` or `missing` for it alone
 * @throws StoreError the transaction failed as a whole
 */
export function settle(database: Database, settlements: readonly Settlement[]): Promise<readonly JobResult<void>[]> {
  return database.transaction(async (tx) => {
    const checked = await checkClaims(tx, settlements);
    const admitted = settlements.flatMap((settlement, at): Admitted[] => {
      const result = checked[at];
      return result && 'value' in result ? [{ settlement, endpointNo: result.value }] : [];
    });
    // one of an endpoint in a lane after the other, as they came
    for (const round of rounds(admitted)) await write(tx, round);
    return checked.map((result) => ('error' in result ? result : { value: undefined }));
  });
}

/** Lock lanes and endpoints against being taken over or removed. @returns for each claim the endpoint's number, or why it is refused */
export async function checkClaims(tx: Transaction, claims: readonly LaneClaim[]): Promise<JobResult<number>[]> {
  const [lanes, endpoints] = await Promise.all([
    tx.query(EPOCHS, [[...new Set(claims.map(({ lane }) => lane))]]),
    tx.query(ENDPOINTS, [[...new Set(claims.map(({ endpointId }) => endpointId))]]),
  ]);
  const epochs = new Map(lanes.map((row) => [row.lane, row.epoch]));
  const numbers = new Map(endpoints.map((row) => [row.endpoint_id, row.endpoint_no as number]));
  return claims.map(({ endpointId, lane, epoch }) => {
    const endpointNo = numbers.get(endpointId);
    if (endpointNo === undefined) return { error: new StoreError('missing', `There is no endpoint ${endpointId}.`) };
    return epochs.get(lane) === epoch ? { value: endpointNo } : { error: new StoreError('lease-lost') };
  });
}

/** Attempts of one endpoint. */
export function placed(endpointNo: number, { lane, attempts }: Pick<Settlement, 'lane' | 'attempts'>): PlacedAttempt[] {
  return attempts.map((attempt) => ({ ...attempt, lane, endpointNo }));
}

/** In each round an endpoint has one settlement of a lane at most. */
function rounds(admitted: readonly Admitted[]): Admitted[][] {
  const all: Admitted[][] = [];
  const counts = new Map<string, number>();
  for (const one of admitted) {
    const key = `${one.settlement.lane}:${one.endpointNo}`;
    const round = counts.get(key) ?? 0;
    counts.set(key, round + 1);
    all[round] ??= [];
    all[round]?.push(one);
  }
  return all;
}

async function write(tx: Transaction, round: readonly Admitted[]): Promise<void> {
  putAttempts(
    tx,
    round.flatMap(({ settlement, endpointNo }) => placed(endpointNo, settlement)),
  );
  await writePassed(tx, round);
  const inOrder = round.toSorted((a, b) => a.settlement.lane - b.settlement.lane || a.endpointNo - b.endpointNo);
  sendColumns(tx, PUT_CURSORS, inOrder, ({ settlement: { lane, cursor }, endpointNo }) => [
    [lane, endpointNo, cursor.seq, Buffer.from(encodeSeqs(cursor.seq, cursor.doneAhead))],
  ]);
  const ofUsers = <T extends { readonly userId: string }>(
    pick: (settlement: Settlement) => readonly T[],
    row: (one: T) => SqlValue[] = () => [],
  ) => {
    return ({ settlement, endpointNo }: Admitted) =>
      pick(settlement).map((one) => [settlement.lane, endpointNo, one.userId, ...row(one)]);
  };
  sendColumns(
    tx,
    DROP_WAITING,
    round,
    ofUsers(
      ({ unparkedSeqs }) => unparkedSeqs,
      ({ seq }) => [seq],
    ),
  );
  sendColumns(
    tx,
    DROP_PARKED,
    round,
    ofUsers(({ unparkedUsers }) => unparkedUsers.map((userId) => ({ userId }))),
  );
  sendColumns(
    tx,
    PUT_PARKED,
    round,
    ofUsers(
      ({ parked }) => parked,
      ({ attempts, uncounted = 0, nextTryAtMs = null, reason }) => [attempts, uncounted, nextTryAtMs, reason],
    ),
  );
  const waiting = ({ parked }: Settlement) =>
    parked.flatMap(({ userId, waiting: seqs }) => seqs.map((seq) => ({ userId, seq })));
  sendColumns(
    tx,
    PUT_WAITING,
    round,
    ofUsers(waiting, ({ seq }) => [seq]),
  );
  const moved = ({ parked, unparkedSeqs }: Settlement) =>
    [...new Set([...parked, ...unparkedSeqs].map(({ userId }) => userId))].map((userId) => ({ userId }));
  sendColumns(tx, PUT_FIRST, round, ofUsers(moved));
}

/** What a settlement passes without an attempt is told by the cursor before it. */
async function writePassed(tx: Transaction, round: readonly Admitted[]): Promise<void> {
  const lanes = [...new Set(round.map(({ settlement }) => settlement.lane))];
  const cursors = await readCursors(tx, lanes, [...new Set(round.map(({ endpointNo }) => endpointNo))]);
  const before = new Map<string, Cursor>(cursors.map((cursor) => [`${cursor.lane}:${cursor.endpointNo}`, cursor]));
  for (const { settlement, endpointNo } of round) {
    const { lane } = settlement;
    const cursor = before.get(`${lane}:${endpointNo}`) ?? { lane, seq: 0, doneAhead: [] };
    for (const { fromSeq, toSeq } of passedSeqs(cursor, settlement) satisfies SeqRun[])
      tx.send(PUT_PASSED, [lane, endpointNo, fromSeq, toSeq]);
  }
}

/** Send the rows of all settlements as arrays, a column each; nothing if there are none. */
function sendColumns(
  tx: Transaction,
  sql: string | PreparedSql,
  round: readonly Admitted[],
  rowsOf: (one: Admitted) => SqlValue[][],
): void {
  const rows = round.flatMap(rowsOf);
  const [first] = rows;
  if (!first) return;
  tx.send(
    sql,
    first.map((_, at) => rows.map((row) => row[at] as string | number | null | Uint8Array)),
  );
}
