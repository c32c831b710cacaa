import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import type { UserSigVerdict } from '../api/types.ts';
import { isMessageKey, useT } from '../i18n/i18n.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';

export function UserSigCheck({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const [userSig, setUserSig] = useState('');
  const [userId, setUserId] = useState('');
  const check = useMutation({
    mutationFn: () =>
      take(
        api.POST('/admin/v1/apps/{sdkAppId}/usersig/verify', {
          params: { path: { sdkAppId } },
          body: { userSig, ...(userId && { userId }) },
        }),
      ),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    check.mutate();
  };
  return (
    <form className="card" onSubmit={submit}>
      <h2 className="card-head">{t('usersig.check')}</h2>
      <div className="card-body stack">
        <p className="small muted">{t('usersig.checkHint')}</p>
        <TextField label={t('usersig.text')} value={userSig} onChange={setUserSig} isLong isMono isRequired />
        <TextField
          label={t('usersig.as')}
          hint={t('usersig.asHint')}
          value={userId}
          onChange={setUserId}
          maxLength={32}
          isMono
        />
        {check.error && <ProblemNotice error={check.error} />}
        <div>
          <Button type="submit" kind="primary" isDisabled={check.isPending}>
            {t('usersig.checkButton')}
          </Button>
        </div>
        {check.data && <Verdict verdict={check.data} />}
      </div>
    </form>
  );
}

function Verdict({ verdict }: { readonly verdict: UserSigVerdict }): ReactNode {
  const t = useT();
  const { isValid, code, detail, claims } = verdict;
  const key = `usersig.code.${code}`;
  return (
    <>
      {isValid ? (
        <Notice tone="good" title={t('usersig.valid', { user: claims?.userId ?? '' })} isLive />
      ) : (
        <Notice tone="bad" title={t('usersig.invalid', { code })} isLive>
          {isMessageKey(key) && <p>{t(key)}</p>}
          {detail && <p className="mono small">{detail}</p>}
        </Notice>
      )}
      {claims && (
        <dl className="facts">
          <dt>{t('usersig.claims.user')}</dt>
          <dd className="mono">{claims.userId}</dd>
          <dt>{t('usersig.claims.app')}</dt>
          <dd className="mono">{claims.sdkAppId}</dd>
          <dt>{t('usersig.claims.issued')}</dt>
          <dd>
            <Moment at={claims.issuedAt} isExact />
          </dd>
          <dt>{t('usersig.claims.expires')}</dt>
          <dd>
            <Moment at={claims.expiresAt} isExact />
          </dd>
        </dl>
      )}
    </>
  );
}
