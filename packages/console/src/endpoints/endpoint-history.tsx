import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, take } from '../api/client.ts';
import type { EndpointEvent } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { Badge, type Tone } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import type { IconName } from '../ui/icon.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';

const LOOKS: Readonly<Record<EndpointEvent['kind'], readonly [Tone, IconName]>> = {
  created: ['calm', 'plus'],
  updated: ['calm', 'settings'],
  paused: ['hold', 'pause'],
  resumed: ['accent', 'play'],
  gone: ['bad', 'pause'],
  'circuit-opened': ['bad', 'bolt'],
  'circuit-half-open': ['warn', 'retry'],
  'circuit-closed': ['good', 'check'],
};

interface EndpointHistoryProps {
  readonly endpointId: string;
  readonly sdkAppId: number;
}

/** What happened to it, newest first. */
export function EndpointHistory({ endpointId, sdkAppId }: EndpointHistoryProps): ReactNode {
  const t = useT();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['endpoint-events', sdkAppId, endpointId],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/events', {
          params: { path: { sdkAppId, endpointId }, query: { limit: 50, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const events = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="card">
      {error && <ProblemNotice error={error} />}
      {data && events.length === 0 && <p className="card-body small muted">{t('history.empty')}</p>}
      <ol className="history">
        {events.map((event) => (
          <li key={event.no}>
            <OneEvent event={event} />
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <div className="list-foot">
          <Button isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {t('action.more')}
          </Button>
        </div>
      )}
    </div>
  );
}

function OneEvent({ event }: { readonly event: EndpointEvent }): ReactNode {
  const t = useT();
  const [tone, icon] = LOOKS[event.kind];
  return (
    <>
      <span className="small muted">
        <Moment at={event.at} />
      </span>
      <span>
        <Badge tone={tone} icon={icon}>
          {t(`history.${event.kind}`)}
        </Badge>
      </span>
      <span className="small muted wrap">
        {[event.reason === 'person' ? t('history.byPerson') : event.reason, event.detail].filter(Boolean).join(': ')}
      </span>
    </>
  );
}
