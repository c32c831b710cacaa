import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, take } from '../api/client.ts';
import type { Delivery } from '../api/types.ts';
import { ChangeDiff } from '../deliveries/change-diff.tsx';
import { StateBadge } from '../deliveries/state-badge.tsx';
import { useT } from '../i18n/i18n.tsx';
import { Moment } from '../ui/moment.tsx';

interface UserHistoryProps {
  readonly sdkAppId: number;
  readonly userId: string;
  /** of the profile: another one has another history */
  readonly version: number;
}

/** Each change, and what became of it at each endpoint. */
export function UserHistory({ sdkAppId, userId, version }: UserHistoryProps): ReactNode {
  const t = useT();
  const { data = [] } = useQuery({
    queryKey: ['history', sdkAppId, userId, version],
    refetchInterval: 3_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const params = { path: { sdkAppId }, query: { userId, limit: 100 } };
      return (await take(api.GET('/admin/v1/apps/{sdkAppId}/deliveries', { params, signal }))).items;
    },
  });
  const changes = Map.groupBy(data, ({ eventId }) => eventId);
  return (
    <section className="card">
      <div className="card-head">
        <h2>{t('user.history')}</h2>
        <Link className="small" href={`/${sdkAppId}/deliveries?q=${encodeURIComponent(userId)}`}>
          {t('user.historyAll')}
        </Link>
      </div>
      {changes.size === 0 && <p className="card-body small muted">{t('user.noHistory')}</p>}
      <ol>
        {[...changes.values()].map((deliveries) => (
          <li key={deliveries[0]?.eventId} className="user-change">
            <Change deliveries={deliveries} sdkAppId={sdkAppId} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Change({
  deliveries,
  sdkAppId,
}: {
  readonly deliveries: readonly Delivery[];
  readonly sdkAppId: number;
}): ReactNode {
  const t = useT();
  const [first] = deliveries;
  if (!first) return null;
  return (
    <>
      <div className="cluster spread small">
        <strong>{t('user.change', { sequence: first.sequence })}</strong>
        <span className="cluster">
          {deliveries.map(({ deliveryId, state }) => (
            <Link key={deliveryId} href={`/${sdkAppId}/deliveries/${deliveryId}`}>
              <StateBadge state={state} />
            </Link>
          ))}
        </span>
        <span className="muted">
          <Moment at={first.event.at} />
        </span>
      </div>
      <ChangeDiff event={first.event} />
    </>
  );
}
