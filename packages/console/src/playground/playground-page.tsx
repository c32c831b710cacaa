import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { useEndpoints } from '../api/queries.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite, useSession } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Segments } from '../ui/segments.tsx';
import { useTitle } from '../use-title.ts';
import { loginThroughApi } from './admin-user.ts';
import { ChangeForm } from './change-form.tsx';
import type { PlaygroundUser } from './playground-user.ts';
import { loginWithSdk } from './sdk-user.ts';
import { WatchedCallbacks } from './watched-callbacks.tsx';

type Way = 'admin' | 'sdk';

export function PlaygroundPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('playground.title'));
  const { data: endpoints } = useEndpoints(sdkAppId);
  const [user, setUser] = useState<PlaygroundUser>();
  useEffect(() => () => void user?.logout().catch(() => undefined), [user]);
  return (
    <div className="page">
      <div>
        <h1>{t('playground.title')}</h1>
        <p className="muted">{t('playground.lead')}</p>
      </div>
      {endpoints?.length === 0 && <Notice tone="calm">{t('playground.noEndpoint')}</Notice>}
      <div className="columns">
        {user ? (
          <ChangeForm user={user} onLogout={() => setUser(undefined)} />
        ) : (
          <LoginForm sdkAppId={sdkAppId} onLogin={setUser} />
        )}
        <WatchedCallbacks sdkAppId={sdkAppId} userId={user?.userId} endpoints={endpoints ?? []} />
      </div>
    </div>
  );
}

interface LoginFormProps {
  readonly sdkAppId: number;
  readonly onLogin: (user: PlaygroundUser) => void;
}

function LoginForm({ sdkAppId, onLogin }: LoginFormProps): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { webSdkUrl } = useSession();
  const [userId, setUserId] = useState('playground');
  const [way, setWay] = useState<Way>(webSdkUrl ? 'sdk' : 'admin');
  const login = useMutation({
    mutationFn: () =>
      way === 'sdk' && webSdkUrl
        ? loginWithSdk({ sdkAppId, userId, webSdkUrl })
        : loginThroughApi(sdkAppId, userId.trim()),
    onSuccess: onLogin,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (canWrite) login.mutate();
  };
  return (
    <form className="card card-body stack" onSubmit={submit}>
      <TextField
        label={t('playground.user')}
        hint={t('playground.userHint')}
        value={userId}
        onChange={setUserId}
        maxLength={32}
        isRequired
        isMono
      />
      {webSdkUrl ? (
        <Segments
          label={t('playground.how')}
          options={(['sdk', 'admin'] as const).map((id) => ({ id, label: t(`playground.by.${id}`) }))}
          value={way}
          onChange={(id) => setWay(id as Way)}
        />
      ) : (
        <p className="small muted">{t('playground.sdkOff')}</p>
      )}
      {login.error &&
        (login.error.message === webSdkUrl ? (
          <Notice tone="bad" isLive>
            {t('playground.sdkFailed', { url: webSdkUrl ?? '' })}
          </Notice>
        ) : (
          <ProblemNotice error={login.error} />
        ))}
      <div>
        <Button type="submit" kind="primary" isDisabled={!canWrite || login.isPending}>
          {login.isPending ? t('playground.loggingIn') : t('playground.login')}
        </Button>
      </div>
    </form>
  );
}
