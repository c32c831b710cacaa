import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Endpoint } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select } from '../ui/select.tsx';
import { useTitle } from '../use-title.ts';
import { ExchangeVerdict } from './exchange-verdict.tsx';
import { NewSecrets } from './new-secrets.tsx';
import { successOptions } from './success-options.ts';

/** A URL is tried, judged, and saved. */
export function NewEndpointPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('endpoint.new'));
  const [, navigate] = useLocation();
  const canWrite = useCanWrite();
  const [url, setUrl] = useState('');
  const [token, setToken] = useState('');
  const [success, setSuccess] = useState<Endpoint['success']>('protocol');
  const [startFrom, setStartFrom] = useState('now');
  const body = { url: url.trim(), token, success, startFrom };
  const params = { path: { sdkAppId } };
  const trial = useMutation({
    mutationFn: () => take(api.POST('/admin/v1/apps/{sdkAppId}/endpoints/try', { params, body })),
  });
  const save = useMutation({
    mutationFn: () => take(api.POST('/admin/v1/apps/{sdkAppId}/endpoints', { params, body })),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (canWrite) trial.mutate();
  };
  const error = save.error ?? trial.error;
  const faultOf = (member: string): string | undefined =>
    error instanceof ApiProblem ? error.faultOf(member) : undefined;
  const change =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      trial.reset();
      save.reset();
      set(value);
    };
  return (
    <div className="page page-narrow">
      <div>
        <h1>{t('endpoint.new')}</h1>
        <p className="muted">{t('endpoint.newLead')}</p>
      </div>
      <form className="card card-body stack" onSubmit={submit}>
        <TextField
          label={t('endpoints.url')}
          hint={t('endpoint.urlHint')}
          placeholder="https://backend.example.com/portrait"
          value={url}
          onChange={change(setUrl)}
          error={faultOf('url')}
          isRequired
          isMono
        />
        <div className="form-grid">
          <TextField
            label={t('endpoint.token')}
            hint={t('endpoint.tokenHint')}
            value={token}
            onChange={change(setToken)}
            error={faultOf('token')}
            isMono
          />
          <Select
            label={t('endpoint.success')}
            options={successOptions(t)}
            value={success}
            onChange={change((id) => setSuccess(id as Endpoint['success']))}
          />
          <Select
            label={t('endpoint.startFrom')}
            options={[
              { id: 'now', label: t('endpoint.startFrom.now') },
              { id: 'beginning', label: t('endpoint.startFrom.beginning') },
            ]}
            value={startFrom}
            onChange={change(setStartFrom)}
          />
        </div>
        {error && !faultOf('url') && !faultOf('token') && <ProblemNotice error={error} />}
        <div className="cluster">
          <Button
            type="submit"
            {...(trial.data ? {} : { kind: 'primary' as const })}
            isDisabled={!canWrite || trial.isPending}
          >
            {trial.isPending ? t('endpoint.testing') : t('endpoint.test')}
          </Button>
          {trial.data && (
            <Button kind="primary" isDisabled={save.isPending} onPress={() => save.mutate()}>
              {t(trial.data.outcome === 'delivered' ? 'endpoint.save' : 'endpoint.saveAnyway')}
            </Button>
          )}
          <span className="small muted">{t('endpoint.testHint')}</span>
        </div>
      </form>
      {trial.data && (
        <div className="card card-body">
          <ExchangeVerdict exchange={trial.data} />
        </div>
      )}
      {save.data && (
        <NewSecrets
          endpoint={save.data}
          sdkAppId={sdkAppId}
          onClose={() => navigate(`/${sdkAppId}/endpoints/${save.data.endpointId}`)}
        />
      )}
    </div>
  );
}
