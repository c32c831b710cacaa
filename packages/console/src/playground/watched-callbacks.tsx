import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, take } from '../api/client.ts';
import type { Delivery, Endpoint } from '../api/types.ts';
import { ChangeDiff } from '../deliveries/change-diff.tsx';
import { describeReason, describeWhy } from '../deliveries/reason-words.ts';
import { StateBadge } from '../deliveries/state-badge.tsx';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';

/** Somebody waits for it with open eyes. */
const ASK_MS = 300;
const SHOWN = 12;

interface WatchedCallbacksProps {
  readonly sdkAppId: number;
  readonly userId: string | undefined;
  readonly endpoints: readonly Endpoint[];
}

export function WatchedCallbacks({ sdkAppId, userId, endpoints }: WatchedCallbacksProps): ReactNode {
  const t = useT();
  const { data = [] } = useQuery({
    queryKey: ['watched', sdkAppId, userId],
    enabled: userId !== undefined,
    refetchInterval: ASK_MS,
    queryFn: async ({ signal }) => {
      const params = { path: { sdkAppId }, query: { userId: userId ?? '', limit: SHOWN } };
      return (await take(api.GET('/admin/v1/apps/{sdkAppId}/deliveries', { params, signal }))).items;
    },
  });
  return (
    <section className="card" aria-label={t('playground.callbacks')}>
      <h2 className="card-head">{t('playground.callbacks')}</h2>
      {data.length === 0 && <p className="card-body small muted">{t('playground.waiting')}</p>}
      <ol>
        {data.map((delivery, index) => (
          <li key={delivery.deliveryId} className="user-change">
            <Watched
              delivery={delivery}
              url={endpoints.find(({ endpointId }) => endpointId === delivery.endpointId)?.url}
              sdkAppId={sdkAppId}
              isNewChange={data[index - 1]?.eventId !== delivery.eventId}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface WatchedProps {
  readonly delivery: Delivery;
  readonly url: string | undefined;
  readonly sdkAppId: number;
  /** the first of its change: what changed is shown once */
  readonly isNewChange: boolean;
}

function Watched({ delivery, url, sdkAppId, isNewChange }: WatchedProps): ReactNode {
  const t = useT();
  const formats = useFormats();
  const { duration } = formats;
  const { deliveryId, sequence, state, attempts, event, why } = delivery;
  const arrival = attempts.find(({ outcome }) => outcome === 'delivered');
  const tookMs = arrival && Date.parse(arrival.at) + arrival.durationMs - Date.parse(event.at);
  const failed = attempts.findLast(({ reason }) => reason !== undefined);
  return (
    <>
      <div className="cluster spread small">
        <span className="cluster">
          <strong>#{sequence}</strong>
          <StateBadge state={state} />
          {tookMs !== undefined && (
            <span className="muted">{t('playground.took', { time: duration(Math.max(0, tookMs)) })}</span>
          )}
        </span>
        <Link href={`/${sdkAppId}/deliveries/${deliveryId}`}>{t('playground.open')}</Link>
      </div>
      <span className="mono small muted cut">{url ?? t('deliveries.noEndpoint')}</span>
      {failed?.reason && state !== 'delivered' && <p className="small">{describeReason(failed.reason, t).what}</p>}
      {why && <p className="small muted">{describeWhy(why, t, formats).what}</p>}
      {isNewChange && <ChangeDiff event={event} />}
    </>
  );
}
