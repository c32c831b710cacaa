/** One delivery: what changed, whether it arrived, why not, and what to do about it. */
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, take } from '../api/client.ts';
import type { Delivery, Endpoint } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { Attempts } from './attempts.tsx';
import { ChangeDiff } from './change-diff.tsx';
import { formatCurl } from './curl.ts';
import { DeliveryFacts } from './delivery-facts.tsx';
import { describeReason, describeWhy } from './reason-words.ts';
import { StateBadge, toneOf } from './state-badge.tsx';

/** Looked at again so often while something is still to come. */
const ASK_MS = 1_000;
const SETTLED: ReadonlySet<Delivery['state']> = new Set(['delivered', 'dead', 'skipped']);

interface DeliveryDetailProps {
  readonly sdkAppId: number;
  readonly deliveryId: string;
  readonly endpoints: readonly Endpoint[];
  readonly onClose: () => void;
}

export function DeliveryDetail({ sdkAppId, deliveryId, endpoints, onClose }: DeliveryDetailProps): ReactNode {
  const t = useT();
  const params = { path: { sdkAppId, deliveryId } };
  const { data, error, refetch } = useQuery({
    queryKey: ['delivery', sdkAppId, deliveryId],
    queryFn: ({ signal }) => take(api.GET('/admin/v1/apps/{sdkAppId}/deliveries/{deliveryId}', { params, signal })),
    refetchInterval: ({ state }) => (state.data && SETTLED.has(state.data.state) ? false : ASK_MS),
  });
  return (
    <section className="detail" aria-label={deliveryId}>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && <Closer onClose={onClose} />}
      {!data && !error && <p className="muted small">{t('state.loading')}</p>}
      {data && <Shown delivery={data} endpoints={endpoints} sdkAppId={sdkAppId} onClose={onClose} />}
    </section>
  );
}

function Closer({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useT();
  return (
    <div>
      <IconButton icon="cross" label={t('delivery.close')} onPress={onClose} />
    </div>
  );
}

interface ShownProps {
  readonly delivery: Delivery;
  readonly endpoints: readonly Endpoint[];
  readonly sdkAppId: number;
  readonly onClose: () => void;
}

function Shown({ delivery, endpoints, sdkAppId, onClose }: ShownProps): ReactNode {
  const t = useT();
  const { userId, sequence, state, event, attempts, nextTryAt } = delivery;
  return (
    <>
      <header className="card">
        <div className="card-body stack">
          <div className="cluster spread">
            <h2 className="cut">{t('delivery.title', { sequence, user: userId })}</h2>
            <IconButton icon="cross" label={t('delivery.close')} onPress={onClose} />
          </div>
          <div className="cluster">
            <StateBadge state={state} />
            {nextTryAt && (
              <span className="small muted">
                {t('delivery.next')} <Moment at={nextTryAt} />
              </span>
            )}
          </div>
          <Explanation delivery={delivery} />
          <Actions delivery={delivery} sdkAppId={sdkAppId} />
          <DeliveryFacts delivery={delivery} endpoints={endpoints} sdkAppId={sdkAppId} />
        </div>
      </header>
      <section className="card">
        <h3 className="card-head">{t('delivery.change')}</h3>
        {event.erased ? (
          <div className="card-body">
            <Notice tone="calm">{t('delivery.erased')}</Notice>
          </div>
        ) : (
          <ChangeDiff event={event} />
        )}
      </section>
      <section className="card">
        <h3 className="card-head">{t('delivery.attempts')}</h3>
        {attempts.length === 0 ? (
          <p className="card-body small muted">{t('delivery.noAttempts')}</p>
        ) : (
          <Attempts attempts={attempts} />
        )}
      </section>
    </>
  );
}

/** Why it is not delivered, and why the last attempt failed. */
function Explanation({ delivery }: { readonly delivery: Delivery }): ReactNode {
  const t = useT();
  const formats = useFormats();
  const { why, attempts, state } = delivery;
  if (!why) return null;
  const words = describeWhy(why, t, formats);
  const last = attempts.at(-1);
  const reason = last?.reason === undefined ? undefined : describeReason(last.reason, t);
  return (
    <Notice tone={toneOf(state)} title={words.what}>
      {reason && why.code !== 'address-refused' && (
        <>
          <p>{reason.what}</p>
          {last?.detail && <p className="mono small">{last.detail}</p>}
          <p>{reason.todo}</p>
        </>
      )}
      <p>{words.todo}</p>
    </Notice>
  );
}

function Actions({ delivery, sdkAppId }: { readonly delivery: Delivery; readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { say, fail } = useToasts();
  const { deliveryId, endpointId, attempts, event } = delivery;
  const redeliver = useMutation({
    mutationFn: () =>
      take(
        api.POST('/admin/v1/apps/{sdkAppId}/deliveries/{deliveryId}/redeliver', {
          params: { path: { sdkAppId, deliveryId } },
        }),
      ),
    onSuccess: (answer) => {
      const last = answer.attempts.at(-1);
      const outcome = last ? t(`outcome.${last.outcome}`) : t(`state.${answer.state}`);
      say(t('delivery.redelivered', { outcome }), last?.outcome === 'delivered' ? 'good' : 'bad');
    },
    onError: fail,
  });
  const request = attempts.at(-1)?.request;
  return (
    <div className="cluster">
      {endpointId && !event.erased && (
        <Button
          kind="primary"
          icon="retry"
          isDisabled={!canWrite || redeliver.isPending}
          onPress={() => redeliver.mutate()}
        >
          {redeliver.isPending ? t('delivery.redelivering') : t('delivery.redeliver')}
        </Button>
      )}
      {request && <CopyButton label={t('delivery.copyCurl')} text={() => formatCurl(request)} />}
      <CopyButton icon="link" label={t('delivery.copyLink')} text={() => `${location.origin}${location.pathname}`} />
    </div>
  );
}
