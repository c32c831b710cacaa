import { type ReactNode, useEffect, useState } from 'react';
import { useEndpoints } from '../api/queries.ts';
import { useT } from '../i18n/i18n.tsx';
import { SEARCH_ID } from '../layout/use-shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/select.tsx';
import { type Filters, isFiltered } from './filters.ts';
import { FAILURE_REASONS } from './reason-words.ts';
import { DELIVERY_STATES } from './state-badge.tsx';

/** Somebody who types is waited for so long. */
const TYPING_MS = 250;
const ANY = 'any';

interface FilterBarProps {
  readonly sdkAppId: number;
  readonly filters: Filters;
  readonly onChange: (change: Partial<Filters>) => void;
}

export function FilterBar({ sdkAppId, filters, onChange }: FilterBarProps): ReactNode {
  const t = useT();
  const { data: endpoints = [] } = useEndpoints(sdkAppId);
  const pick = (name: keyof Filters) => (id: string) => onChange({ [name]: id === ANY ? '' : id });
  return (
    <search className="filters">
      <SearchField value={filters.q} onChange={(q) => onChange({ q })} />
      <Select
        label={t('deliveries.state')}
        value={filters.state || ANY}
        onChange={pick('state')}
        options={[
          { id: ANY, label: t('deliveries.anyState') },
          { id: 'undelivered', label: t('deliveries.undelivered') },
          ...DELIVERY_STATES.map((id) => ({ id, label: t(`state.${id}`) })),
        ]}
      />
      <Select
        label={t('deliveries.reason')}
        value={filters.reason || ANY}
        onChange={pick('reason')}
        options={[{ id: ANY, label: t('deliveries.anyReason') }, ...FAILURE_REASONS.map((id) => ({ id, label: id }))]}
      />
      <Select
        label={t('deliveries.endpoint')}
        value={filters.endpoint || ANY}
        onChange={pick('endpoint')}
        options={[
          { id: ANY, label: t('deliveries.anyEndpoint') },
          ...endpoints.map(({ endpointId, url }) => ({ id: endpointId, label: url })),
        ]}
      />
      <Select
        label={t('deliveries.time')}
        value={filters.since || ANY}
        onChange={pick('since')}
        options={[
          { id: ANY, label: t('deliveries.anyTime') },
          { id: '15m', label: t('deliveries.lastMinutes', { count: 15 }) },
          { id: '1h', label: t('deliveries.lastMinutes', { count: 60 }) },
          { id: '24h', label: t('deliveries.lastHours', { count: 24 }) },
          { id: '7d', label: t('deliveries.lastDays', { count: 7 }) },
        ]}
      />
      {isFiltered(filters) && (
        <Button
          kind="quiet"
          icon="cross"
          onPress={() => onChange({ q: '', state: '', reason: '', endpoint: '', since: '' })}
        >
          {t('deliveries.clear')}
        </Button>
      )}
    </search>
  );
}

function SearchField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (q: string) => void;
}): ReactNode {
  const t = useT();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed sets the clock
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="field field-wide">
      <label className="field-label" htmlFor={SEARCH_ID}>
        {t('deliveries.search')}
      </label>
      <input
        id={SEARCH_ID}
        className="input"
        type="search"
        value={typed}
        placeholder={t('deliveries.searchHint')}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
