import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { api, take } from '../api/client.ts';
import { useEndpoints } from '../api/queries.ts';
import type { Stats } from '../api/types.ts';
import { EndpointState } from '../endpoints/endpoint-state.tsx';
import { useT } from '../i18n/i18n.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Segments } from '../ui/segments.tsx';
import { useTitle } from '../use-title.ts';
import { FirstSteps } from './first-steps.tsx';
import { OverviewCharts } from './overview-charts.tsx';
import { Tiles } from './tiles.tsx';
import { STATS_ASK_MS, WINDOWS, type Window } from './windows.ts';

export function OverviewPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('overview.title'));
  const [params, setParams] = useSearchParams();
  const window = WINDOWS.find((name) => name === params.get('window')) ?? '15m';
  const { data, error, refetch } = useStats(sdkAppId, window);
  // what is going on now, whatever is looked at
  const { data: recent } = useStats(sdkAppId, '15m');
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('overview.title')}</h1>
        <Segments
          label={t('overview.window')}
          options={WINDOWS.map((id) => ({ id, label: t(`overview.window.${id}`) }))}
          value={window}
          onChange={(id) => setParams({ window: id }, { replace: true })}
        />
      </div>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && recent && <Tiles stats={data} recent={recent} window={window} sdkAppId={sdkAppId} />}
      {data && recent && data.total.changes === 0 && recent.total.changes === 0 && <FirstSteps sdkAppId={sdkAppId} />}
      {data && <OverviewCharts stats={data} />}
      <EndpointList sdkAppId={sdkAppId} />
    </div>
  );
}

function useStats(sdkAppId: number, window: Window) {
  return useQuery<Stats>({
    queryKey: ['stats', sdkAppId, window],
    refetchInterval: STATS_ASK_MS[window],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      take(api.GET('/admin/v1/apps/{sdkAppId}/stats', { params: { path: { sdkAppId }, query: { window } }, signal })),
  });
}

function EndpointList({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const { data = [] } = useEndpoints(sdkAppId);
  if (data.length === 0) return null;
  return (
    <section className="card">
      <h2 className="card-head">{t('overview.endpoints')}</h2>
      <ul className="endpoint-list">
        {data.map(({ endpointId, url, state }) => (
          <li key={endpointId}>
            <Link href={`/${sdkAppId}/endpoints/${endpointId}`} className="mono cut grow">
              {url}
            </Link>
            <EndpointState state={state} />
          </li>
        ))}
      </ul>
    </section>
  );
}
