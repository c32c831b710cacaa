/** A chart over time, with the same numbers as a table for those who do not see it. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type UPlot from 'uplot';
import type { Options } from 'uplot';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { onThemeChange } from '../theme.ts';
import { ChartTable } from './chart-table.tsx';

interface ChartSeries {
  readonly label: string;
  /** custom property of a colour */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
}

interface ChartProps {
  readonly title: string;
  readonly hint: string;
  readonly startMs: number;
  readonly stepMs: number;
  readonly series: readonly ChartSeries[];
  readonly isLogarithmic?: boolean;
  readonly format: (value: number) => string;
}

const HEIGHT_PX = 190;

export function Chart(props: ChartProps): ReactNode {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const { title, hint, series } = props;
  const isQuiet = series.every(({ values }) => values.every((value) => !value));
  useChart(box, props);
  return (
    <figure className="card chart">
      <figcaption className="card-head">
        <span>
          <strong>{title}</strong> <span className="small muted">{hint}</span>
        </span>
        <span className="legend">
          {series.map(({ label, color }) => (
            <span key={label} className="legend-item">
              <svg className="legend-mark" viewBox="0 0 10 10" aria-hidden="true">
                <circle cx="5" cy="5" r="4" fill={`var(${color})`} />
              </svg>
              {label}
            </span>
          ))}
        </span>
      </figcaption>
      <div className="chart-box">
        <div ref={box} aria-hidden="true" />
        {isQuiet && <p className="chart-quiet small muted">{t('overview.quiet')}</p>}
      </div>
      <ChartTable {...props} />
    </figure>
  );
}

/** The library comes with the first chart. */
function useChart(box: { readonly current: HTMLDivElement | null }, props: ChartProps): void {
  const { moment } = useFormats();
  const [theme, setTheme] = useState(0);
  const data = dataOf(props);
  const dataText = JSON.stringify(data);
  const chart = useRef<UPlot>(undefined);
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);
  const shape = `${props.series.map(({ label }) => label).join()} ${props.isLogarithmic} ${theme} ${moment(0)}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew when its shape changes; numbers are given to it below
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let isGone = false;
    const observer = new ResizeObserver(() => {
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    void import('./uplot.ts').then(({ UPlot: Uplot }) => {
      if (isGone) return;
      const options = optionsOf(props, element, moment);
      chart.current = new Uplot(options, JSON.parse(dataText), element);
      observer.observe(element);
    });
    return () => {
      isGone = true;
      observer.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [shape]);
  useEffect(() => {
    chart.current?.setData(JSON.parse(dataText));
  }, [dataText]);
}

/** So few values, with gaps between, that each must be seen. */
function isSparse(values: ArrayLike<number | null | undefined>): boolean {
  const seen = Array.from(values).filter((value) => value != null).length;
  return seen < 24 && seen < values.length;
}

/** Lines of a logarithmic grid. */
function powersOfTen(_chart: UPlot, splits: number[]): (number | null)[] {
  return splits.map((split) => (Number.isInteger(Math.round(Math.log10(split) * 1e6) / 1e6) ? split : null));
}

function dataOf({ startMs, stepMs, series }: ChartProps): (number | null)[][] {
  const steps = series[0]?.values.length ?? 0;
  const times = Array.from({ length: steps }, (_, step) => (startMs + step * stepMs) / 1_000);
  return [times, ...series.map(({ values }) => [...values])];
}

function optionsOf(props: ChartProps, element: HTMLElement, moment: (at: number) => string): Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name);
  const axis = {
    stroke: color('--ink-2'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: `11px ${color('--font')}`,
  };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { y: props.isLogarithmic ? { distr: 3 } : { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        values: (_chart, ticks) => ticks.map((tick) => moment(tick * 1_000).slice(0, -3)),
      },
      {
        ...axis,
        grid: { ...axis.grid, ...(props.isLogarithmic && { filter: powersOfTen }) },
        size: 56,
        values: (_chart, ticks) => ticks.map((tick) => (tick === null ? '' : props.format(tick))),
      },
    ],
    series: [
      {},
      ...props.series.map(({ label, color: name, isFilled = false }) => ({
        label,
        stroke: color(name),
        width: 1.6,
        // a line of one point is none
        points: { size: 4, show: (chart: UPlot, index: number) => isSparse(chart.data[index] ?? []) },
        spanGaps: true,
        ...(isFilled && { fill: `${color(name)}22` }),
      })),
    ],
  };
}
