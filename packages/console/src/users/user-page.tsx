import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api, take } from '../api/client.ts';
import { useApp } from '../api/queries.ts';
import type { User } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { useTitle } from '../use-title.ts';
import { ProfileForm } from './profile-form.tsx';
import { UserHistory } from './user-history.tsx';

const ASK_MS = 3_000;

interface UserPageProps {
  readonly sdkAppId: number;
  readonly userId: string;
}

export function UserPage({ sdkAppId, userId }: UserPageProps): ReactNode {
  const t = useT();
  useTitle(userId);
  const { data: app } = useApp(sdkAppId);
  const { data, error, refetch } = useQuery({
    queryKey: ['user', sdkAppId, userId],
    refetchInterval: ASK_MS,
    queryFn: ({ signal }) =>
      take(api.GET('/admin/v1/apps/{sdkAppId}/users/{userId}', { params: { path: { sdkAppId, userId } }, signal })),
  });
  return (
    <div className="page">
      <Link href={`/${sdkAppId}/users`} className="small back">
        <Icon name="left" /> {t('users.title')}
      </Link>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && <Head user={data} sdkAppId={sdkAppId} />}
      {data && app && (
        <>
          <section className="card">
            <div className="card-head">
              <h2>{t('user.profile')}</h2>
              <span className="small muted">{t('user.profileHint')}</span>
            </div>
            <div className="card-body">
              <ProfileForm app={app} user={data} />
            </div>
          </section>
          <div className="columns">
            <Sessions user={data} />
            <UserHistory sdkAppId={sdkAppId} userId={userId} version={data.version} />
          </div>
        </>
      )}
    </div>
  );
}

function Head({ user, sdkAppId }: { readonly user: User; readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const { number, moment } = useFormats();
  const canWrite = useCanWrite();
  const { say, fail } = useToasts();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<'kick' | 'delete'>();
  const { userId } = user;
  const params = { path: { sdkAppId, userId } };
  const close = (): void => setAsked(undefined);
  const kick = useMutation({
    mutationFn: () => take(api.POST('/admin/v1/apps/{sdkAppId}/users/{userId}/kick', { params })),
    onSuccess: () => {
      close();
      say(t('user.kicked'));
    },
    onError: fail,
  });
  const remove = useMutation({
    meta: { removes: true },
    mutationFn: () => take(api.DELETE('/admin/v1/apps/{sdkAppId}/users/{userId}', { params })),
    onSuccess: () => navigate(`/${sdkAppId}/users`),
    onError: fail,
  });
  return (
    <div className="page-head">
      <div>
        <h1 className="mono wrap">{userId}</h1>
        <p className="small">{t('user.versionText', { count: number(user.version), time: moment(user.createdAt) })}</p>
      </div>
      <div className="cluster">
        <Button isDisabled={!canWrite} onPress={() => setAsked('kick')}>
          {t('user.kick')}
        </Button>
        <Button kind="danger" isDisabled={!canWrite} onPress={() => setAsked('delete')}>
          {t('user.delete')}
        </Button>
      </div>
      <ConfirmDialog
        title={t('user.kick')}
        text={t('user.kickText', { user: userId })}
        action={t('user.kick')}
        isOpen={asked === 'kick'}
        isBusy={kick.isPending}
        onConfirm={() => kick.mutate()}
        onClose={close}
      />
      <ConfirmDialog
        title={t('user.delete')}
        text={t('user.deleteText', { user: userId })}
        action={t('user.delete')}
        isOpen={asked === 'delete'}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={close}
      />
    </div>
  );
}

function Sessions({ user }: { readonly user: User }): ReactNode {
  const t = useT();
  return (
    <section className="card">
      <h2 className="card-head">{t('user.sessions')}</h2>
      {user.sessions.length === 0 && <p className="card-body small muted">{t('user.noSessions')}</p>}
      <ul className="endpoint-list">
        {user.sessions.map(({ instId, platform, clientIp, loginAt }) => (
          <li key={instId}>
            <Badge tone="good" icon="check">
              {t('users.online')}
            </Badge>
            <span className="grow">{t('user.session', { platform, ip: clientIp })}</span>
            <span className="muted">
              <Moment at={loginAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
