/** Rows of the table `attempt`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Attempt, SentRequest, Timings } from '../store.ts';

type Row = Record<string, string | number | null>;

const SHORT = `number, at_ms, outcome, reason, detail, status, duration_ms, is_reused, dns_us, connect_us, tls_us, first_byte_us, body_us,
  stage`;
/** Can be 10 kB: only read where one delivery is shown. */
const LONG = 'answer, request, answer_headers';

/** Reads and writes attempts. */
export class AttemptRows {
  readonly #put: StatementSync;
  readonly #whole: StatementSync;
  readonly #short: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare(`INSERT OR REPLACE INTO attempt (endpoint_no, lane, seq, ${SHORT}, ${LONG})
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    const where = 'FROM attempt WHERE endpoint_no = ? AND lane = ? AND seq = ? ORDER BY number';
    this.#whole = db.prepare(`SELECT ${SHORT}, ${LONG} ${where}`);
    this.#short = db.prepare(`SELECT ${SHORT} ${where}`);
  }

  put(endpointNo: number, lane: number, attempt: Attempt): void {
    const { seq, number, atMs, outcome, reason, detail, status, durationMs, timings, stage } = attempt;
    const { answer, request, answerHeaders } = attempt;
    this.#put.run(
      endpointNo,
      lane,
      seq,
      number,
      atMs,
      outcome,
      reason ?? null,
      detail ?? null,
      status ?? null,
      durationMs,
      timings ? Number(timings.reusedConnection) : null,
      toMicroseconds(timings?.dnsMs),
      toMicroseconds(timings?.connectMs),
      toMicroseconds(timings?.tlsMs),
      toMicroseconds(timings?.firstByteMs),
      toMicroseconds(timings?.bodyMs),
      stage ?? null,
      answer ?? null,
      request ? JSON.stringify([request.url, ...request.headers]) : null,
      answerHeaders ? JSON.stringify(answerHeaders) : null,
    );
  }

  /**
   * In the order they were made.
   *
   * @param isWhole  with what was sent and answered
   */
  of(endpointNo: number, { lane, seq }: { lane: number; seq: number }, isWhole: boolean): Attempt[] {
    const rows = (isWhole ? this.#whole : this.#short).all(endpointNo, lane, seq) as Row[];
    return rows.map((row) => ({ seq, ...attemptOf(row) }));
  }
}

function attemptOf(row: Row): Omit<Attempt, 'seq'> {
  const timings = timingsOf(row);
  return {
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

function timingsOf(row: Row): Timings | undefined {
  if (row.is_reused === null) return undefined;
  return {
    reusedConnection: row.is_reused === 1,
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

function toMicroseconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1_000);
}

function toMilliseconds(us: string | number | null | undefined): number | null {
  return typeof us === 'number' ? us / 1_000 : null;
}
