/** Why something failed, or does not go out, in the reader's language, and what to do about it. */
import type { Why } from '../api/types.ts';
import type { Formats } from '../i18n/format.ts';
import { isMessageKey, type MessageKey, type Translate } from '../i18n/i18n.tsx';

export const FAILURE_REASONS = [
  'dns',
  'address-refused',
  'connect',
  'tls',
  'timeout',
  'status',
  'body-too-large',
  'not-json',
  'rejected',
  'redirect',
] as const;

export interface Words {
  readonly what: string;
  readonly todo: string;
}

/** Of a failed attempt. */
export function describeReason(reason: string, t: Translate): Words {
  const key = `reason.${reason}`;
  if (!isMessageKey(key)) return { what: t('reason.unknown', { reason }), todo: t('reason.unknown.do') };
  return { what: t(key), todo: t(`${key}.do` as MessageKey) };
}

/** Of a delivery that is not delivered. */
export function describeWhy(why: Why, t: Translate, formats: Formats): Words {
  const key = `why.${why.code}`;
  if (!isMessageKey(key)) return { what: why.text, todo: '' };
  const values = {
    ahead: formats.number(why.ahead ?? 0),
    rate: formats.number(why.ratePerSecond ?? 0),
    since: why.since ? formats.moment(why.since) : '',
    sequence: why.behind?.sequence ?? 0,
    state: why.behind ? t(`state.${why.behind.state}`).toLowerCase() : '',
    rule: why.rule ?? '',
    command: why.command ?? '',
  };
  return { what: t(key, values), todo: t(`${key}.do` as MessageKey) };
}
