/** `/healthz` and `/readyz`: asked every few seconds by whoever watches the process, so they cost next to nothing. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from './log.ts';
import type { Store } from './storage/store.ts';

const PATHS = ['/healthz', '/readyz'] as const;

export function isHealthRequest({ url }: IncomingMessage): boolean {
  return PATHS.some((path) => url === path || url?.startsWith(`${path}?`));
}

/** `/healthz`: the process lives. `/readyz`: the store can be read, else 503. Never rejects. */
export async function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  { store, log }: { readonly store: Store; readonly log: Log },
): Promise<void> {
  if (request.url?.startsWith('/healthz')) return send(response, 200, { status: 'ok' });
  try {
    await store.check();
    send(response, 200, { status: 'ready' });
  } catch (error) {
    log.error({ err: error }, 'ready.fault');
    send(response, 503, { status: 'unavailable', detail: 'the store can not be read' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
