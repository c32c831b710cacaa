import { type ReactNode, useState } from 'react';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';

interface ChartTableProps {
  readonly title: string;
  readonly startMs: number;
  readonly stepMs: number;
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  readonly format: (value: number) => string;
}

/** Made when it is opened. */
export function ChartTable({ title, startMs, stepMs, series, format }: ChartTableProps): ReactNode {
  const t = useT();
  const { moment } = useFormats();
  const [isOpen, setOpen] = useState(false);
  const steps = Array.from({ length: series[0]?.values.length ?? 0 }, (_, step) => step).reverse();
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="small">{t('overview.asTable')}</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard
        <section className="chart-table-scroll" aria-label={title} tabIndex={0}>
          <table className="table numbers">
            <thead>
              <tr>
                <th scope="col">{t('overview.time')}</th>
                {series.map(({ label }) => (
                  <th scope="col" key={label} className="end">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <tr key={step}>
                  <th scope="row">{moment(startMs + step * stepMs)}</th>
                  {series.map(({ label, values }) => (
                    <td key={label} className="end">
                      {values[step] == null ? '–' : format(values[step])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
