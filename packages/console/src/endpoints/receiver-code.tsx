import { type ReactNode, useState } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { Code } from '../ui/code.tsx';
import { Select } from '../ui/select.tsx';
import { FRAMEWORK_NAMES, FRAMEWORKS, type Framework, installCommand, receiverSample } from './receiver-samples.ts';

interface ReceiverCodeProps {
  readonly sdkAppId: number;
  readonly url?: string;
  /** shown in the environment; else a place for it */
  readonly signingSecret?: string;
  /** the same; '' = the endpoint has none */
  readonly token: string;
}

export function ReceiverCode({ sdkAppId, url, signingSecret = 'whsec_…', token }: ReceiverCodeProps): ReactNode {
  const t = useT();
  const [framework, setFramework] = useState<Framework>('node');
  const path = (url && URL.parse(url)?.pathname) || '/portrait';
  const code = receiverSample(framework, { sdkAppId, path, hasToken: token !== '' });
  const tokenLine = token === '' ? '' : `\nPORTRAIT_TOKEN=${token}`;
  return (
    <div className="stack">
      <p className="small muted">{t('receiver.lead')}</p>
      <Select
        label={t('receiver.framework')}
        options={FRAMEWORKS.map((id) => ({ id, label: FRAMEWORK_NAMES[id] }))}
        value={framework}
        onChange={(id) => setFramework(id as Framework)}
      />
      <Code text={installCommand(framework)} label={t('receiver.install')} />
      <Code text={code} label={t('receiver.code')} />
      <Code text={`PORTRAIT_SIGNING_SECRET=${signingSecret}${tokenLine}`} label={t('receiver.env')} />
    </div>
  );
}
