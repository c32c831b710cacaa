import type { ReactNode } from 'react';
import type { Endpoint } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { ReceiverCode } from './receiver-code.tsx';

interface NewSecretsProps {
  readonly endpoint: Endpoint;
  readonly sdkAppId: number;
  readonly onClose: () => void;
}

/** Secrets that were just made, once: they are in no list, no address and no storage. */
export function NewSecrets({ endpoint, sdkAppId, onClose }: NewSecretsProps): ReactNode {
  const t = useT();
  const [signingSecret = ''] = endpoint.signingSecrets;
  return (
    <Dialog title={t('secrets.once')} isOpen onClose={onClose} isWide isKept>
      <Notice tone="accent">{t('secrets.onceHint')}</Notice>
      <Secret label={t('secrets.signing')} secret={signingSecret} />
      {endpoint.token && <Secret label={t('secrets.token')} secret={endpoint.token} />}
      <ReceiverCode sdkAppId={sdkAppId} signingSecret={signingSecret} token={endpoint.token ?? ''} />
      <div className="dialog-actions">
        <Button kind="primary" onPress={onClose}>
          {t('action.done')}
        </Button>
      </div>
    </Dialog>
  );
}

function Secret({ label, secret }: { readonly label: string; readonly secret: string }): ReactNode {
  return (
    <div className="field">
      <span className="field-label">{label}</span>
      <div className="cluster">
        <code className="secret grow">{secret}</code>
        <CopyButton text={secret} />
      </div>
    </div>
  );
}
