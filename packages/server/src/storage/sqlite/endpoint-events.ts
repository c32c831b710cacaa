/** Rows of the table `endpoint_event`: what happened to endpoints, the last 1,000 of each. */
import type { DatabaseSync } from 'node:sqlite';
import { type EndpointEvent, type EndpointNote, MAX_ENDPOINT_EVENTS, type Page } from '../store.ts';

type Row = Record<string, string | number | null>;

/** An endpoint, by the name that others know and by the key of its rows. */
interface EndpointKey {
  readonly endpointId: string;
  readonly endpointNo: number;
}

/** Few rows, written seldom: statements are made when they are needed. */
export class EndpointEvents {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Inside a transaction. */
  append({ endpointId, endpointNo }: EndpointKey, note: EndpointNote, atMs: number): EndpointEvent {
    const last = this.#db.prepare('SELECT max(no) AS no FROM endpoint_event WHERE endpoint_no = ?').get(endpointNo);
    const no = ((last?.no as number | null) ?? 0) + 1;
    const { kind, reason, detail } = note;
    this.#db
      .prepare('INSERT INTO endpoint_event VALUES (?, ?, ?, ?, ?, ?)')
      .run(endpointNo, no, atMs, kind, reason ?? null, detail ?? null);
    this.#db
      .prepare('DELETE FROM endpoint_event WHERE endpoint_no = ? AND no <= ?')
      .run(endpointNo, no - MAX_ENDPOINT_EVENTS);
    return { endpointId, no, atMs, ...note };
  }

  /** Newest first. @param page.cursor  number of the last event of the page before */
  list(
    { endpointId, endpointNo }: EndpointKey,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Page<EndpointEvent> {
    const before = Number(cursor) || Number.MAX_SAFE_INTEGER;
    const rows = this.#db
      .prepare('SELECT * FROM endpoint_event WHERE endpoint_no = ? AND no < ? ORDER BY no DESC LIMIT ?')
      .all(endpointNo, before, limit + 1) as Row[];
    const items = rows.slice(0, limit).map((row) => eventOf(endpointId, row));
    const last = items.at(-1);
    return rows.length > limit && last ? { items, nextCursor: String(last.no) } : { items };
  }
}

function eventOf(endpointId: string, row: Row): EndpointEvent {
  return {
    endpointId,
    no: row.no as number,
    atMs: row.at_ms as number,
    kind: row.kind as EndpointEvent['kind'],
    ...(row.reason !== null && { reason: row.reason as string }),
    ...(row.detail !== null && { detail: row.detail as string }),
  };
}
