/** Rows of the table `attempt`. */
import { attemptOfRow, toMicroseconds } from '../attempt-columns.ts';
import type { Attempt } from '../store.ts';
import type { Database, SqlValue, Transaction } from './database.ts';
import { prepared } from './prepared.ts';

/** An attempt, and whose it is. */
export interface PlacedAttempt extends Attempt {
  readonly lane: number;
  readonly endpointNo: number;
}

const COLUMNS = [
  ['lane', 'int'],
  ['endpoint_no', 'bigint'],
  ['seq', 'bigint'],
  ['number', 'int'],
  ['at_ms', 'bigint'],
  ['outcome', 'text'],
  ['reason', 'text'],
  ['detail', 'text'],
  ['status', 'int'],
  ['duration_ms', 'float8'],
  ['is_reused', 'boolean'],
  ['dns_us', 'bigint'],
  ['connect_us', 'bigint'],
  ['tls_us', 'bigint'],
  ['first_byte_us', 'bigint'],
  ['body_us', 'bigint'],
  ['stage', 'text'],
  ['answer', 'text'],
  ['request', 'text'],
  ['answer_headers', 'text'],
] as const;
const KEY_COLUMNS = 4;
/** Can be 10 kB: only read where one delivery is shown. */
const LONG: readonly string[] = ['answer', 'request', 'answer_headers'];

const NAMES = COLUMNS.map(([name]) => name);
const PUT =
  prepared(`INSERT INTO portrait.attempt (${NAMES.join()}) SELECT * FROM unnest(${COLUMNS.map(([, type], at) => `$${at + 1}::${type}[]`).join()})
  ON CONFLICT (lane, endpoint_no, seq, number) DO UPDATE SET ${NAMES.slice(KEY_COLUMNS)
    .map((name) => `${name} = excluded.${name}`)
    .join()}`);
const READ_WHOLE = readSql(NAMES);
const READ_SHORT = readSql(NAMES.filter((name) => !LONG.includes(name)));

function readSql(names: readonly string[]): string {
  return `SELECT ${names.map((name) => `a.${name}`).join()} FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (lane, endpoint_no, seq)
    JOIN portrait.attempt AS a ON a.lane = k.lane AND a.endpoint_no = k.endpoint_no AND a.seq = k.seq ORDER BY a.number`;
}

/** One that is there already is replaced. */
export function putAttempts(tx: Transaction, attempts: readonly PlacedAttempt[]): void {
  if (attempts.length === 0) return;
  // of two with the same key in one statement the last one counts
  const unique = [...new Map(attempts.map((attempt) => [keyOf(attempt), attempt])).values()];
  const rows = unique.map(rowOf);
  tx.send(
    PUT,
    COLUMNS.map((_, at) => rows.map((row) => row[at] as string | number | boolean | null)),
  );
}

/** Where attempts belong. */
export interface AttemptPlace {
  readonly lane: number;
  readonly endpointNo: number;
  readonly seq: number;
}

/** @param isWhole  with what was sent and answered. @returns for each place its attempts, in the order they were made */
export async function readAttempts(
  db: Pick<Database | Transaction, 'query'>,
  places: readonly AttemptPlace[],
  isWhole: boolean,
): Promise<Attempt[][]> {
  if (places.length === 0) return [];
  const byPlace = new Map(places.map((place): [string, Attempt[]] => [placeKey(place), []]));
  const rows = await db.query(isWhole ? READ_WHOLE : READ_SHORT, [
    places.map(({ lane }) => lane),
    places.map(({ endpointNo }) => endpointNo),
    places.map(({ seq }) => seq),
  ]);
  for (const row of rows) {
    const place = { lane: row.lane as number, endpointNo: row.endpoint_no as number, seq: row.seq as number };
    byPlace.get(placeKey(place))?.push(attemptOfRow(row.seq as number, row));
  }
  return places.map((place) => byPlace.get(placeKey(place)) ?? []);
}

function placeKey({ lane, endpointNo, seq }: AttemptPlace): string {
  return `${lane}:${endpointNo}:${seq}`;
}

function keyOf(attempt: PlacedAttempt): string {
  return `${placeKey(attempt)}:${attempt.number}`;
}

function rowOf(attempt: PlacedAttempt): SqlValue[] {
  const { lane, endpointNo, seq, number, atMs, outcome, reason, detail, status, durationMs, timings, stage } = attempt;
  const { answer, request, answerHeaders } = attempt;
  return [
    lane,
    endpointNo,
    seq,
    number,
    atMs,
    outcome,
    reason ?? null,
    storable(detail),
    status ?? null,
    durationMs,
    timings?.reusedConnection ?? null,
    toMicroseconds(timings?.dnsMs),
    toMicroseconds(timings?.connectMs),
    toMicroseconds(timings?.tlsMs),
    toMicroseconds(timings?.firstByteMs),
    toMicroseconds(timings?.bodyMs),
    stage ?? null,
    storable(answer),
    request ? JSON.stringify([request.url, ...request.headers]) : null,
    answerHeaders ? JSON.stringify(answerHeaders) : null,
  ];
}

/** What a receiver said can hold NUL, the one character that PostgreSQL does not store in a text. */
function storable(text: string | undefined): string | null {
  return text?.replaceAll('\0', '\ufffd') ?? null;
}
