/** What is looked for: it stands in the address, so that a link leads to the same list. */
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { DeliveryState } from '../api/types.ts';
import type { DeliveryRow } from './delivery-row.ts';

const NAMES = ['q', 'state', 'reason', 'endpoint', 'since'] as const;
type Name = (typeof NAMES)[number];

/** Members as they stand in the address; '' = any. */
export type Filters = Readonly<Record<Name, string>>;

const UNDELIVERED: readonly DeliveryState[] = ['pending', 'retrying', 'waiting', 'held', 'dead'];

/** Minutes by the value of `since`. */
const SINCE: Readonly<Record<string, number>> = { '15m': 15, '1h': 60, '24h': 1_440, '7d': 10_080 };

export function useFilters(): readonly [Filters, (change: Partial<Filters>) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filters = useMemo(() => {
    const read = new URLSearchParams(text);
    return Object.fromEntries(NAMES.map((name) => [name, read.get(name) ?? ''])) as Filters;
  }, [text]);
  const change = (wanted: Partial<Filters>): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(wanted)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  return [filters, change];
}

export function isFiltered(filters: Filters): boolean {
  return NAMES.some((name) => filters[name] !== '');
}

/** What is typed: an event id, or a UserID, or `user #3`. */
function readSearch(q: string): { eventId?: string; userId?: string; sequence?: number } {
  const text = q.trim();
  if (text === '') return {};
  if (/^evt_/.test(text)) return { eventId: text };
  const [, userId = text, sequence] = /^(.*\S)\s+#(\d{1,9})$/.exec(text) ?? [];
  return { userId, ...(sequence !== undefined && { sequence: Number(sequence) }) };
}

function statesOf({ state }: Filters): readonly string[] {
  return state === 'undelivered' ? UNDELIVERED : state === '' ? [] : [state];
}

/** @returns query of the list of deliveries */
export function queryOf(filters: Filters, nowMs: number): Record<string, string | number> {
  const minutes = SINCE[filters.since];
  const states = statesOf(filters);
  return {
    ...readSearch(filters.q),
    ...(states.length > 0 && { state: states.join() }),
    ...(filters.reason && { reason: filters.reason }),
    ...(filters.endpoint && { endpointId: filters.endpoint }),
    ...(minutes !== undefined && { from: String(nowMs - minutes * 60_000) }),
  };
}

/** Whether a delivery that has just come belongs into the list. */
export function fits(row: DeliveryRow, filters: Filters): boolean {
  const { eventId, userId, sequence } = readSearch(filters.q);
  const states = statesOf(filters);
  return (
    (eventId === undefined || row.eventId === eventId) &&
    (userId === undefined || row.userId === userId) &&
    (sequence === undefined || row.sequence === sequence) &&
    (states.length === 0 || states.includes(row.state)) &&
    (filters.reason === '' || row.reason === filters.reason) &&
    (filters.endpoint === '' || row.endpointId === filters.endpoint)
  );
}
