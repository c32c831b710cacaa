import { type ReactNode, useId, useState } from 'react';
import type { Attempt } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icon.tsx';
import { Moment } from '../ui/moment.tsx';
import { AttemptExchange } from './attempt-exchange.tsx';

/** Newest first, the last one open. */
export function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }): ReactNode {
  const newestFirst = [...attempts].reverse();
  return (
    <div>
      {newestFirst.map((attempt, index) => (
        <OneAttempt key={attempt.number} attempt={attempt} isOpenFirst={index === 0} />
      ))}
    </div>
  );
}

function OneAttempt({ attempt, isOpenFirst }: { readonly attempt: Attempt; readonly isOpenFirst: boolean }): ReactNode {
  const t = useT();
  const { duration } = useFormats();
  const id = useId();
  const [isOpen, setOpen] = useState(isOpenFirst);
  const isDelivered = attempt.outcome === 'delivered';
  return (
    <div className="attempt">
      <button
        type="button"
        className="attempt-head"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'chevron' : 'right'} />
        <span className="cluster">
          <strong>{t('delivery.attempt', { number: attempt.number })}</strong>
          <Badge tone={isDelivered ? 'good' : 'bad'} icon={isDelivered ? 'check' : 'cross'}>
            {attempt.status ?? attempt.reason ?? t(`outcome.${attempt.outcome}`)}
          </Badge>
        </span>
        <span className="small muted numbers">{duration(attempt.durationMs)}</span>
        <span className="small muted">
          <Moment at={attempt.at} />
        </span>
      </button>
      {isOpen && (
        <div className="attempt-body" id={id}>
          <AttemptExchange attempt={attempt} />
        </div>
      )}
    </div>
  );
}
