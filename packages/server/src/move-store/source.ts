/** The embedded store as it is read for a move: row by row, as it lies in its file, with no server on it. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { decodeSeqs } from '../storage/seq-bitmap.ts';
import { openDatabase } from '../storage/sqlite/connection.ts';
import { lockFolder } from '../storage/sqlite/lock.ts';
import { migrate } from '../storage/sqlite/migrate.ts';
import { replayLog } from '../storage/sqlite/replay-log.ts';

/** A row of the file. */
export type SourceRow = Readonly<Record<string, string | number | null | Uint8Array>>;

/** An endpoint, with all that is needed to place it in many lanes. */
export interface SourceEndpoint {
  readonly endpointNo: number;
  readonly row: SourceRow;
  readonly seq: number;
  readonly startSeq: number;
  readonly doneAhead: ReadonlySet<number>;
  readonly parked: readonly SourceRow[];
  /** user of each seq that waits */
  readonly waiting: ReadonlyMap<number, string>;
}

/** An open source. */
export interface Source {
  all(sql: string, ...values: (string | number)[]): SourceRow[];
  count(table: string): number;
  close(): void;
}

/** @throws StoreError `refused` a server runs on it; `missing` there is no store */
export function openSource(folder: string): Source {
  const release = lockFolder(folder);
  let db: DatabaseSync | undefined;
  try {
    const file = join(folder, 'portrait.db');
    db = openDatabase(file);
    if (!db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get())
      throw new StoreError('missing', `There is no store in ${folder}.`);
    migrate(db);
    replayLog(db); // rows of profiles may be behind the log
  } catch (error) {
    db?.close();
    release();
    throw error;
  }
  const open = db;
  return {
    all: (sql, ...values) => open.prepare(sql).all(...values) as SourceRow[],
    count: (table) => open.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n as number,
    close() {
      open.close();
      release();
    },
  };
}

/** Endpoints of an app, in the order they were made. */
export function endpointsOf(source: Source, sdkAppId: number): SourceEndpoint[] {
  return source.all('SELECT * FROM endpoint WHERE sdk_app_id = ? ORDER BY endpoint_no', sdkAppId).map((row) => {
    const endpointNo = row.endpoint_no as number;
    const [cursor] = source.all('SELECT seq, done_ahead, start_seq FROM cursor WHERE endpoint_no = ?', endpointNo);
    const seq = (cursor?.seq as number | undefined) ?? 0;
    const waiting = source.all('SELECT seq, user_id FROM parked_event WHERE endpoint_no = ?', endpointNo);
    return {
      endpointNo,
      row,
      seq,
      startSeq: (cursor?.start_seq as number | undefined) ?? 0,
      doneAhead: new Set(cursor ? decodeSeqs(seq, cursor.done_ahead as Uint8Array) : []),
      parked: source.all('SELECT * FROM parked WHERE endpoint_no = ?', endpointNo),
      waiting: new Map(waiting.map((one) => [one.seq as number, one.user_id as string])),
    };
  });
}
