import { type ReactNode, useState } from 'react';
import { LANGUAGE_NAMES, LANGUAGES, type Language, useI18n } from '../i18n/i18n.tsx';
import { chooseTheme, chosenTheme, THEMES, type Theme } from '../theme.ts';
import { Select } from '../ui/select.tsx';

/** Language and theme: kept in this browser. */
export function PageSettings(): ReactNode {
  const { t, language, setLanguage } = useI18n();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const choose = (id: string): void => {
    chooseTheme(id as Theme);
    setTheme(id as Theme);
  };
  return (
    <div className="page-settings">
      <Select
        label={t('account.language')}
        isLabelHidden
        options={LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id] }))}
        value={language}
        onChange={(id) => setLanguage(id as Language)}
      />
      <Select
        label={t('account.theme')}
        isLabelHidden
        options={THEMES.map((id) => ({ id, label: t(`theme.${id}`) }))}
        value={theme}
        onChange={choose}
      />
    </div>
  );
}
