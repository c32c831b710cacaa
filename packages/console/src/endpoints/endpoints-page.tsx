import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useEndpoints } from '../api/queries.ts';
import type { Endpoint } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Empty } from '../ui/empty.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useTitle } from '../use-title.ts';
import { EndpointState } from './endpoint-state.tsx';

export function EndpointsPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  useTitle(t('endpoints.title'));
  const [, navigate] = useLocation();
  const canWrite = useCanWrite();
  const { data, error, refetch } = useEndpoints(sdkAppId);
  const add = (): void => navigate(`/${sdkAppId}/endpoints/new`);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t('endpoints.title')}</h1>
          <p>{t('endpoints.lead')}</p>
        </div>
        <Button kind="primary" icon="plus" isDisabled={!canWrite} onPress={add}>
          {t('endpoints.add')}
        </Button>
      </div>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && (
        <div className="card">
          {data.length === 0 ? (
            <Empty icon="endpoints" title={t('endpoints.empty.title')} text={t('endpoints.empty.text')}>
              <Code text={`npx portrait listen 9000 --app ${sdkAppId}`} label={t('endpoints.empty.text')} />
            </Empty>
          ) : (
            <EndpointTable endpoints={data} sdkAppId={sdkAppId} />
          )}
        </div>
      )}
    </div>
  );
}

interface EndpointTableProps {
  readonly endpoints: readonly Endpoint[];
  readonly sdkAppId: number;
}

function EndpointTable({ endpoints, sdkAppId }: EndpointTableProps): ReactNode {
  const t = useT();
  const { number, duration } = useFormats();
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('endpoints.state')}</th>
            <th scope="col">{t('endpoints.url')}</th>
            <th scope="col">{t('endpoints.limits')}</th>
            <th scope="col">{t('endpoints.since')}</th>
          </tr>
        </thead>
        <tbody>
          {endpoints.map((endpoint) => (
            <tr key={endpoint.endpointId}>
              <td>
                <EndpointState state={endpoint.state} />
              </td>
              <td>
                <Link href={`/${sdkAppId}/endpoints/${endpoint.endpointId}`} className="mono wrap">
                  {endpoint.url}
                </Link>
              </td>
              <td className="muted">
                {t('endpoints.limitsText', {
                  concurrency: number(endpoint.concurrency),
                  timeout: duration(endpoint.timeoutMs),
                  count: endpoint.maxAttempts,
                })}
              </td>
              <td className="muted">
                <Moment at={endpoint.circuit.since ?? endpoint.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
