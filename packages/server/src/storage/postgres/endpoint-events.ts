/** Rows of the table `endpoint_event`: what happened to endpoints, the last 1,000 of each. */
import { type EndpointEvent, type EndpointNote, MAX_ENDPOINT_EVENTS, type Page } from '../store.ts';
import type { Database, SqlRow, Transaction } from './database.ts';

/** An endpoint, by the name that others know and by the key of its rows. */
interface EndpointKey {
  readonly endpointId: string;
  readonly endpointNo: number;
}

/** While the endpoint's row, or that of the settings' number, is locked. */
export async function appendEndpointEvents(
  tx: Transaction,
  { endpointId, endpointNo }: EndpointKey,
  { notes, atMs }: { readonly notes: readonly EndpointNote[]; readonly atMs: number },
): Promise<EndpointEvent[]> {
  if (notes.length === 0) return [];
  const [last] = await tx.query('SELECT max(no) AS no FROM portrait.endpoint_event WHERE endpoint_no = $1', [
    endpointNo,
  ]);
  const first = ((last?.no as number | null) ?? 0) + 1;
  const events = notes.map((note, index) => ({ endpointId, no: first + index, atMs, ...note }));
  for (const { no, kind, reason, detail } of events) {
    tx.send('INSERT INTO portrait.endpoint_event VALUES ($1, $2, $3, $4, $5, $6)', [
      endpointNo,
      no,
      atMs,
      kind,
      reason ?? null,
      detail ?? null,
    ]);
  }
  const kept = (events.at(-1)?.no ?? 0) - MAX_ENDPOINT_EVENTS;
  tx.send('DELETE FROM portrait.endpoint_event WHERE endpoint_no = $1 AND no <= $2', [endpointNo, kept]);
  return events;
}

/** Newest first. @param page.cursor  number of the last event of the page before */
export async function listEndpointEvents(
  db: Database,
  { endpointId, endpointNo }: EndpointKey,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<EndpointEvent>> {
  const before = Number(cursor) || Number.MAX_SAFE_INTEGER;
  const sql = 'SELECT * FROM portrait.endpoint_event WHERE endpoint_no = $1 AND no < $2 ORDER BY no DESC LIMIT $3';
  const rows = await db.query(sql, [endpointNo, before, limit + 1]);
  const items = rows.slice(0, limit).map((row) => eventOf(endpointId, row));
  const last = items.at(-1);
  return rows.length > limit && last ? { items, nextCursor: String(last.no) } : { items };
}

function eventOf(endpointId: string, row: SqlRow): EndpointEvent {
  return {
    endpointId,
    no: row.no as number,
    atMs: row.at_ms as number,
    kind: row.kind as EndpointEvent['kind'],
    ...(row.reason !== null && { reason: row.reason as string }),
    ...(row.detail !== null && { detail: row.detail as string }),
  };
}
