import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { api, take } from '../api/client.ts';
import type { App } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { useToasts } from '../ui/toasts.tsx';

/** So much goes with an app that its number must be typed. */
export function DeleteApp({ app }: { readonly app: App }): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { fail } = useToasts();
  const [, navigate] = useLocation();
  const [isAsked, setAsked] = useState(false);
  const [typed, setTyped] = useState('');
  const { sdkAppId } = app;
  const remove = useMutation({
    meta: { removes: true },
    mutationFn: () => take(api.DELETE('/admin/v1/apps/{sdkAppId}', { params: { path: { sdkAppId } } })),
    onSuccess: () => navigate('/'),
    onError: fail,
  });
  return (
    <div>
      <Button kind="danger" isDisabled={!canWrite} onPress={() => setAsked(true)}>
        {t('settings.delete')}
      </Button>
      <Dialog title={t('settings.delete')} isOpen={isAsked} onClose={() => setAsked(false)}>
        <p>{t('settings.deleteText', { id: sdkAppId })}</p>
        <TextField label={t('settings.deleteConfirm')} value={typed} onChange={setTyped} isMono />
        <div className="dialog-actions">
          <Button onPress={() => setAsked(false)}>{t('action.cancel')}</Button>
          <Button
            kind="danger"
            isDisabled={typed.trim() !== String(sdkAppId) || remove.isPending}
            onPress={() => remove.mutate()}
          >
            {t('settings.delete')}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
