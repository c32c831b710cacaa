/** Rows of the table `cursor`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeSeqs } from '../seq-bitmap.ts';
import type { Cursor } from '../store.ts';

type Row = Record<string, number | Uint8Array>;

/** A cursor, and where it began. */
export interface StoredCursor extends Cursor {
  /** events up to here are older than the endpoint's start */
  readonly startSeq: number;
}

/** Reads cursors. */
export class CursorRows {
  readonly #get: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync) {
    const select = 'SELECT lane, seq, done_ahead, start_seq FROM cursor WHERE endpoint_no = ?';
    this.#get = db.prepare(`${select} AND lane = ?`);
    this.#all = db.prepare(select);
  }

  /** A lane without a row is at its start. */
  of(endpointNo: number, lane: number): StoredCursor {
    const row = this.#get.get(endpointNo, lane) as Row | undefined;
    return row ? cursorOf(row) : { lane, seq: 0, doneAhead: [], startSeq: 0 };
  }

  all(endpointNo: number): Cursor[] {
    return (this.#all.all(endpointNo) as Row[]).map((row) => {
      const { startSeq: _, ...cursor } = cursorOf(row);
      return cursor;
    });
  }
}

function cursorOf(row: Row): StoredCursor {
  const seq = row.seq as number;
  const doneAhead = decodeSeqs(seq, row.done_ahead as Uint8Array);
  return { lane: row.lane as number, seq, doneAhead, startSeq: row.start_seq as number };
}
