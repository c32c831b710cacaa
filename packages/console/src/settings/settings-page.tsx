import type { ReactNode } from 'react';
import { useApp } from '../api/queries.ts';
import { useT } from '../i18n/i18n.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useTitle } from '../use-title.ts';
import { CustomFields } from './custom-fields.tsx';
import { DeleteApp } from './delete-app.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { SecretKey } from './secret-key.tsx';

export function SettingsPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('settings.title'));
  const { data, error, refetch } = useApp(sdkAppId);
  return (
    <div className="page page-narrow">
      <div>
        <h1>{t('settings.title')}</h1>
        <p className="mono muted">{sdkAppId}</p>
      </div>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && (
        <>
          <GeneralSettings key={sdkAppId} app={data} />
          <CustomFields app={data} />
          <SecretKey sdkAppId={sdkAppId} />
          <section className="card">
            <h2 className="card-head">{t('settings.log')}</h2>
            <dl className="card-body facts">
              <dt>{t('settings.oldestEvent')}</dt>
              <dd>{data.oldestEventAt ? <Moment at={data.oldestEventAt} isExact /> : '–'}</dd>
            </dl>
          </section>
          <DeleteApp app={data} />
        </>
      )}
    </div>
  );
}
