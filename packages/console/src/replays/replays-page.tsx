import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, take } from '../api/client.ts';
import { useEndpoints } from '../api/queries.ts';
import type { Replay } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import type { IconName } from '../ui/icon.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { useTitle } from '../use-title.ts';
import { ReplayForm } from './replay-form.tsx';

/** While one runs it is looked at so often, else less. */
const RUNNING_ASK_MS = 700;
const QUIET_ASK_MS = 5_000;

const LOOKS: Readonly<Record<Replay['state'], readonly [Tone, IconName]>> = {
  queued: ['calm', 'clock'],
  running: ['accent', 'retry'],
  done: ['good', 'check'],
  cancelled: ['calm', 'cross'],
  failed: ['bad', 'cross'],
};

function isOpen({ state }: Replay): boolean {
  return state === 'queued' || state === 'running';
}

export function ReplaysPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('replays.title'));
  const { data: endpoints = [] } = useEndpoints(sdkAppId);
  const { data, error, refetch } = useQuery({
    queryKey: ['replays', sdkAppId],
    queryFn: async ({ signal }) => {
      const params = { path: { sdkAppId }, query: { limit: 50 } };
      return (await take(api.GET('/admin/v1/apps/{sdkAppId}/replays', { params, signal }))).items;
    },
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? RUNNING_ASK_MS : QUIET_ASK_MS),
  });
  return (
    <div className="page">
      <div>
        <h1>{t('replays.title')}</h1>
        <p className="muted">{t('replays.lead')}</p>
      </div>
      <ReplayForm sdkAppId={sdkAppId} endpoints={endpoints} />
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && (
        <div className="card">
          <Empty icon="replays" title={t('replays.empty.title')} text={t('replays.empty.text')} />
        </div>
      )}
      {data?.map((replay) => (
        <ReplayCard
          key={replay.jobId}
          replay={replay}
          url={endpoints.find(({ endpointId }) => endpointId === replay.endpointId)?.url ?? replay.endpointId}
          sdkAppId={sdkAppId}
        />
      ))}
    </div>
  );
}

interface ReplayCardProps {
  readonly replay: Replay;
  readonly url: string;
  readonly sdkAppId: number;
}

function ReplayCard({ replay, url, sdkAppId }: ReplayCardProps): ReactNode {
  const t = useT();
  const { number, moment } = useFormats();
  const canWrite = useCanWrite();
  const { fail } = useToasts();
  const { jobId, state, filter, total, done, delivered, failed, skipped, waitsFor, reason, createdAt } = replay;
  const cancel = useMutation({
    mutationFn: () =>
      take(api.POST('/admin/v1/apps/{sdkAppId}/replays/{jobId}/cancel', { params: { path: { sdkAppId, jobId } } })),
    onError: fail,
  });
  const [tone, icon] = LOOKS[state];
  const asked = [
    t('replays.of', { from: moment(filter.from), to: moment(filter.to) }),
    filter.userId && t('replays.ofUser', { user: filter.userId }),
    filter.state && t('replays.inState', { state: t(`state.${filter.state}`).toLowerCase() }),
  ];
  const counts = { delivered: number(delivered), failed: number(failed), skipped: number(skipped) };
  return (
    <section className="card card-body stack" aria-label={jobId}>
      <div className="cluster spread">
        <div className="cluster">
          <Badge tone={tone} icon={icon}>
            {t(`replay.state.${state}`)}
          </Badge>
          <span className="mono small wrap">{url}</span>
        </div>
        <span className="small muted">
          <Moment at={createdAt} />
        </span>
      </div>
      <p className="small muted">{asked.filter(Boolean).join(', ')}</p>
      <div className="stack stack-s">
        <progress className="progress" max={Math.max(1, total)} value={done} aria-label={t('replays.progress')} />
        <div className="cluster spread small">
          <span className="numbers">
            {t('replays.done', { done: number(done), total: number(total) })} · {t('replays.results', counts)}
          </span>
          {isOpen(replay) && (
            <Button isDisabled={!canWrite || cancel.isPending} onPress={() => cancel.mutate()}>
              {t('replays.cancel')}
            </Button>
          )}
        </div>
      </div>
      {waitsFor && <p className="small">{t(`replay.waits.${waitsFor}`)}</p>}
      {reason && <p className="small">{t('replays.reason', { reason })}</p>}
    </section>
  );
}
