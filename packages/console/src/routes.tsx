/** Which page stands at which address. Each page's code comes when it is opened. */
import { type ComponentType, type LazyExoticComponent, lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { useT } from './i18n/i18n.tsx';
import { Shell } from './layout/shell.tsx';
import { Empty } from './ui/empty.tsx';

/** @param load  the module @param name  of the component that it exports */
function page<P extends object, N extends string>(
  load: () => Promise<Record<N, ComponentType<P>>>,
  name: N,
): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => ({ default: (await load())[name] }));
}

const AppsPage = page(() => import('./settings/apps-page.tsx'), 'AppsPage');
const OverviewPage = page(() => import('./overview/overview-page.tsx'), 'OverviewPage');
const DeliveriesPage = page(() => import('./deliveries/deliveries-page.tsx'), 'DeliveriesPage');
const EndpointsPage = page(() => import('./endpoints/endpoints-page.tsx'), 'EndpointsPage');
const NewEndpointPage = page(() => import('./endpoints/new-endpoint-page.tsx'), 'NewEndpointPage');
const EndpointPage = page(() => import('./endpoints/endpoint-page.tsx'), 'EndpointPage');
const ReplaysPage = page(() => import('./replays/replays-page.tsx'), 'ReplaysPage');
const UsersPage = page(() => import('./users/users-page.tsx'), 'UsersPage');
const UserPage = page(() => import('./users/user-page.tsx'), 'UserPage');
const SettingsPage = page(() => import('./settings/settings-page.tsx'), 'SettingsPage');
const UserSigPage = page(() => import('./usersig/usersig-page.tsx'), 'UserSigPage');
const PlaygroundPage = page(() => import('./playground/playground-page.tsx'), 'PlaygroundPage');

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
              <AppRoutes key={sdkAppId} sdkAppId={Number(sdkAppId)} />
            </Suspense>
          </Shell>
        )}
      </Route>
    </Switch>
  );
}

function AppRoutes({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const app = `/${sdkAppId}`;
  return (
    <Switch>
      <Route path={app}>
        <Redirect to={`${app}/overview`} replace />
      </Route>
      <Route path={`${app}/overview`}>
        <OverviewPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/deliveries/:deliveryId?`}>
        {({ deliveryId }) => <DeliveriesPage sdkAppId={sdkAppId} deliveryId={deliveryId} />}
      </Route>
      <Route path={`${app}/endpoints`}>
        <EndpointsPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/endpoints/new`}>
        <NewEndpointPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/endpoints/:endpointId`}>
        {({ endpointId }) => <EndpointPage key={endpointId} sdkAppId={sdkAppId} endpointId={endpointId} />}
      </Route>
      <Route path={`${app}/replays`}>
        <ReplaysPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/users`}>
        <UsersPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/users/:userId`}>
        {({ userId }) => <UserPage key={userId} sdkAppId={sdkAppId} userId={userId} />}
      </Route>
      <Route path={`${app}/settings`}>
        <SettingsPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/usersig`}>
        <UserSigPage sdkAppId={sdkAppId} />
      </Route>
      <Route path={`${app}/playground`}>
        <PlaygroundPage sdkAppId={sdkAppId} />
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
