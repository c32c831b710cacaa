/** Numbers, durations and moments as people read them. */
import { useMemo } from 'react';
import { type Language, useI18n } from './i18n.tsx';

export interface Formats {
  /** time of day with seconds, with the date if it is another day */
  readonly moment: (at: string | number | Date) => string;
  /** with date and milliseconds, in the local zone */
  readonly exact: (at: string | number | Date) => string;
  /** the same in UTC */
  readonly utc: (at: string | number | Date) => string;
  readonly number: (value: number, digits?: number) => string;
  readonly percent: (share: number) => string;
  readonly duration: (ms: number) => string;
  readonly ago: (at: string | number, nowMs: number) => string;
}

export function useFormats(): Formats {
  const { language } = useI18n();
  return useMemo(() => formatsOf(language), [language]);
}

const DATE = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const EXACT = { ...DATE, ...TIME, fractionalSecondDigits: 3 } as const;

function formatsOf(language: Language): Formats {
  const locale = language === 'en' ? 'en-GB' : language;
  const time = new Intl.DateTimeFormat(locale, TIME);
  const dated = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', ...TIME });
  const exact = new Intl.DateTimeFormat(locale, { ...EXACT, timeZoneName: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const number = (value: number, digits = 0): string =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  return {
    moment: (at) => {
      const date = new Date(at);
      return date.toDateString() === new Date().toDateString() ? time.format(date) : dated.format(date);
    },
    exact: (at) => exact.format(new Date(at)),
    utc: (at) => new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC'),
    number,
    percent: (share) =>
      new Intl.NumberFormat(locale, {
        style: 'percent',
        maximumFractionDigits: share > 0.99 && share < 1 ? 2 : 1,
      }).format(share),
    duration: (ms) => formatDuration(ms, number),
    ago: (at, nowMs) => {
      const seconds = (new Date(at).getTime() - nowMs) / 1_000;
      const [unit, size] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ??
        UNITS[UNITS.length - 1] ?? ['second', 1];
      return relative.format(Math.trunc(seconds / size), unit);
    },
  };
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

function formatDuration(ms: number, number: (value: number, digits?: number) => string): string {
  if (ms < 1_000) return `${number(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
  if (ms < 60_000) return `${number(ms / 1_000, 1)} s`;
  if (ms < 3_600_000) return `${number(Math.floor(ms / 60_000))} min ${number(Math.floor((ms % 60_000) / 1_000))} s`;
  if (ms < 86_400_000)
    return `${number(Math.floor(ms / 3_600_000))} h ${number(Math.floor((ms % 3_600_000) / 60_000))} min`;
  return `${number(Math.floor(ms / 86_400_000))} d ${number(Math.floor((ms % 86_400_000) / 3_600_000))} h`;
}
