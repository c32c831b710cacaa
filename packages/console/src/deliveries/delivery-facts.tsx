import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Delivery, Endpoint } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Moment } from '../ui/moment.tsx';

interface DeliveryFactsProps {
  readonly delivery: Delivery;
  readonly endpoints: readonly Endpoint[];
  readonly sdkAppId: number;
}

export function DeliveryFacts({ delivery, endpoints, sdkAppId }: DeliveryFactsProps): ReactNode {
  const t = useT();
  const { duration } = useFormats();
  const { event, endpointId, userId, eventId, attempts } = delivery;
  const url = endpoints.find((endpoint) => endpoint.endpointId === endpointId)?.url;
  const arrival = attempts.find(({ outcome }) => outcome === 'delivered');
  const arrivedMs = arrival && Date.parse(arrival.at) + arrival.durationMs;
  return (
    <dl className="facts">
      <dt>{t('delivery.user')}</dt>
      <dd>
        <Link href={`/${sdkAppId}/users/${encodeURIComponent(userId)}`} className="mono">
          {userId}
        </Link>
      </dd>
      <dt>{t('delivery.endpoint')}</dt>
      <dd>
        {endpointId ? (
          <Link href={`/${sdkAppId}/endpoints/${endpointId}`} className="mono">
            {url ?? endpointId}
          </Link>
        ) : (
          t('deliveries.noEndpoint')
        )}
      </dd>
      <dt>{t('delivery.committed')}</dt>
      <dd>
        <Moment at={event.at} isExact />
      </dd>
      {arrivedMs !== undefined && (
        <>
          <dt>{t('delivery.arrived')}</dt>
          <dd>{t('delivery.arrivedAfter', { time: duration(Math.max(0, arrivedMs - Date.parse(event.at))) })}</dd>
        </>
      )}
      <dt>{t('delivery.operator')}</dt>
      <dd>
        <span className="mono">{event.operator ?? '–'}</span>{' '}
        <span className="muted">({t('delivery.from', { platform: event.platform, ip: event.clientIp })})</span>
      </dd>
      <dt>{t('delivery.event')}</dt>
      <dd className="mono">{eventId}</dd>
    </dl>
  );
}
