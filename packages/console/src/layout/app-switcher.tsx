import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useApps } from '../api/queries.ts';
import { useT } from '../i18n/i18n.tsx';
import { Select } from '../ui/select.tsx';

const ALL = 'all';

/** Leads to the same section of another app. */
export function AppSwitcher({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const [location, navigate] = useLocation();
  const { data: apps = [] } = useApps();
  const section = location.split('/')[2] ?? 'overview';
  const options = apps.map((app) => ({ id: String(app.sdkAppId), label: app.name }));
  if (!apps.some((app) => app.sdkAppId === sdkAppId)) {
    options.unshift({ id: String(sdkAppId), label: String(sdkAppId) });
  }
  options.push({ id: ALL, label: t('nav.apps') });
  return (
    <Select
      label={t('appSwitcher.label')}
      isLabelHidden
      options={options}
      value={String(sdkAppId)}
      onChange={(id) => navigate(id === ALL ? '/' : `/${id}/${section}`)}
    />
  );
}
