/** Overwrites what deleted accounts left in the log, in small steps. */
import { eraseEvent } from '../../profile/erase-event.ts';
import type { ChangeEvent, StepResult } from '../store.ts';
import type { Database, Transaction } from './database.ts';
import { getEvents } from './event-rows.ts';
import { endpointsOf } from './settings.ts';

/** Events that a step overwrites, or finds to be so already. */
const EVENTS_PER_STEP = 200;
/** Accounts that a step looks at. */
const ACCOUNTS_PER_STEP = 100;

/** Accounts all of whose events nobody waits for any more; of one that is gone from the log nothing is left to do. */
const CHOOSE = `SELECT x.lane, x.seq FROM portrait.erasure AS x
  LEFT JOIN portrait.event AS e ON e.lane = x.lane AND e.sdk_app_id = x.sdk_app_id AND e.seq = x.seq
  WHERE x.sdk_app_id = $1
    AND NOT EXISTS (SELECT 1 FROM portrait.cursor AS c WHERE c.lane = x.lane AND c.endpoint_no = ANY($2::bigint[]) AND c.seq < x.seq)
    AND (e.user_id IS NULL OR NOT EXISTS (SELECT 1 FROM portrait.parked_event AS w WHERE w.lane = x.lane
      AND w.endpoint_no = ANY($2::bigint[]) AND w.user_id = e.user_id AND w.seq <= x.seq))
  ORDER BY x.lane, x.seq LIMIT ${ACCOUNTS_PER_STEP} FOR UPDATE OF x`;

/** Back through an account's history. */
const CHAIN = `WITH RECURSIVE chain AS (
    SELECT seq, previous_seq, is_erased, 1 AS steps FROM portrait.event WHERE lane = $1 AND sdk_app_id = $2 AND seq = $3
    UNION ALL
    SELECT e.seq, e.previous_seq, e.is_erased, chain.steps + 1 FROM chain CROSS JOIN LATERAL (
      SELECT * FROM portrait.event WHERE lane = $1 AND sdk_app_id = $2 AND seq = chain.previous_seq LIMIT 1) AS e WHERE chain.steps < $4
  ) SELECT seq, previous_seq, is_erased FROM chain ORDER BY seq DESC`;

const OVERWRITE = `UPDATE portrait.event AS e SET body = k.body, previous = k.previous, client_ip = k.client_ip, is_erased = true
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::text[]) AS k (lane, seq, body, previous, client_ip)
  WHERE e.lane = k.lane AND e.sdk_app_id = $6 AND e.seq = k.seq`;
/** What the receiver said, with the sentences that quote it, and the URL with the client's address. */
const CLEAR_ATTEMPTS = `UPDATE portrait.attempt AS a SET answer = NULL, answer_headers = NULL, request = NULL,
    detail = CASE WHEN a.status IS NULL THEN a.detail END
  FROM unnest($1::int[], $2::bigint[]) AS k (lane, seq) WHERE a.lane = k.lane AND a.endpoint_no = ANY($3::bigint[]) AND a.seq = k.seq`;
const DROP = 'DELETE FROM portrait.erasure WHERE lane = $1 AND sdk_app_id = $2 AND seq = $3';
const REMEMBER = 'INSERT INTO portrait.erasure (lane, sdk_app_id, seq) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';

/** One step: see `Store.eraseDeleted`. */
export function eraseDeleted(database: Database, sdkAppId: number): Promise<StepResult> {
  return database.transaction(async (tx) => {
    const endpointNos = (await endpointsOf(tx, sdkAppId)).map(({ endpointNo }) => endpointNo);
    const accounts = await tx.query(CHOOSE, [sdkAppId, endpointNos]);
    let room = EVENTS_PER_STEP;
    const places: { lane: number; seq: number }[] = [];
    for (const account of accounts) {
      if (room === 0) break;
      const lane = account.lane as number;
      const history = await tx.query(CHAIN, [lane, sdkAppId, account.seq as number, room]);
      room -= history.length;
      places.push(...history.filter((row) => row.is_erased !== true).map((row) => ({ lane, seq: row.seq as number })));
      tx.send(DROP, [lane, sdkAppId, account.seq as number]);
      const left = (history.at(-1)?.previous_seq as number | undefined) ?? 0;
      if (room === 0 && left > 0) tx.send(REMEMBER, [lane, sdkAppId, left]);
    }
    await overwrite(tx, places, { sdkAppId, endpointNos });
    return { events: places.length, isDone: accounts.length < ACCOUNTS_PER_STEP && room > 0 };
  });
}

async function overwrite(
  tx: Transaction,
  places: readonly { readonly lane: number; readonly seq: number }[],
  { sdkAppId, endpointNos }: { readonly sdkAppId: number; readonly endpointNos: readonly number[] },
): Promise<void> {
  if (places.length === 0) return;
  const events = (await getEvents(tx, sdkAppId, places)).filter((event): event is ChangeEvent => event !== undefined);
  const erased = events.map(eraseEvent);
  const lanes = events.map(({ lane }) => lane);
  const seqs = events.map(({ seq }) => seq);
  tx.send(OVERWRITE, [
    lanes,
    seqs,
    erased.map(({ body }) => body),
    erased.map(({ previousItems }) => JSON.stringify(previousItems)),
    erased.map(({ clientIp }) => clientIp),
    sdkAppId,
  ]);
  tx.send(CLEAR_ATTEMPTS, [lanes, seqs, endpointNos]);
}
