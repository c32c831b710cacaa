import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useEndpoints } from '../api/queries.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Button } from '../ui/button.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { useTitle } from '../use-title.ts';
import { DeliveryDetail } from './delivery-detail.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { EmptyDeliveries } from './empty-deliveries.tsx';
import { FilterBar } from './filter-bar.tsx';
import { isFiltered, useFilters } from './filters.ts';
import { useDeliveries } from './use-deliveries.ts';

interface DeliveriesPageProps {
  readonly sdkAppId: number;
  readonly deliveryId: string | undefined;
}

export function DeliveriesPage({ sdkAppId, deliveryId }: DeliveriesPageProps): ReactNode {
  const t = useT();
  const { number } = useFormats();
  useTitle(t('deliveries.title'));
  const [, navigate] = useLocation();
  const search = useSearch();
  const [filters, changeFilters] = useFilters();
  const { data: endpoints = [] } = useEndpoints(sdkAppId);
  const list = useDeliveries(sdkAppId, filters);
  const scrollRef = useRef<HTMLDivElement>(null);
  const suffix = search ? `?${search}` : '';
  const close = useCallback(() => navigate(`/${sdkAppId}/deliveries${suffix}`), [navigate, sdkAppId, suffix]);
  useEscape(deliveryId === undefined ? undefined : close);
  const nameOf = (endpointId: string | null): string => {
    if (endpointId === null) return t('deliveries.noEndpoint');
    const url = endpoints.find((endpoint) => endpoint.endpointId === endpointId)?.url;
    return url?.replace(/^https?:\/\//, '') ?? endpointId;
  };
  const { rows, held, hasMore, isLoading, error } = list;
  return (
    <div className="deliveries" data-open={deliveryId !== undefined || undefined}>
      <div className="page-head">
        <h1>{t('deliveries.title')}</h1>
        <Switch label={t('deliveries.live')} isOn={list.isLive} onChange={list.setLive} />
      </div>
      <FilterBar sdkAppId={sdkAppId} filters={filters} onChange={changeFilters} />
      {error && rows.length === 0 && <ProblemNotice error={error} onRetry={list.refetch} />}
      <div className="split" data-open={deliveryId !== undefined || undefined}>
        <div className="card list">
          <div className="list-head" aria-hidden="true">
            <span>{t('deliveries.column.state')}</span>
            <span>{t('deliveries.column.user')}</span>
            <span className="only-wide">{t('deliveries.column.sequence')}</span>
            <span className="only-wide">{t('deliveries.column.fields')}</span>
            <span className="only-wide">{t('deliveries.column.endpoint')}</span>
            <span className="list-end">{t('deliveries.column.time')}</span>
          </div>
          {rows.length === 0 && !isLoading && !error ? (
            <EmptyDeliveries sdkAppId={sdkAppId} isFiltered={isFiltered(filters)} />
          ) : (
            <DeliveryList
              rows={rows}
              currentId={deliveryId}
              hrefOf={(row) => `/${sdkAppId}/deliveries/${row.deliveryId}${suffix}`}
              endpointName={nameOf}
              scrollRef={scrollRef}
              onNearEnd={list.loadMore}
              onScroll={list.scrolled}
            />
          )}
          <div className="list-foot">
            <span role="status">
              {isLoading
                ? t('deliveries.searching')
                : t(hasMore ? 'deliveries.countMore' : 'deliveries.count', { count: number(rows.length) })}
            </span>
            {held > 0 && (
              <Button
                kind="quiet"
                onPress={() => {
                  list.scrolled(true);
                  scrollRef.current?.scrollTo({ top: 0 });
                }}
              >
                {t('deliveries.newOnes', { count: number(held) })}
              </Button>
            )}
          </div>
        </div>
        {deliveryId !== undefined && (
          <DeliveryDetail
            key={deliveryId}
            sdkAppId={sdkAppId}
            deliveryId={deliveryId}
            endpoints={endpoints}
            onClose={close}
          />
        )}
      </div>
    </div>
  );
}

/** @param run  undefined: the key means nothing now */
function useEscape(run: (() => void) | undefined): void {
  useEffect(() => {
    if (!run) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('[role="dialog"]')) run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [run]);
}
