import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { useApps } from '../api/queries.ts';
import { useT } from '../i18n/i18n.tsx';
import icon from '../icon.svg';
import { PageSettings } from '../layout/page-settings.tsx';
import { useSession } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { TextField } from '../ui/field.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useTitle } from '../use-title.ts';

/** All apps of the server: where one arrives. */
export function AppsPage(): ReactNode {
  const t = useT();
  useTitle(t('apps.title'));
  const { role, signOut } = useSession();
  const { data, error, refetch } = useApps();
  const [isMaking, setMaking] = useState(false);
  return (
    <main className="main apps" id="content" tabIndex={-1}>
      <div className="page page-narrow">
        <div className="cluster spread">
          <div className="brand">
            <img src={icon} alt="" />
            Portrait
          </div>
          <div className="cluster">
            <PageSettings />
            <Button kind="quiet" onPress={signOut}>
              {t('account.signOut')}
            </Button>
          </div>
        </div>
        <div className="page-head">
          <div>
            <h1>{t('apps.title')}</h1>
            <p>{t('apps.lead')}</p>
          </div>
          <Button kind="primary" icon="plus" isDisabled={role !== 'admin'} onPress={() => setMaking(true)}>
            {t('apps.new')}
          </Button>
        </div>
        {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
        {data?.length === 0 && (
          <div className="card">
            <Empty icon="apps" title={t('apps.empty.title')} text={t('apps.empty.text')} />
          </div>
        )}
        <ul className="columns">
          {data?.map(({ sdkAppId, name, createdAt }) => (
            <li key={sdkAppId}>
              <Link href={`/${sdkAppId}/overview`} className="card app-card">
                <strong>{name}</strong>
                <span className="mono small muted">{sdkAppId}</span>
                <span className="small muted">
                  <Moment at={createdAt} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {isMaking && <NewApp onClose={() => setMaking(false)} />}
    </main>
  );
}

function NewApp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useT();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [sdkAppId, setSdkAppId] = useState('');
  const make = useMutation({
    mutationFn: () =>
      take(api.POST('/admin/v1/apps', { body: { name, ...(sdkAppId && { sdkAppId: Number(sdkAppId) }) } as never })),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  const faultOf = (member: string): string | undefined =>
    make.error instanceof ApiProblem ? make.error.faultOf(member) : undefined;
  if (make.data) {
    const made = make.data;
    const go = (): void => navigate(`/${made.sdkAppId}/overview`);
    return (
      <Dialog title={t('secrets.once')} isOpen isKept onClose={go}>
        <p>{t('apps.made', { name: made.name })}</p>
        <div className="cluster">
          <code className="secret grow">{made.secretKey}</code>
          <CopyButton text={made.secretKey ?? ''} />
        </div>
        <Notice tone="accent">{t('settings.keyHint')}</Notice>
        <div className="dialog-actions">
          <Button kind="primary" onPress={go}>
            {t('action.done')}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t('apps.new')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <TextField
          label={t('apps.name')}
          value={name}
          onChange={setName}
          error={faultOf('name')}
          isRequired
          maxLength={64}
        />
        <TextField
          label={t('apps.sdkAppId')}
          hint={t('apps.sdkAppIdHint')}
          type="number"
          min={1}
          value={sdkAppId}
          onChange={setSdkAppId}
          error={faultOf('sdkAppId')}
        />
        {make.error && !faultOf('name') && !faultOf('sdkAppId') && <ProblemNotice error={make.error} />}
        <div className="dialog-actions">
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" kind="primary" isDisabled={make.isPending}>
            {t('action.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
