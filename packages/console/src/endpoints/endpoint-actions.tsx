import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api, take } from '../api/client.ts';
import type { Endpoint } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { ExchangeVerdict } from './exchange-verdict.tsx';

interface EndpointActionsProps {
  readonly endpoint: Endpoint;
  readonly sdkAppId: number;
}

export function EndpointActions({ endpoint, sdkAppId }: EndpointActionsProps): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { fail } = useToasts();
  const [, navigate] = useLocation();
  const [isDeleting, setDeleting] = useState(false);
  const { endpointId, state, url } = endpoint;
  const params = { path: { sdkAppId, endpointId } };
  const test = useMutation({
    mutationFn: () => take(api.POST('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/test', { params })),
    onError: fail,
  });
  const turn = useMutation({
    mutationFn: () =>
      take(
        state === 'active'
          ? api.POST('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/pause', { params })
          : api.POST('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}/resume', { params }),
      ),
    onError: fail,
  });
  const remove = useMutation({
    meta: { removes: true },
    mutationFn: () => take(api.DELETE('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}', { params })),
    onSuccess: () => navigate(`/${sdkAppId}/endpoints`),
    onError: fail,
  });
  const turnLabel = { active: 'endpoint.pause', paused: 'endpoint.resume', open: 'endpoint.probe' } as const;
  return (
    <div className="cluster">
      <Button icon="bolt" isDisabled={!canWrite || test.isPending} onPress={() => test.mutate()}>
        {test.isPending ? t('endpoint.testing') : t('endpoint.test')}
      </Button>
      <Button
        icon={state === 'active' ? 'pause' : 'play'}
        isDisabled={!canWrite || turn.isPending}
        onPress={() => turn.mutate()}
      >
        {t(turnLabel[state])}
      </Button>
      <Link href={`/${sdkAppId}/deliveries?endpoint=${endpointId}`} className="button">
        {t('endpoint.deliveries')}
      </Link>
      <Button kind="danger" isDisabled={!canWrite} onPress={() => setDeleting(true)}>
        {t('endpoint.delete')}
      </Button>
      {test.data && (
        <Dialog title={t('endpoint.test')} isOpen onClose={() => test.reset()} isWide>
          <ExchangeVerdict exchange={test.data} />
        </Dialog>
      )}
      <ConfirmDialog
        title={t('endpoint.delete')}
        text={t('endpoint.deleteText', { url })}
        action={t('action.delete')}
        isOpen={isDeleting}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setDeleting(false)}
      />
    </div>
  );
}
