import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useT } from '../i18n/i18n.tsx';
import { Code } from '../ui/code.tsx';
import { Empty } from '../ui/empty.tsx';

interface EmptyDeliveriesProps {
  readonly sdkAppId: number;
  readonly isFiltered: boolean;
}

export function EmptyDeliveries({ sdkAppId, isFiltered }: EmptyDeliveriesProps): ReactNode {
  const t = useT();
  if (isFiltered) {
    return (
      <Empty icon="search" title={t('deliveries.emptyFiltered.title')} text={t('deliveries.emptyFiltered.text')} />
    );
  }
  const command = `npx portrait profile set alice nick=Alice --import --app ${sdkAppId}`;
  return (
    <Empty icon="deliveries" title={t('deliveries.empty.title')} text={t('deliveries.empty.text')}>
      <Code text={command} label={t('deliveries.empty.text')} />
      <Link href={`/${sdkAppId}/playground`}>{t('nav.playground')}</Link>
    </Empty>
  );
}
