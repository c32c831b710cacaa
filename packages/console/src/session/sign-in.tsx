import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { ConsoleSession } from '../api/types.ts';
import { type Translate, useT } from '../i18n/i18n.tsx';
import icon from '../icon.svg';
import { PageSettings } from '../layout/page-settings.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { describeProblem } from '../ui/problem-notice.tsx';

interface SignInProps {
  readonly hasEnded: boolean;
  readonly onSignedIn: (session: ConsoleSession) => void;
}

/** The token goes to the server once, which answers with a cookie that scripts can not read. It is kept nowhere else. */
export function SignIn({ hasEnded, onSignedIn }: SignInProps): ReactNode {
  const t = useT();
  const [token, setToken] = useState('');
  const signIn = useMutation({
    mutationFn: () => take(api.POST('/admin/v1/session', { body: { token: token.trim() } })),
    onSuccess: onSignedIn,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim()) signIn.mutate();
  };
  return (
    <main className="sign-in">
      <form className="card sign-in-card" onSubmit={submit}>
        <div className="brand">
          <img src={icon} alt="" />
          Portrait
        </div>
        <h1>{t('signIn.title')}</h1>
        {hasEnded && <Notice tone="accent">{t('signIn.ended')}</Notice>}
        <TextField
          label={t('signIn.token')}
          hint={t('signIn.hint')}
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={setToken}
          isRequired
          isMono
          error={signIn.error ? describeFailure(signIn.error, t) : undefined}
        />
        <Button kind="primary" type="submit" isDisabled={signIn.isPending}>
          {signIn.isPending ? t('signIn.busy') : t('signIn.submit')}
        </Button>
        <PageSettings />
      </form>
    </main>
  );
}

function describeFailure(error: Error, t: Translate): string {
  if (error instanceof ApiProblem && error.status === 401) return t('signIn.wrong');
  if (error instanceof ApiProblem && error.status === 429) {
    return t('signIn.wait', { seconds: error.retryAfterSeconds ?? 1 });
  }
  return describeProblem(error, t).text;
}
