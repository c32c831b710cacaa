import type { ReactNode } from 'react';
import type { Stats } from '../api/types.ts';
import { Chart } from '../charts/chart.tsx';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';

export function OverviewCharts({ stats }: { readonly stats: Stats }): ReactNode {
  const t = useT();
  const { number, duration } = useFormats();
  const { startMs, stepMs } = stats;
  const perSecond = (values: readonly number[]): number[] => values.map((value) => value / (stepMs / 1_000));
  const shared = { startMs, stepMs };
  return (
    <div className="charts">
      <Chart
        {...shared}
        title={t('overview.chart.flow')}
        hint={t('overview.chart.flowHint')}
        format={(value) => number(value, value < 10 ? 1 : 0)}
        series={[
          { label: t('overview.series.changes'), color: '--chart-1', values: perSecond(stats.changes), isFilled: true },
          { label: t('overview.series.delivered'), color: '--chart-2', values: perSecond(stats.delivered) },
        ]}
      />
      <Chart
        {...shared}
        title={t('overview.chart.latency')}
        hint={t('overview.chart.latencyHint')}
        format={duration}
        isLogarithmic
        series={[
          { label: t('overview.series.p50'), color: '--chart-2', values: stats.latency.p50 },
          { label: t('overview.series.p95'), color: '--chart-1', values: stats.latency.p95 },
          { label: t('overview.series.p99'), color: '--chart-4', values: stats.latency.p99 },
        ]}
      />
      <Chart
        {...shared}
        title={t('overview.chart.failures')}
        hint={t('overview.chart.failuresHint')}
        format={(value) => number(value)}
        series={[
          { label: t('overview.series.failed'), color: '--chart-4', values: stats.failed, isFilled: true },
          { label: t('overview.series.dead'), color: '--chart-3', values: stats.dead },
        ]}
      />
      <Chart
        {...shared}
        title={t('overview.chart.backlog')}
        hint={t('overview.chart.backlogHint')}
        format={(value) => number(value)}
        series={[{ label: t('overview.series.backlog'), color: '--chart-1', values: stats.backlog, isFilled: true }]}
      />
    </div>
  );
}
