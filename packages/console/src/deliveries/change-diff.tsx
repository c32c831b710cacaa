import type { ReactNode } from 'react';
import type { ChangeEvent } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { shortTag } from './short-tag.ts';

/** Each field that was written: what it held, and what it holds now. */
export function ChangeDiff({ event }: { readonly event: ChangeEvent }): ReactNode {
  const t = useT();
  const before = new Map(event.previousItems.map(({ tag, value }) => [tag, value]));
  return (
    <table className="diff">
      <thead>
        <tr>
          <th scope="col">{t('delivery.field')}</th>
          <th scope="col">{t('delivery.before')}</th>
          <th scope="col">{t('delivery.after')}</th>
        </tr>
      </thead>
      <tbody>
        {event.items.map(({ tag, value }) => (
          <tr key={tag}>
            <th scope="row" title={tag}>
              {shortTag(tag)}
            </th>
            <td>
              {before.has(tag) ? (
                <del>{shown(before.get(tag))}</del>
              ) : (
                <span className="muted">{t('delivery.unset')}</span>
              )}
            </td>
            <td>
              <ins>{shown(value)}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** An empty text is shown as such. */
function shown(value: string | number | undefined): string {
  return value === '' ? '""' : String(value);
}
