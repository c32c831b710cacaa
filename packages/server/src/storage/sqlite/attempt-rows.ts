/** Rows of the table `attempt`. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { attemptOfRow, toMicroseconds } from '../attempt-columns.ts';
import type { Attempt } from '../store.ts';

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
    return rows.map((row) => attemptOfRow(seq, row));
  }
}
