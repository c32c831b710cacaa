import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import type { ProfileItem } from './profile-tags.ts';
import { isRawObject, type RawObject } from './raw-object.ts';
import { formatItems } from './wire-items.ts';

const INVALID = 40001;

/** Command of the callback after a profile was updated. */
export const CALLBACK_PORTRAIT_SET = 'Profile.CallbackPortraitSet';

/** Every command that Portrait can send. */
export const CALLBACK_COMMANDS: readonly string[] = [CALLBACK_PORTRAIT_SET];

/** What the callback after a profile update says. */
export interface PortraitSetEvent {
  /** Who made the change: the user himself, or an administrator. */
  readonly operatorId: string;
  /** Whose profile changed. */
  readonly userId: string;
  /** When, in Unix milliseconds. */
  readonly atMs: number;
  /** What was written, in the order of the request. */
  readonly items: readonly ProfileItem[];
}

/** What an endpoint with the `extended` payload is told beyond the documented members. */
export interface CallbackExtension {
  /** The same at every attempt, redelivery and endpoint. */
  readonly eventId: string;
  /** Version of the profile after the change: 1, 2, 3 … per user without gaps. */
  readonly sequence: number;
  /** Values before the change, of those changed fields that had one. */
  readonly previousItems: readonly ProfileItem[];
}

/**
 * Body of `Profile.CallbackPortraitSet`: exactly the documented members in the documented order.
 *
 * @see Tencent Cloud Chat, "After a Profile Is Updated", document 1047/48733
 */
export function formatPortraitSetCallback(event: PortraitSetEvent): string {
  return JSON.stringify({
    CallbackCommand: CALLBACK_PORTRAIT_SET,
    Operator_Account: event.operatorId,
    From_Account: event.userId,
    EventTime: event.atMs,
    ProfileItem: formatItems(event.items),
  });
}

/** A callback body with Portrait's own members behind the documented ones. `bodyText` is a JSON object, not empty. */
export function extendCallback(bodyText: string, extension: CallbackExtension): string {
  const members = JSON.stringify({
    EventId: extension.eventId,
    Sequence: extension.sequence,
    PreviousProfileItem: formatItems(extension.previousItems),
  });
  return `${bodyText.slice(0, bodyText.lastIndexOf('}'))},${members.slice(1)}`;
}

/** A received callback; the members of the extension are there only when the endpoint asked for them. */
export type ReceivedPortraitSet = PortraitSetEvent & Partial<CallbackExtension>;

/**
 * Read the body of `Profile.CallbackPortraitSet`, plain or extended; members that it does not know are ignored.
 *
 * @param text  raw body
 * @returns the event, or 40001
 * @see Tencent Cloud Chat, "After a Profile Is Updated", document 1047/48733
 */
export function parsePortraitSetCallback(text: string): Parsed<ReceivedPortraitSet> {
  const body = parseJsonObject(text);
  return body.ok ? readPortraitSetCallback(body.value) : body;
}

/** The same for a body that is parsed already. */
export function readPortraitSetCallback(body: RawObject): Parsed<ReceivedPortraitSet> {
  const event: Record<string, unknown> = {};
  for (const [member, name, isFine, expected, isOptional] of MEMBERS) {
    const value = body[member];
    if (isOptional && value === undefined) continue;
    if (!isFine(value)) return parsedFault(INVALID, `${member}: expected ${expected}, got ${describeValue(value)}`);
    if (!Array.isArray(value)) {
      event[name] = value;
      continue;
    }
    const items = value.map(readItem);
    const wrong = items.indexOf(undefined);
    if (wrong >= 0) return parsedFault(INVALID, `${member}[${wrong}]: expected a Tag and a Value`);
    event[name] = items;
  }
  const { command: _, ...read } = event;
  return parsedOk(read as unknown as ReceivedPortraitSet);
}

function parseJsonObject(text: string): Parsed<RawObject> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return parsedFault(INVALID, 'body: expected JSON');
  }
  if (isRawObject(body)) return parsedOk(body);
  return parsedFault(INVALID, `body: expected a JSON object, got ${describeValue(body)}`);
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isCommand = (value: unknown): boolean => value === CALLBACK_PORTRAIT_SET;

const MEMBERS: readonly (readonly [
  member: string,
  name: 'command' | keyof ReceivedPortraitSet,
  isFine: (value: unknown) => boolean,
  expected: string,
  isOptional?: boolean,
])[] = [
  ['CallbackCommand', 'command', isCommand, `"${CALLBACK_PORTRAIT_SET}"`],
  ['Operator_Account', 'operatorId', isText, 'a string'],
  ['From_Account', 'userId', isText, 'a string'],
  ['EventTime', 'atMs', isCount, 'Unix milliseconds'],
  ['ProfileItem', 'items', Array.isArray, 'an array'],
  ['EventId', 'eventId', isText, 'a string', true],
  ['Sequence', 'sequence', isCount, 'an integer', true],
  ['PreviousProfileItem', 'previousItems', Array.isArray, 'an array', true],
];

function readItem(raw: unknown): ProfileItem | undefined {
  if (!isRawObject(raw) || typeof raw.Tag !== 'string') return undefined;
  const { Tag: tag, Value: value } = raw;
  return typeof value === 'string' || typeof value === 'number' ? { tag, value } : undefined;
}
