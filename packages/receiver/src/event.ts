import { CALLBACK_PORTRAIT_SET, isRawObject, parsePortraitSetCallback, type ReceivedPortraitSet } from '@portrait/wire';

/** The callback after a profile was updated. */
export interface ProfileUpdated extends ReceivedPortraitSet {
  readonly kind: 'profile-updated';
}

/** A callback that this library has no type for; a receiver should acknowledge it. */
export interface OtherCallback {
  readonly kind: 'other';
  /** The parsed body, a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a callback is about. */
export type CallbackEvent = ProfileUpdated | OtherCallback;

/** The event, or why the body is not one. */
export type ReadEvent =
  | { readonly ok: true; readonly event: CallbackEvent }
  | { readonly ok: false; readonly reason: 'body' | 'command'; readonly detail: string };

/** Read the body of a callback whose URL names `command`; the body must name the same one. */
export function readEvent(command: string, text: string): ReadEvent {
  const body = parseObject(text);
  if (body === undefined) return { ok: false, reason: 'body', detail: 'the body is not a JSON object' };
  if (body.CallbackCommand !== command) {
    return { ok: false, reason: 'command', detail: 'URL and body name different commands' };
  }
  if (command !== CALLBACK_PORTRAIT_SET) return { ok: true, event: { kind: 'other', body } };
  const parsed = parsePortraitSetCallback(text);
  if (parsed.ok) return { ok: true, event: { kind: 'profile-updated', ...parsed.value } };
  return { ok: false, reason: 'body', detail: parsed.fault.message };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isRawObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
