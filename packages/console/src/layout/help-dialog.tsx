import type { ReactNode } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SECTIONS } from './sections.ts';

export function HelpDialog(props: { readonly isOpen: boolean; readonly onClose: () => void }): ReactNode {
  const t = useT();
  const rows: readonly (readonly [keys: readonly string[], what: string])[] = [
    [['/'], t('help.search')],
    [['?'], t('help.help')],
    [['↓', '↑'], t('help.list')],
    [['Esc'], t('help.close')],
    ...SECTIONS.map(({ key, label }) => [['g', key], t('help.go', { place: t(label) })] as const),
  ];
  return (
    <Dialog title={t('help.title')} {...props}>
      <dl className="facts">
        {rows.map(([keys, what]) => (
          <div className="facts-row" key={what}>
            <dt>
              {keys.map((key) => (
                <kbd className="kbd" key={key}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
