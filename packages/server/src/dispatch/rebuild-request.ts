/** The request of an attempt, made again for people to look at. */
import type { Attempt, ChangeEvent, Endpoint, SentRequest } from '../storage/store.ts';
import { CallbackFormat } from './callback-request.ts';
import { maskSecrets } from './mask-secrets.ts';

/** What an attempt sent. */
export interface ShownRequest extends SentRequest {
  readonly method: 'POST';
  readonly body: string;
  /** not kept, but made from the event, the attempt's time and the endpoint's settings of now */
  readonly isRebuilt: boolean;
}

/** The body is the event's, in the endpoint's payload of now; URL and headers are as they were sent if the attempt failed. */
export function rebuildRequest(
  endpoint: Endpoint,
  options: { readonly event: ChangeEvent; readonly attempt: Attempt; readonly version: string },
): ShownRequest {
  const { event, attempt, version } = options;
  const format = new CallbackFormat(endpoint, version);
  const { path, headers, body } = format.request(event, attempt.number, attempt.atMs);
  const isRebuilt = attempt.request === undefined;
  const head = attempt.request ?? { url: format.origin + path, headers: maskSecrets(headers) };
  return { method: 'POST', ...head, body, isRebuilt };
}
