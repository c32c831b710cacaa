import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Stats } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { recentRate, type Window } from './windows.ts';

interface TilesProps {
  /** of the time that is looked at */
  readonly stats: Stats;
  /** of the last quarter of an hour */
  readonly recent: Stats;
  readonly window: Window;
  readonly sdkAppId: number;
}

export function Tiles({ stats, recent, window, sdkAppId }: TilesProps): ReactNode {
  const t = useT();
  const { number, percent, duration } = useFormats();
  const { delivered, firstAttempt, dead, p50, p95, p99 } = stats.total;
  const rate = (values: readonly number[]): string => {
    const perSecond = recentRate(recent, values, Date.now());
    return t('overview.perSecond', { rate: number(perSecond, perSecond < 10 ? 1 : 0) });
  };
  const shown = (ms: number | null): string => (ms === null ? '–' : duration(ms));
  const backlog = recent.backlog.at(-1) ?? 0;
  const oldestMs = recent.oldestPendingAgeMs.at(-1) ?? 0;
  const last = t('overview.last', { window: t(`overview.window.${window}`) });
  const link = `/${sdkAppId}/deliveries`;
  return (
    <dl className="tiles">
      <Tile label={t('overview.changesRate')} value={rate(recent.changes)} hint={t('overview.now')} />
      <Tile label={t('overview.deliveriesRate')} value={rate(recent.delivered)} hint={t('overview.now')} />
      <Tile
        label={t('overview.firstAttempt')}
        value={delivered + dead === 0 ? '–' : percent(firstAttempt / (delivered + dead))}
        hint={last}
      />
      <Tile
        label={t('overview.latency')}
        value={shown(p50)}
        hint={t('overview.latencyHint', { p95: shown(p95), p99: shown(p99) })}
      />
      <Tile
        label={t('overview.backlog')}
        value={number(backlog)}
        hint={backlog === 0 ? t('overview.backlogNone') : t('overview.backlogHint', { age: duration(oldestMs) })}
        href={`${link}?state=undelivered`}
        tone={backlog > 0 ? 'warn' : undefined}
      />
      <Tile
        label={t('overview.dead')}
        value={number(dead)}
        hint={last}
        href={`${link}?state=dead`}
        tone={dead > 0 ? 'bad' : undefined}
      />
    </dl>
  );
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly hint: string;
  readonly href?: string;
  readonly tone?: 'warn' | 'bad' | undefined;
}

function Tile({ label, value, hint, href, tone }: TileProps): ReactNode {
  return (
    <div className="tile card" data-tone={tone}>
      <dt>{href ? <Link href={href}>{label}</Link> : label}</dt>
      <dd className="tile-value numbers">{value}</dd>
      <dd className="tile-hint muted">{hint}</dd>
    </div>
  );
}
