/** Shows the pages to those who are signed in, and the way in to the others. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { api, take, whenSessionEnds } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { useT } from '../i18n/i18n.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { type Session, SessionContext } from './session.ts';
import { SignIn } from './sign-in.tsx';

const KEY = ['session'];

export function SessionGate({ children }: { readonly children: ReactNode }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const [hasEnded, setEnded] = useState(false);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => take(api.GET('/admin/v1/session', { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

  const leave = useCallback(
    (isOver: boolean) => {
      setEnded(isOver);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
      queries.setQueryData(KEY, null);
    },
    [queries],
  );

  useEffect(() => {
    whenSessionEnds(() => {
      // the first question may be answered so too: then nobody was signed in
      if (queries.getQueryData(KEY)) leave(true);
    });
  }, [queries, leave]);

  const session = useMemo<Session | undefined>(
    () =>
      data
        ? { ...data, signOut: () => void take(api.DELETE('/admin/v1/session')).finally(() => leave(false)) }
        : undefined,
    [data, leave],
  );

  if (session) return <SessionContext value={session}>{children}</SessionContext>;
  if (isPending) return <p className="visually-hidden">{t('state.loading')}</p>;
  if (error && !(error instanceof ApiProblem && error.status === 401)) {
    return (
      <main className="sign-in">
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  return <SignIn hasEnded={hasEnded} onSignedIn={(signedIn) => queries.setQueryData(KEY, signedIn)} />;
}
