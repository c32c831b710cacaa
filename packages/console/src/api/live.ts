/** Deliveries as they happen: server-sent events, read with fetch, since EventSource can send no header of ours. */
import { CONSOLE_HEADERS, endSession } from './client.ts';
import type { components } from './schema.d.ts';

type DeliveryUpdate = components['schemas']['DeliveryUpdate'];
type Updates = components['schemas']['DeliveryUpdates'];

export interface LiveHandlers {
  readonly onUpdates: (updates: readonly DeliveryUpdate[]) => void;
  /** from now on all is told: what was read before may lack what happened in between */
  readonly onStart: () => void;
  /** something was missed: what is shown is to be read anew */
  readonly onGap: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4_000;

/** Follow an app, through restarts of the server. @returns ends it */
export function followDeliveries(sdkAppId: number, handlers: LiveHandlers): () => void {
  const ending = new AbortController();
  void keepFollowing(sdkAppId, handlers, ending.signal);
  return () => ending.abort();
}

async function keepFollowing(sdkAppId: number, handlers: LiveHandlers, signal: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    if (!isFirst) await pause(pauseMs, signal);
    try {
      const response = await fetch(`/admin/v1/apps/${sdkAppId}/deliveries/live`, {
        headers: { ...CONSOLE_HEADERS, accept: 'text/event-stream' },
        signal,
      });
      if (response.status === 401) return endSession();
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      pauseMs = FIRST_PAUSE_MS;
      if (isFirst) handlers.onStart();
      else handlers.onGap();
      await readEvents(response.body, handlers);
    } catch {
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  { onUpdates, onGap }: Pick<LiveHandlers, 'onUpdates' | 'onGap'>,
): Promise<void> {
  let rest = '';
  for await (const text of body.pipeThrough(
    new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>,
  )) {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').find((line) => line.startsWith('data: '));
      if (data === undefined) continue;
      const { items, isComplete } = JSON.parse(data.slice(6)) as Updates;
      onUpdates(items);
      if (!isComplete) onGap();
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
