import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Endpoint } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select } from '../ui/select.tsx';
import { useToasts } from '../ui/toasts.tsx';

const ANY = 'any';
const STATES = ['dead', 'delivered', 'skipped'] as const;
const HOUR_MS = 3_600_000;

interface ReplayFormProps {
  readonly sdkAppId: number;
  readonly endpoints: readonly Endpoint[];
}

/** First the count, then the start: both with the same words. */
export function ReplayForm({ sdkAppId, endpoints }: ReplayFormProps): ReactNode {
  const t = useT();
  const { number } = useFormats();
  const canWrite = useCanWrite();
  const { say } = useToasts();
  const [form, setForm] = useState(() => ({
    endpointId: '',
    from: localTime(Date.now() - HOUR_MS),
    to: '',
    userId: '',
    state: 'dead',
    rate: '50',
  }));
  const endpointId = form.endpointId || endpoints[0]?.endpointId || '';
  const post = (dryRun: boolean) =>
    take(
      api.POST('/admin/v1/apps/{sdkAppId}/replay', {
        params: { path: { sdkAppId } },
        body: {
          endpointId,
          from: new Date(form.from).toISOString(),
          ...(form.to && { to: new Date(form.to).toISOString() }),
          ...(form.userId.trim() && { userId: form.userId.trim() }),
          ...(form.state !== ANY && { state: form.state as (typeof STATES)[number] }),
          ratePerSecond: Number(form.rate),
          dryRun,
        },
      }),
    );
  const count = useMutation({ mutationFn: () => post(true) });
  const start = useMutation({
    mutationFn: () => post(false),
    onSuccess: () => {
      say(t('replays.started'));
      count.reset();
    },
  });
  const set = (change: Partial<typeof form>): void => {
    count.reset();
    start.reset();
    setForm((before) => ({ ...before, ...change }));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (canWrite && form.from) count.mutate();
  };
  const error = start.error ?? count.error;
  const faultOf = (member: string): string | undefined =>
    error instanceof ApiProblem ? error.faultOf(member) : undefined;
  const isTold = ['from', 'to', 'userId', 'ratePerSecond'].some(faultOf);
  const total = count.data?.total ?? 0;
  return (
    <form className="card card-body stack" onSubmit={submit}>
      <h2>{t('replays.new')}</h2>
      {endpoints.length === 0 && <Notice tone="calm">{t('replays.noEndpoint')}</Notice>}
      <div className="form-grid">
        <Select
          label={t('replays.endpoint')}
          options={endpoints.map((endpoint) => ({ id: endpoint.endpointId, label: endpoint.url }))}
          value={endpointId}
          onChange={(id) => set({ endpointId: id })}
        />
        <TextField
          label={t('replays.from')}
          type="datetime-local"
          value={form.from}
          onChange={(from) => set({ from })}
          error={faultOf('from')}
          isRequired
        />
        <TextField
          label={t('replays.to')}
          hint={t('replays.toHint')}
          type="datetime-local"
          value={form.to}
          onChange={(to) => set({ to })}
          error={faultOf('to')}
        />
        <Select
          label={t('replays.state')}
          options={[
            ...STATES.map((id) => ({ id, label: t(`state.${id}`) })),
            { id: ANY, label: t('replays.anyState') },
          ]}
          value={form.state}
          onChange={(state) => set({ state })}
        />
        <TextField
          label={t('replays.user')}
          hint={t('replays.userHint')}
          value={form.userId}
          onChange={(userId) => set({ userId })}
          error={faultOf('userId')}
          isMono
        />
        <TextField
          label={t('replays.rate')}
          hint={t('replays.rateHint')}
          type="number"
          min={1}
          max={1_000}
          value={form.rate}
          onChange={(rate) => set({ rate })}
          error={faultOf('ratePerSecond')}
          isRequired
        />
      </div>
      {error && !isTold && <ProblemNotice error={error} />}
      {count.data && 'byState' in count.data && <Preview preview={count.data} />}
      <div className="cluster">
        <Button
          type="submit"
          {...(total > 0 ? {} : { kind: 'primary' as const })}
          isDisabled={!canWrite || endpointId === '' || count.isPending}
        >
          {count.isPending ? t('replays.counting') : t('replays.count')}
        </Button>
        {total > 0 && (
          <Button kind="primary" icon="retry" isDisabled={start.isPending} onPress={() => start.mutate()}>
            {t('replays.start', { count: number(total) })}
          </Button>
        )}
      </div>
    </form>
  );
}

interface PreviewAnswer {
  readonly total: number;
  readonly ratePerSecond: number;
  readonly first: { readonly at: string } | null;
  readonly last: { readonly at: string } | null;
}

function Preview({ preview }: { readonly preview: PreviewAnswer }): ReactNode {
  const t = useT();
  const { number, moment, duration } = useFormats();
  const { total, ratePerSecond, first, last } = preview;
  if (total === 0) return <Notice tone="calm" title={t('replays.countedNone')} isLive />;
  const values = {
    first: first ? moment(first.at) : '–',
    last: last ? moment(last.at) : '–',
    time: duration((total / ratePerSecond) * 1_000),
  };
  return (
    <Notice tone="accent" title={t('replays.counted', { count: number(total) })} isLive>
      <p>{t('replays.range', values)}</p>
    </Notice>
  );
}

/** What a field for a local time takes. */
function localTime(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 19);
}
