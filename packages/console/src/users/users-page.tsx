import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useDeferredValue, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { TextField } from '../ui/field.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { useTitle } from '../use-title.ts';

export function UsersPage({ sdkAppId }: { readonly sdkAppId: number }): ReactNode {
  const t = useT();
  const { number } = useFormats();
  useTitle(t('users.title'));
  const canWrite = useCanWrite();
  const [prefix, setPrefix] = useState('');
  const [isMaking, setMaking] = useState(false);
  const wanted = useDeferredValue(prefix.trim());
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['users', sdkAppId, wanted],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/admin/v1/apps/{sdkAppId}/users', {
          params: {
            path: { sdkAppId },
            query: { limit: 100, ...(wanted && { prefix: wanted }), ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const users = data?.pages.flatMap(({ items }) => items) ?? [];
  const empty = wanted ? 'users.emptyFound' : 'users.empty';
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('users.title')}</h1>
        <Button kind="primary" icon="plus" isDisabled={!canWrite} onPress={() => setMaking(true)}>
          {t('users.new')}
        </Button>
      </div>
      <search className="filters">
        <TextField
          className="field-wide"
          label={t('users.find')}
          type="search"
          value={prefix}
          onChange={setPrefix}
          isMono
        />
      </search>
      {error && <ProblemNotice error={error} />}
      {data && (
        <div className="card">
          {users.length === 0 ? (
            <Empty icon="users" title={t(`${empty}.title`)} text={t(`${empty}.text`)} />
          ) : (
            <div className="table-scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t('users.userId')}</th>
                    <th scope="col">{t('users.nick')}</th>
                    <th scope="col">{t('users.status')}</th>
                    <th scope="col" className="end">
                      {t('users.version')}
                    </th>
                    <th scope="col">{t('users.updated')}</th>
                  </tr>
                </thead>
                <tbody>
                  {users.map((user) => (
                    <tr key={user.userId}>
                      <td>
                        <Link href={`/${sdkAppId}/users/${encodeURIComponent(user.userId)}`} className="mono">
                          {user.userId}
                        </Link>
                      </td>
                      <td>{user.fields.Tag_Profile_IM_Nick ?? <span className="muted">–</span>}</td>
                      <td>
                        <Badge tone={user.online ? 'good' : 'calm'} icon={user.online ? 'check' : 'clock'}>
                          {t(user.online ? 'users.online' : 'users.offline')}
                        </Badge>
                      </td>
                      <td className="end numbers">{number(user.version)}</td>
                      <td className="muted">
                        <Moment at={user.updatedAt} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {hasNextPage && (
            <div className="list-foot">
              <Button isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>
                {t('action.more')}
              </Button>
            </div>
          )}
        </div>
      )}
      {isMaking && <NewUser sdkAppId={sdkAppId} onClose={() => setMaking(false)} />}
    </div>
  );
}

interface NewUserProps {
  readonly sdkAppId: number;
  readonly onClose: () => void;
}

function NewUser({ sdkAppId, onClose }: NewUserProps): ReactNode {
  const t = useT();
  const [, navigate] = useLocation();
  const [userId, setUserId] = useState('');
  const make = useMutation({
    mutationFn: () =>
      take(api.POST('/admin/v1/apps/{sdkAppId}/users', { params: { path: { sdkAppId } }, body: { userId } })),
    onSuccess: () => navigate(`/${sdkAppId}/users/${encodeURIComponent(userId)}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  const fault = make.error instanceof ApiProblem ? make.error.faultOf('userId') : undefined;
  return (
    <Dialog title={t('users.new')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <TextField
          label={t('users.userId')}
          hint={t('users.userIdHint')}
          value={userId}
          onChange={setUserId}
          maxLength={32}
          error={fault}
          isRequired
          isMono
        />
        {make.error && !fault && <ProblemNotice error={make.error} />}
        <div className="dialog-actions">
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" kind="primary" isDisabled={make.isPending}>
            {t('action.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
