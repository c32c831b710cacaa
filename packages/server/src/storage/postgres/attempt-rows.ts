/** Rows of the table `attempt`. */
import { attemptOfRow, toMicroseconds } from '../attempt-columns.ts';
import type { Attempt } from '../store.ts';
import type { Database, Transaction } from './database.ts';
import { type PreparedSql, prepared } from './prepared.ts';

/** An attempt, and whose it is. */
export interface PlacedAttempt extends Attempt {
  readonly lane: number;
  readonly endpointNo: number;
}

/** A column, its type, and what stands in it. */
interface Column {
  readonly name: string;
  readonly type: 'int' | 'bigint' | 'float8' | 'boolean' | 'text';
  readonly valueIn: (attempt: PlacedAttempt) => string | number | boolean | null;
  /** empty of what was delivered over a connection that was open already */
  readonly isRare?: boolean;
}

const KEY: readonly Column[] = [
  { name: 'lane', type: 'int', valueIn: ({ lane }) => lane },
  { name: 'endpoint_no', type: 'bigint', valueIn: ({ endpointNo }) => endpointNo },
  { name: 'seq', type: 'bigint', valueIn: ({ seq }) => seq },
  { name: 'number', type: 'int', valueIn: ({ number }) => number },
];
const REST: readonly Column[] = [
  { name: 'at_ms', type: 'bigint', valueIn: ({ atMs }) => atMs },
  { name: 'outcome', type: 'text', valueIn: ({ outcome }) => outcome },
  { name: 'reason', type: 'text', valueIn: ({ reason }) => reason ?? null, isRare: true },
  { name: 'detail', type: 'text', valueIn: ({ detail }) => storable(detail), isRare: true },
  { name: 'status', type: 'int', valueIn: ({ status }) => status ?? null },
  { name: 'duration_ms', type: 'float8', valueIn: ({ durationMs }) => durationMs },
  { name: 'is_reused', type: 'boolean', valueIn: ({ timings }) => timings?.reusedConnection ?? null },
  { name: 'dns_us', type: 'bigint', valueIn: ({ timings }) => toMicroseconds(timings?.dnsMs), isRare: true },
  { name: 'connect_us', type: 'bigint', valueIn: ({ timings }) => toMicroseconds(timings?.connectMs), isRare: true },
  { name: 'tls_us', type: 'bigint', valueIn: ({ timings }) => toMicroseconds(timings?.tlsMs), isRare: true },
  { name: 'first_byte_us', type: 'bigint', valueIn: ({ timings }) => toMicroseconds(timings?.firstByteMs) },
  { name: 'body_us', type: 'bigint', valueIn: ({ timings }) => toMicroseconds(timings?.bodyMs) },
  { name: 'stage', type: 'text', valueIn: ({ stage }) => stage ?? null, isRare: true },
  { name: 'answer', type: 'text', valueIn: ({ answer }) => storable(answer) },
  {
    name: 'request',
    type: 'text',
    valueIn: ({ request }) => (request ? JSON.stringify([request.url, ...request.headers]) : null),
    isRare: true,
  },
  {
    name: 'answer_headers',
    type: 'text',
    valueIn: ({ answerHeaders }) => (answerHeaders ? JSON.stringify(answerHeaders) : null),
    isRare: true,
  },
];
const ALL = [...KEY, ...REST];
const RARE = REST.filter(({ isRare }) => isRare);
const ORDINARY = ALL.filter(({ isRare }) => !isRare);
/** Can be 10 kB: only read where one delivery is shown. */
const LONG: readonly string[] = ['answer', 'request', 'answer_headers'];

const NAMES = ALL.map(({ name }) => name);
const PUT = putSql(ALL);
const PUT_ORDINARY = putSql(ORDINARY);
const READ_WHOLE = readSql(NAMES);
const READ_SHORT = readSql(NAMES.filter((name) => !LONG.includes(name)));

/** One that is there already is replaced. */
function putSql(columns: readonly Column[]): PreparedSql {
  const names = columns.map(({ name }) => name);
  const arrays = columns.map(({ type }, at) => `$${at + 1}::${type}[]`);
  const replaced = REST.map(({ name }) => `${name} = ${names.includes(name) ? `excluded.${name}` : 'NULL'}`);
  return prepared(`INSERT INTO portrait.attempt (${names.join()}) SELECT * FROM unnest(${arrays.join()})
    ON CONFLICT (${KEY.map(({ name }) => name).join()}) DO UPDATE SET ${replaced.join()}`);
}

function readSql(names: readonly string[]): string {
  return `SELECT ${names.map((name) => `a.${name}`).join()} FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (lane, endpoint_no, seq)
    JOIN portrait.attempt AS a ON a.lane = k.lane AND a.endpoint_no = k.endpoint_no AND a.seq = k.seq ORDER BY a.number`;
}

/** One that is there already is replaced. */
export function putAttempts(tx: Transaction, attempts: readonly PlacedAttempt[]): void {
  if (attempts.length === 0) return;
  // of two with the same key in one statement the last one counts
  const unique = [...new Map(attempts.map((attempt) => [keyOf(attempt), attempt])).values()];
  const { ordinary = [], other = [] } = Object.groupBy(unique, (attempt) =>
    isOrdinary(attempt) ? 'ordinary' : 'other',
  );
  send(tx, { sql: PUT_ORDINARY, columns: ORDINARY, attempts: ordinary });
  send(tx, { sql: PUT, columns: ALL, attempts: other });
}

function isOrdinary(attempt: PlacedAttempt): boolean {
  return RARE.every(({ valueIn }) => valueIn(attempt) === null);
}

function send(
  tx: Transaction,
  {
    sql,
    columns,
    attempts,
  }: {
    readonly sql: PreparedSql;
    readonly columns: readonly Column[];
    readonly attempts: readonly PlacedAttempt[];
  },
): void {
  if (attempts.length === 0) return;
  tx.send(
    sql,
    columns.map(({ valueIn }) => attempts.map(valueIn)),
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

/** What a receiver said can hold NUL, the one character that PostgreSQL does not store in a text. */
function storable(text: string | undefined): string | null {
  return text?.replaceAll('\0', '\ufffd') ?? null;
}
