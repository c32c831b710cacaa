/** Fields of a profile as a form has them: texts that are checked as the server checks them. */
import { MAX_VALUE_BYTES, MAX_VALUE_NUMBER, STANDARD_TAGS, utf8ByteLength } from '@portrait/wire';
import type { CustomField } from '../api/types.ts';
import type { Translate } from '../i18n/i18n.tsx';

export interface FormField {
  readonly tag: string;
  readonly kind: 'text' | 'number' | 'enum';
  /** only of enumerations */
  readonly values: readonly string[];
  readonly isCustom: boolean;
}

/** Standard fields in the order of the table, then those of the app. */
export function formFields(customFields: readonly CustomField[]): readonly FormField[] {
  const kinds = { string: 'text', uint32: 'number', enum: 'enum' } as const;
  return [
    ...STANDARD_TAGS.map(({ tag, type, values = [] }) => ({ tag, kind: kinds[type], values, isCustom: false })),
    ...customFields.map(({ tag }) => ({ tag, kind: 'text' as const, values: [], isCustom: true })),
  ];
}

/** @returns what is wrong, or undefined */
export function faultOfValue({ kind }: FormField, text: string, t: Translate): string | undefined {
  if (kind === 'text') {
    const used = utf8ByteLength(text);
    return used > MAX_VALUE_BYTES ? t('user.tooLong', { used, max: MAX_VALUE_BYTES }) : undefined;
  }
  if (kind === 'enum' || text === '') return undefined;
  const isNumber = /^\d{1,10}$/.test(text) && Number(text) <= MAX_VALUE_NUMBER;
  return isNumber ? undefined : t('user.notNumber', { max: MAX_VALUE_NUMBER });
}

/** @returns what stands below the field */
export function hintOf({ kind }: FormField, text: string, t: Translate): string {
  if (kind === 'text') return t('user.bytes', { used: utf8ByteLength(text), max: MAX_VALUE_BYTES });
  return kind === 'number' ? t('user.number', { max: MAX_VALUE_NUMBER }) : '';
}

/** @returns fields whose text differs from what is stored, with their values */
export function changedFields(
  fields: readonly FormField[],
  texts: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string | number>>,
): Record<string, string | number> {
  const changed = fields.filter(({ tag }) => texts[tag] !== undefined && texts[tag] !== String(stored[tag] ?? ''));
  // a number or an enumeration can not be taken back to nothing
  const sayable = changed.filter(({ tag, kind }) => kind === 'text' || texts[tag] !== '');
  return Object.fromEntries(
    sayable.map(({ tag, kind }) => [tag, kind === 'number' ? Number(texts[tag]) : (texts[tag] ?? '')]),
  );
}
