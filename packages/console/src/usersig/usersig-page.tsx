import type { ReactNode } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { useTitle } from '../use-title.ts';
import { UserSigCheck } from './usersig-check.tsx';
import { UserSigForm } from './usersig-form.tsx';

export function UserSigPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('usersig.title'));
  return (
    <div className="page">
      <div>
        <h1>{t('usersig.title')}</h1>
        <p className="muted">{t('usersig.lead')}</p>
      </div>
      <div className="columns">
        <UserSigForm sdkAppId={sdkAppId} />
        <UserSigCheck sdkAppId={sdkAppId} />
      </div>
    </div>
  );
}
