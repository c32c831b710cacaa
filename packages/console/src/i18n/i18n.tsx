/** Messages in the reader's language: English is in the first load, the others are fetched when they are chosen. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { en } from './en/index.ts';

export const LANGUAGES = ['en', 'zh-CN', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', 'zh-CN': '简体中文', ja: '日本語' };

export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, string>>;

/** Values of the `{places}` of a message. */
type Values = Readonly<Record<string, string | number>>;
/** @returns the message, filled */
export type Translate = (key: MessageKey, values?: Values) => string;

interface I18n {
  readonly language: Language;
  readonly t: Translate;
  readonly setLanguage: (language: Language) => void;
}

const LOADERS: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: async () => en,
  'zh-CN': async () => (await import('./zh-cn/index.ts')).zhCn,
  ja: async () => (await import('./ja/index.ts')).ja,
};

const STORED = 'portrait-language';

const Context = createContext<I18n>({ language: 'en', t: (key) => en[key], setLanguage: () => undefined });

export function useI18n(): I18n {
  return useContext(Context);
}

export function useT(): Translate {
  return useContext(Context).t;
}

/** Whether a text is a key: those of reasons come from the server and can be newer than the page. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

export function LanguageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [language, choose] = useState<Language>(startLanguage);
  const [shown, setShown] = useState<{ language: Language; messages: Messages }>({ language: 'en', messages: en });

  useEffect(() => {
    let isCurrent = true;
    LOADERS[language]().then(
      (messages) => isCurrent && setShown({ language, messages }),
      () => isCurrent && setShown({ language: 'en', messages: en }),
    );
    return () => {
      isCurrent = false;
    };
  }, [language]);

  useEffect(() => {
    document.documentElement.lang = shown.language;
  }, [shown.language]);

  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(STORED, next);
    choose(next);
  }, []);

  const value = useMemo<I18n>(
    () => ({
      language: shown.language,
      setLanguage,
      t: (key, values) => fill(shown.messages[formOf(key, values)], values),
    }),
    [shown, setLanguage],
  );
  return (
    <Context value={value}>
      <I18nProvider locale={shown.language === 'en' ? 'en-GB' : shown.language}>{children}</I18nProvider>
    </Context>
  );
}

/** A message with `{count}` may have a form of its own for one. */
function formOf(key: MessageKey, values: Values = {}): MessageKey {
  const one = `${key}.one`;
  return String(values.count) === '1' && isMessageKey(one) ? one : key;
}

function fill(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}

function startLanguage(): Language {
  const wanted = [localStorage.getItem(STORED) ?? '', ...navigator.languages];
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => language.slice(0, 2) === tag.slice(0, 2).toLowerCase());
    if (found) return found;
  }
  return 'en';
}
