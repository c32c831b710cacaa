/** Profile fields as people type them: `nick=Alice`, `gender=female`, `Tag_Profile_Custom_Level=7`. */
import {
  CUSTOM_TAG_PREFIX,
  isCustomTag,
  MAX_VALUE_NUMBER,
  type ProfileItem,
  type ProfileValue,
  STANDARD_TAGS,
  type StandardTag,
} from '@portrait/wire';
import { UsageError } from '../../config.ts';
import { parseWhole } from '../../parse-setting.ts';

/** @returns the full tag of a short or full name @throws UsageError there is no such field */
export function readTag(name: string): string {
  return findField(name)?.tag ?? name;
}

/** @returns the item of `name=value` @throws UsageError it is not one, or the field can't hold the value */
export function readItem(raw: string): ProfileItem {
  const at = raw.indexOf('=');
  if (at < 1)
    throw new UsageError(`Each field is given as name=value, such as nick=Alice, not ${JSON.stringify(raw)}.`);
  const name = raw.slice(0, at);
  const value = raw.slice(at + 1);
  const field = findField(name);
  return field ? { tag: field.tag, value: readValue(field, name, value) } : { tag: name, value };
}

/** @returns the row of a standard field; undefined for a custom one @throws UsageError neither of the two */
function findField(name: string): StandardTag | undefined {
  const field = STANDARD_TAGS.find(({ tag, option }) => tag === name || option.toLowerCase() === name.toLowerCase());
  if (field || isCustomTag(name)) return field;
  const known = STANDARD_TAGS.map(({ option }) => option).join(', ');
  throw new UsageError(`${JSON.stringify(name)} is no profile field; known are ${known} and ${CUSTOM_TAG_PREFIX}….`);
}

function readValue(field: StandardTag, name: string, raw: string): ProfileValue {
  if (field.type === 'uint32') return readNumber(name, raw);
  return field.type === 'enum' ? readWord(field.values ?? [], name, raw) : raw;
}

function readNumber(name: string, raw: string): number {
  const value = parseWhole(raw, { min: 0, max: MAX_VALUE_NUMBER });
  if (value !== undefined) return value;
  throw new UsageError(`${name} takes a whole number from 0 to ${MAX_VALUE_NUMBER}, not ${JSON.stringify(raw)}.`);
}

/** The last part of an enumeration's value is enough: `female` for `Gender_Type_Female`. */
function readWord(values: readonly string[], name: string, raw: string): string {
  const value = values.find((one) => one === raw || lastWord(one).toLowerCase() === raw.toLowerCase());
  if (value !== undefined) return value;
  throw new UsageError(`${name} takes one of ${values.map(lastWord).join(', ')}, not ${JSON.stringify(raw)}.`);
}

function lastWord(value: string): string {
  return value.slice(value.lastIndexOf('_') + 1);
}
