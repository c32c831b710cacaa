/** How an attempt stands in the table `attempt` of either engine: times of its parts are microseconds, headers are JSON. */
import type { Attempt, SentRequest, Timings } from './store.ts';

/** Columns of a row; a boolean may be 0 or 1. */
type Row = Readonly<Record<string, unknown>>;

/** @param row  where only a part of the columns was read, `answer`, `request` and `answer_headers` are undefined */
export function attemptOfRow(seq: number, row: Row): Attempt {
  const timings = timingsOf(row);
  return {
    seq,
    number: row.number as number,
    atMs: row.at_ms as number,
    outcome: row.outcome as Attempt['outcome'],
    ...present('reason', row.reason as string | null),
    ...present('detail', row.detail as string | null),
    ...present('status', row.status as number | null),
    durationMs: row.duration_ms as number,
    ...(timings && { timings }),
    ...present('stage', row.stage as NonNullable<Attempt['stage']> | null),
    ...present('answer', (row.answer ?? null) as string | null),
    ...(typeof row.request === 'string' && { request: requestOf(row.request) }),
    ...(typeof row.answer_headers === 'string' && { answerHeaders: JSON.parse(row.answer_headers) as string[] }),
  };
}

/** To be stored. */
export function toMicroseconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1_000);
}

function timingsOf(row: Row): Timings | undefined {
  if (row.is_reused === null) return undefined;
  return {
    reusedConnection: Boolean(row.is_reused),
    ...present('dnsMs', toMilliseconds(row.dns_us)),
    ...present('connectMs', toMilliseconds(row.connect_us)),
    ...present('tlsMs', toMilliseconds(row.tls_us)),
    ...present('firstByteMs', toMilliseconds(row.first_byte_us)),
    ...present('bodyMs', toMilliseconds(row.body_us)),
  };
}

function requestOf(json: string): SentRequest {
  const [url, ...headers] = JSON.parse(json) as [string, ...string[]];
  return { url, headers };
}

function present<K extends string, V>(name: K, value: V | null): Partial<Record<K, V>> {
  return value === null ? {} : ({ [name]: value } as Record<K, V>);
}

function toMilliseconds(us: unknown): number | null {
  return typeof us === 'number' ? us / 1_000 : null;
}
