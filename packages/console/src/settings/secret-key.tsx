import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { useUpdateApp } from './use-update-app.ts';

const KEY_BYTES = 32;

/** Shown when it is asked for, and gone with the page. */
export function SecretKey({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { fail } = useToasts();
  const [isReplacing, setReplacing] = useState(false);
  const reveal = useMutation({
    mutationFn: () =>
      take(api.GET('/admin/v1/apps/{sdkAppId}', { params: { path: { sdkAppId }, query: { reveal: true } } })),
    onError: fail,
  });
  const save = useUpdateApp(sdkAppId);
  const replace = (): void =>
    save.mutate(
      { secretKey: randomKey() },
      {
        onSuccess: () => {
          setReplacing(false);
          reveal.mutate();
        },
        onError: fail,
      },
    );
  return (
    <section className="card">
      <h2 className="card-head">{t('settings.key')}</h2>
      <div className="card-body stack">
        <p className="small muted">{t('settings.keyHint')}</p>
        {reveal.data?.secretKey && (
          <div className="cluster">
            <code className="secret grow">{reveal.data.secretKey}</code>
            <CopyButton text={reveal.data.secretKey} />
          </div>
        )}
        <div className="cluster">
          <Button icon="key" isDisabled={!canWrite || reveal.isPending} onPress={() => reveal.mutate()}>
            {t('settings.keyShow')}
          </Button>
          <Button kind="danger" isDisabled={!canWrite} onPress={() => setReplacing(true)}>
            {t('settings.keyReplace')}
          </Button>
        </div>
      </div>
      <ConfirmDialog
        title={t('settings.keyReplace')}
        text={t('settings.keyReplaceText')}
        action={t('settings.keyReplace')}
        isOpen={isReplacing}
        isBusy={save.isPending}
        onConfirm={replace}
        onClose={() => setReplacing(false)}
      />
    </section>
  );
}

/** 64 hex digits, as the server makes them. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
