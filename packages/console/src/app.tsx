/** What stands around all pages: language, data, session, addresses. */
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { RouterProvider } from 'react-aria-components';
import { Router, useLocation } from 'wouter';
import { ApiProblem } from './api/problem.ts';
import { CrashBoundary } from './crash-boundary.tsx';
import { LanguageProvider } from './i18n/i18n.tsx';
import { Routes } from './routes.tsx';
import { SessionGate } from './session/session-gate.tsx';
import { ToastProvider } from './ui/toasts.tsx';

export function App(): ReactNode {
  const [queries] = useState(createQueries);
  return (
    <QueryClientProvider client={queries}>
      <LanguageProvider>
        <CrashBoundary>
          <ToastProvider>
            <Router base="/console">
              <Linked>
                <SessionGate>
                  <Routes />
                </SessionGate>
              </Linked>
            </Router>
          </ToastProvider>
        </CrashBoundary>
      </LanguageProvider>
    </QueryClientProvider>
  );
}

/** Links of the component library are followed without loading the page anew. */
function Linked({ children }: { readonly children: ReactNode }): ReactNode {
  const [, navigate] = useLocation();
  return <RouterProvider navigate={navigate}>{children}</RouterProvider>;
}

/** Answers that say no are not asked for again; a server that is away is, until it is back. */
function createQueries(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => isPassing(error) && failures < 1_000,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 4_000),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
    // whatever was changed may show anywhere; deliveries follow by themselves
    mutationCache: new MutationCache({
      onSuccess: (_data, _variables, _result, mutation) =>
        client.invalidateQueries({
          predicate: ({ queryKey }) => queryKey[0] !== 'deliveries',
          // the page of what was removed is on its way out
          refetchType: mutation.meta?.removes ? 'none' : 'active',
        }),
    }),
  });
  return client;
}

function isPassing(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status === 503);
}
