import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select } from '../ui/select.tsx';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export function UserSigForm({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const { exact } = useFormats();
  const canWrite = useCanWrite();
  const [userId, setUserId] = useState('');
  const [life, setLife] = useState(String(180 * DAY_SECONDS));
  const make = useMutation({
    mutationFn: () =>
      take(
        api.POST('/admin/v1/apps/{sdkAppId}/usersig', {
          params: { path: { sdkAppId } },
          body: { userId, expireSeconds: Number(life) },
        }),
      ),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  const fault = make.error instanceof ApiProblem ? make.error.faultOf('userId') : undefined;
  return (
    <form className="card" onSubmit={submit}>
      <h2 className="card-head">{t('usersig.make')}</h2>
      <div className="card-body stack">
        <TextField
          label={t('usersig.user')}
          value={userId}
          onChange={setUserId}
          error={fault}
          maxLength={32}
          isRequired
          isMono
        />
        <Select
          label={t('usersig.life')}
          options={[
            { id: String(HOUR_SECONDS), label: t('usersig.hours', { count: 1 }) },
            { id: String(DAY_SECONDS), label: t('usersig.hours', { count: 24 }) },
            { id: String(7 * DAY_SECONDS), label: t('usersig.days', { count: 7 }) },
            { id: String(180 * DAY_SECONDS), label: t('usersig.days', { count: 180 }) },
          ]}
          value={life}
          onChange={setLife}
        />
        {make.error && !fault && <ProblemNotice error={make.error} />}
        <div>
          <Button type="submit" kind="primary" isDisabled={!canWrite || make.isPending}>
            {t('usersig.makeButton')}
          </Button>
        </div>
        {make.data && (
          <section className="stack stack-s" aria-label={t('usersig.made', { user: make.data.userId })}>
            <div className="cluster spread">
              <strong>{t('usersig.made', { user: make.data.userId })}</strong>
              <CopyButton text={make.data.userSig} />
            </div>
            <code className="secret">{make.data.userSig}</code>
            <span className="small muted">{t('usersig.until', { time: exact(make.data.expiresAt) })}</span>
          </section>
        )}
      </div>
    </form>
  );
}
