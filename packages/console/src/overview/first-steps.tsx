import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useEndpoints } from '../api/queries.ts';
import { useT } from '../i18n/i18n.tsx';
import { Icon } from '../ui/icon.tsx';

/** What a newcomer does first. */
export function FirstSteps({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const { data = [] } = useEndpoints(sdkAppId);
  return (
    <section className="card card-body stack">
      <h2>{t('overview.start.title')}</h2>
      <ol className="steps">
        <li>
          <Icon name={data.length > 0 ? 'check' : 'right'} />
          <Link href={`/${sdkAppId}/endpoints/new`}>{t('overview.start.endpoint')}</Link>
        </li>
        <li>
          <Icon name="right" />
          <Link href={`/${sdkAppId}/playground`}>{t('overview.start.change')}</Link>
        </li>
        <li>
          <Icon name="right" />
          <Link href={`/${sdkAppId}/deliveries`}>{t('overview.start.look')}</Link>
        </li>
      </ol>
    </section>
  );
}
