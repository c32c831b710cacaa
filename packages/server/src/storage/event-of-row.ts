import { formatEventId } from './event-id.ts';
import type { ChangeEvent } from './store.ts';

/** An event as it stands in the table `event` of either engine. @param row  its columns; a boolean may be 0 or 1 */
export function eventOfRow(row: Readonly<Record<string, unknown>>): ChangeEvent {
  const place = {
    atMs: row.at_ms as number,
    sdkAppId: row.sdk_app_id as number,
    lane: row.lane as number,
    seq: row.seq as number,
  };
  return {
    ...place,
    eventId: formatEventId(place),
    previousSeq: row.previous_seq as number,
    userId: row.user_id as string,
    version: row.version as number,
    command: row.command as string,
    clientIp: row.client_ip as string,
    platform: row.platform as string,
    body: row.body as string,
    previousItems: JSON.parse(row.previous as string),
    ...(Boolean(row.is_erased) && { isErased: true as const }),
  };
}
