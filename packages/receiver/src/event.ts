import { CALLBACK_PORTRAIT_SET, isRawObject } from '@portrait/wire';
import type { CallbackCommand } from './commands.ts';
import { type ProfileEvent, readProfileEvent } from './profile-event.ts';

/** A callback whose body this library hands on as it is. */
export interface RawEvent<Command extends string = string> {
  readonly command: Command;
  /** The parsed body, a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The event of a command. */
export type EventOf<Command extends CallbackCommand> = Command extends ProfileEvent['command']
  ? ProfileEvent
  : RawEvent<Command>;

/**
 * What a callback says; `command` tells them apart. A command that is newer than this library comes as a RawEvent too, under
 * its own name, which the type does not know: do not rely on the list being complete.
 */
export type CallbackEvent = { [Command in CallbackCommand]: EventOf<Command> }[CallbackCommand];

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
  if (command !== CALLBACK_PORTRAIT_SET) return { ok: true, event: { command, body } as CallbackEvent };
  const event = readProfileEvent(command, body);
  return typeof event === 'string' ? { ok: false, reason: 'body', detail: event } : { ok: true, event };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isRawObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
