/** `/healthz` and `/readyz`: asked every few seconds by whoever watches the process, so they cost next to nothing. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from './log.ts';
import type { Store } from './storage/store.ts';

const WITHOUT_CHANGES = {
  status: 'ready',
  changes: 'refused',
  detail: 'free space of the data folder is below --disk-reserve',
};
const PATHS = ['/healthz', '/readyz'] as const;

export function isHealthRequest({ url }: IncomingMessage): boolean {
  return PATHS.some((path) => url === path || url?.startsWith(`${path}?`));
}

/**
 * `/healthz`: the process lives. `/readyz`: the store can be read, else 503. A store that refuses changes because the disk is nearly full
 * stays ready, and says so: it reads and delivers, and there is no other that could do it. Never rejects.
 */
export async function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  {
    store,
    log,
    disk,
  }: { readonly store: Store; readonly log: Log; readonly disk: { readonly isBelowReserve: boolean } },
): Promise<void> {
  if (request.url?.startsWith('/healthz')) return send(response, 200, { status: 'ok' });
  try {
    await store.check();
    send(response, 200, disk.isBelowReserve ? WITHOUT_CHANGES : { status: 'ready' });
  } catch (error) {
    log.error({ err: error }, 'ready.fault');
    send(response, 503, { status: 'unavailable', detail: 'the store can not be read' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
