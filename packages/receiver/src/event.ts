import { CALLBACK_PORTRAIT_SET, isRawObject } from '@portrait/wire';
import { type CallbackCommand, isKnownCommand } from './commands.ts';
import { type ProfileEvent, readProfileEvent } from './profile-event.ts';

/** A callback whose body this library hands on as it is. */
export interface RawEvent<Command extends CallbackCommand> {
  readonly command: Command;
  /** The parsed body, a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A callback that this library has no name for: newer than it, or misspelt by its sender. */
export interface UnknownEvent {
  readonly command: 'unknown';
  /** The command as the sender wrote it. */
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The event of a command. */
export type EventOf<Command extends CallbackCommand> = Command extends ProfileEvent['command']
  ? ProfileEvent
  : RawEvent<Command>;

/** What a callback says; `command` tells them apart. */
export type CallbackEvent = { [Command in CallbackCommand]: EventOf<Command> }[CallbackCommand] | UnknownEvent;

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
  if (!isKnownCommand(command)) return { ok: true, event: { command: 'unknown', name: command, body } };
  if (command !== CALLBACK_PORTRAIT_SET) return { ok: true, event: { command, body } as CallbackEvent };
  const event = readProfileEvent(text, body);
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
