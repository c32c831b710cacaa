import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import type { Endpoint } from '../api/types.ts';
import { useFormats } from '../i18n/format.ts';
import { type Translate, useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Select, type SelectOption } from '../ui/select.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { NewSecrets } from './new-secrets.tsx';

const HOUR_SECONDS = 3_600;

function overlapOptions(t: Translate): readonly SelectOption[] {
  return [
    { id: '0', label: t('secrets.overlapNone') },
    { id: String(HOUR_SECONDS), label: t('secrets.overlapHours', { count: 1 }) },
    { id: String(24 * HOUR_SECONDS), label: t('secrets.overlapHours', { count: 24 }) },
    { id: String(168 * HOUR_SECONDS), label: t('secrets.overlapDays', { count: 7 }) },
  ];
}

interface EndpointSecretsProps {
  readonly endpoint: Endpoint;
  readonly sdkAppId: number;
}

/** Which are live, and new ones; an old one stays valid for a while. */
export function EndpointSecrets({ endpoint, sdkAppId }: EndpointSecretsProps): ReactNode {
  const t = useT();
  const { moment } = useFormats();
  const canWrite = useCanWrite();
  const { fail } = useToasts();
  const [overlap, setOverlap] = useState(String(24 * HOUR_SECONDS));
  const { endpointId, signingSecrets, retiringSecrets, token, previousTokenUntil } = endpoint;
  const rotate = useMutation({
    mutationFn: (what: 'token' | 'signingSecret') =>
      take(
        api.POST('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/rotate', {
          params: { path: { sdkAppId, endpointId } },
          body: { what, overlapSeconds: Number(overlap) },
        }),
      ),
    onError: fail,
  });
  const untilOf = (secret: string): string | undefined =>
    retiringSecrets.find(({ signingSecret }) => signingSecret === secret)?.until;
  return (
    <div className="card card-body stack stack-l">
      <Select
        label={t('secrets.overlap')}
        hint={t('secrets.overlapHint')}
        options={overlapOptions(t)}
        value={overlap}
        onChange={setOverlap}
      />
      <section className="stack stack-s">
        <h2>{t('secrets.signing')}</h2>
        <p className="small muted">{t('secrets.signingHint')}</p>
        <ul className="stack stack-s">
          {signingSecrets.map((secret) => {
            const until = untilOf(secret);
            return (
              <li key={secret} className="cluster">
                <code className="secret">{secret}</code>
                {until && <span className="small muted">{t('secrets.until', { time: moment(until) })}</span>}
              </li>
            );
          })}
        </ul>
        <div>
          <Button icon="key" isDisabled={!canWrite || rotate.isPending} onPress={() => rotate.mutate('signingSecret')}>
            {t('secrets.rotateSigning')}
          </Button>
        </div>
      </section>
      <section className="stack stack-s">
        <h2>{t('secrets.token')}</h2>
        <p className="small muted">{t(token === '' ? 'secrets.noToken' : 'secrets.tokenSet')}</p>
        {previousTokenUntil && (
          <p className="small muted">{t('secrets.tokenOverlap', { time: moment(previousTokenUntil) })}</p>
        )}
        <div>
          <Button icon="key" isDisabled={!canWrite || rotate.isPending} onPress={() => rotate.mutate('token')}>
            {t('secrets.rotateToken')}
          </Button>
        </div>
      </section>
      {rotate.data && <NewSecrets endpoint={rotate.data} sdkAppId={sdkAppId} onClose={() => rotate.reset()} />}
    </div>
  );
}
