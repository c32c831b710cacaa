import type { Endpoint } from '../api/types.ts';
import type { Translate } from '../i18n/i18n.tsx';
import type { SelectOption } from '../ui/select.tsx';

const RULES: readonly Endpoint['success'][] = ['protocol', 'tencent', 'any-2xx'];

export function successOptions(t: Translate): readonly SelectOption[] {
  return RULES.map((id) => ({ id, label: t(`endpoint.success.${id}`) }));
}
