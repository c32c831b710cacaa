import type { ReactNode } from 'react';
import type { Attempt } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';

const PARTS = ['dns', 'connect', 'tls', 'firstByte', 'body'] as const;
/** Less than this is measuring noise. */
const LEAST_OTHER_MS = 0.05;

interface Bar {
  readonly part: (typeof PARTS)[number] | 'other';
  readonly startMs: number;
  readonly ms: number;
}

/** The parts one after the other; what none of them accounts for (a free connection, writing, what broke off) stands last. */
function barsOf({ timings, durationMs }: Pick<Attempt, 'timings' | 'durationMs'>): readonly Bar[] {
  let startMs = 0;
  const bars: Bar[] = [];
  for (const part of PARTS) {
    const ms = timings?.[`${part}Ms`];
    if (ms === undefined) continue;
    bars.push({ part, startMs, ms });
    startMs += ms;
  }
  const other = durationMs - startMs;
  return other > LEAST_OTHER_MS ? [...bars, { part: 'other', startMs, ms: other }] : bars;
}

export function Waterfall({ attempt }: { readonly attempt: Pick<Attempt, 'timings' | 'durationMs'> }): ReactNode {
  const t = useT();
  const { duration } = useFormats();
  const totalMs = Math.max(attempt.durationMs, 0.01);
  return (
    <figure className="stack stack-s" aria-label={t('delivery.timings')}>
      <div className="waterfall">
        {barsOf(attempt).map(({ part, startMs, ms }) => (
          <div className="waterfall-row" key={part}>
            <span>{t(`timing.${part}`)}</span>
            <span className="waterfall-track">
              <span
                className="waterfall-bar"
                data-part={part}
                style={{ left: `${(startMs / totalMs) * 100}%`, width: `${(ms / totalMs) * 100}%` }}
              />
            </span>
            <span className="numbers muted">{duration(ms)}</span>
          </div>
        ))}
        <div className="waterfall-row">
          <strong>{t('timing.total')}</strong>
          <span />
          <strong className="numbers">{duration(attempt.durationMs)}</strong>
        </div>
      </div>
      {attempt.timings?.reusedConnection && <figcaption className="small muted">{t('delivery.reused')}</figcaption>}
    </figure>
  );
}
