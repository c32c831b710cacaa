import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { Link } from 'wouter';
import { api, take } from '../api/client.ts';
import type { Endpoint } from '../api/types.ts';
import { describeReason } from '../deliveries/reason-words.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Icon } from '../ui/icon.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useTitle } from '../use-title.ts';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointHistory } from './endpoint-history.tsx';
import { EndpointSecrets } from './endpoint-secrets.tsx';
import { EndpointSettings } from './endpoint-settings.tsx';
import { EndpointState } from './endpoint-state.tsx';
import { ReceiverCode } from './receiver-code.tsx';

const ASK_MS = 2_000;

interface EndpointPageProps {
  readonly sdkAppId: number;
  readonly endpointId: string;
}

export function EndpointPage({ sdkAppId, endpointId }: EndpointPageProps): ReactNode {
  const t = useT();
  const { data, error, refetch } = useQuery({
    queryKey: ['endpoint', sdkAppId, endpointId],
    refetchInterval: ASK_MS,
    queryFn: ({ signal }) =>
      take(
        api.GET('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}', {
          params: { path: { sdkAppId, endpointId } },
          signal,
        }),
      ),
  });
  useTitle(data?.url ?? t('endpoints.title'));
  return (
    <div className="page">
      <Link href={`/${sdkAppId}/endpoints`} className="small back">
        <Icon name="left" /> {t('endpoints.title')}
      </Link>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && <Shown endpoint={data} sdkAppId={sdkAppId} />}
    </div>
  );
}

interface ShownProps {
  readonly endpoint: Endpoint;
  readonly sdkAppId: number;
}

function Shown({ endpoint, sdkAppId }: ShownProps): ReactNode {
  const t = useT();
  const { url, state, token, signingSecrets } = endpoint;
  const [signingSecret] = signingSecrets;
  return (
    <>
      <div className="stack">
        <div className="cluster">
          <h1 className="mono wrap">{url}</h1>
          <EndpointState state={state} />
        </div>
        <Standing endpoint={endpoint} />
        <EndpointActions endpoint={endpoint} sdkAppId={sdkAppId} />
      </div>
      <Tabs>
        <TabList className="tabs" aria-label={url}>
          <Tab id="settings" className="tab">
            {t('endpoint.tab.settings')}
          </Tab>
          <Tab id="secrets" className="tab">
            {t('endpoint.tab.secrets')}
          </Tab>
          <Tab id="receiver" className="tab">
            {t('endpoint.tab.receiver')}
          </Tab>
          <Tab id="history" className="tab">
            {t('endpoint.tab.history')}
          </Tab>
        </TabList>
        <TabPanel id="settings" className="tab-panel">
          <EndpointSettings key={endpoint.endpointId} endpoint={endpoint} sdkAppId={sdkAppId} />
        </TabPanel>
        <TabPanel id="secrets" className="tab-panel">
          <EndpointSecrets endpoint={endpoint} sdkAppId={sdkAppId} />
        </TabPanel>
        <TabPanel id="receiver" className="tab-panel">
          <div className="card card-body">
            <ReceiverCode
              sdkAppId={sdkAppId}
              url={url}
              token={token === '' ? '' : '…'}
              {...(signingSecret !== undefined && { signingSecret })}
            />
            <p className="small muted">{t('receiver.envHint')}</p>
          </div>
        </TabPanel>
        <TabPanel id="history" className="tab-panel">
          <EndpointHistory endpointId={endpoint.endpointId} sdkAppId={sdkAppId} />
        </TabPanel>
      </Tabs>
    </>
  );
}

/** Why nothing goes out, and what to do. */
function Standing({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const t = useT();
  const { moment } = useFormats();
  const { state, stateReason, circuit } = endpoint;
  if (state === 'active') return null;
  if (state === 'paused') {
    return (
      <Notice tone="hold">{t(stateReason === 'gone' ? 'endpoint.pausedBy.gone' : 'endpoint.pausedBy.person')}</Notice>
    );
  }
  const words = describeReason(stateReason ?? 'unknown', t);
  const time = circuit.nextProbeAt ? moment(circuit.nextProbeAt) : '–';
  return (
    <Notice tone="bad" title={words.what}>
      <p>{words.todo}</p>
      <p>{t('endpoint.openText', { circuit: t(`endpoint.circuit.${circuit.state}`), time })}</p>
    </Notice>
  );
}
