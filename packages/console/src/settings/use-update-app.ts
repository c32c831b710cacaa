import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { api, take } from '../api/client.ts';
import type { App } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { useToasts } from '../ui/toasts.tsx';

/** Members that are to be changed. */
export type AppChange = Partial<
  Pick<
    App,
    | 'name'
    | 'administrators'
    | 'customFields'
    | 'userWritableFields'
    | 'rateLimitPerSecond'
    | 'announceImports'
    | 'maxSessionsPerPlatform'
  > & { secretKey: string }
>;

export function useUpdateApp(sdkAppId: number): UseMutationResult<App, Error, AppChange> {
  const t = useT();
  const { say } = useToasts();
  return useMutation({
    mutationFn: (change: AppChange) =>
      take(api.PATCH('/admin/v1/apps/{sdkAppId}', { params: { path: { sdkAppId } }, body: change as never })),
    onSuccess: () => say(t('state.saved')),
  });
}
