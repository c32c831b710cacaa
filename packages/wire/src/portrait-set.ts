import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import { isRawObject } from './raw-object.ts';
import { parseUserId } from './user-id.ts';

const INVALID = 40001;

/** Items in one portrait_set; 12 standard and 20 custom fields exist, so no honest request has more than 32. */
export const MAX_SET_ITEMS = 64;

/** An item whose tag and value are not checked yet: that needs the app's custom fields (checkWritableItems). */
export interface UncheckedItem {
  readonly tag: string;
  readonly value: unknown;
}

/** A `portrait_set` request: whose profile, and what to write, 1 to 64 items. */
export interface PortraitSetRequest {
  readonly userId: string;
  readonly items: readonly UncheckedItem[];
}

/**
 * Read the body of `profile/portrait_set`.
 *
 * Takes `Tag`/`Value` and the lower-case `tag`/`value` of some client packages.
 *
 * @param body  any JSON value
 * @returns the request; 60015 when From_Account is not a string, else 40001
 * @see Tencent Cloud Chat, "Setting Profiles", document 1047/34916
 */
export function parsePortraitSet(body: unknown): Parsed<PortraitSetRequest> {
  if (!isRawObject(body)) return parsedFault(INVALID, `body: expected a JSON object, got ${describeValue(body)}`);
  if (body.From_Account === undefined) return parsedFault(INVALID, 'From_Account: the member is missing');
  const userId = parseUserId(body.From_Account, 'From_Account', INVALID);
  if (!userId.ok) return userId;
  const items = parseItems(body.ProfileItem);
  return items.ok ? parsedOk({ userId: userId.value, items: items.value }) : items;
}

function parseItems(raw: unknown): Parsed<readonly UncheckedItem[]> {
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > MAX_SET_ITEMS) {
    return parsedFault(INVALID, `ProfileItem: expected an array of 1 to ${MAX_SET_ITEMS}, got ${describeValue(raw)}`);
  }
  const items: UncheckedItem[] = [];
  for (const [at, rawItem] of raw.entries()) {
    const item = parseItem(rawItem, at);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return parsedOk(items);
}

function parseItem(raw: unknown, at: number): Parsed<UncheckedItem> {
  if (!isRawObject(raw)) {
    return parsedFault(INVALID, `ProfileItem[${at}]: expected an object with Tag and Value, got ${describeValue(raw)}`);
  }
  const tag = raw.Tag === undefined ? raw.tag : raw.Tag;
  if (typeof tag !== 'string') {
    return parsedFault(INVALID, `ProfileItem[${at}].Tag: expected a string, got ${describeValue(tag)}`);
  }
  return parsedOk({ tag, value: raw.Value === undefined ? raw.value : raw.Value });
}
