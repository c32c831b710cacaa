/** Which page stands at which address. Each page's code comes when it is opened. */
import { lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { useT } from './i18n/i18n.tsx';
import { Shell } from './layout/shell.tsx';
import { Empty } from './ui/empty.tsx';

const AppsPage = lazy(async () => ({ default: (await import('./settings/apps-page.tsx')).AppsPage }));
const DeliveriesPage = lazy(async () => ({
  default: (await import('./deliveries/deliveries-page.tsx')).DeliveriesPage,
}));

export function Routes(): ReactNode {
  return (
    <Switch>
      <Route path="/">
        <Suspense fallback={<Loading />}>
          <AppsPage />
        </Suspense>
      </Route>
      <Route path="/:sdkAppId/*?">
        {({ sdkAppId }) => (
          <Shell sdkAppId={Number(sdkAppId)}>
            <Suspense fallback={<Loading />}>
              <AppRoutes sdkAppId={Number(sdkAppId)} />
            </Suspense>
          </Shell>
        )}
      </Route>
    </Switch>
  );
}

function AppRoutes({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  return (
    <Switch>
      <Route path={`/${sdkAppId}/deliveries/:deliveryId?`}>
        {({ deliveryId }) => <DeliveriesPage sdkAppId={sdkAppId} deliveryId={deliveryId} />}
      </Route>
      <Route path={`/${sdkAppId}`}>
        <Redirect to={`/${sdkAppId}/deliveries`} replace />
      </Route>
      <Route>
        <Empty icon="search" title={t('notFound.title')} text={t('notFound.text')} />
      </Route>
    </Switch>
  );
}

function Loading(): ReactNode {
  const t = useT();
  return <p className="muted small">{t('state.loading')}</p>;
}
