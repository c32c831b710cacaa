import type { ReactNode } from 'react';
import { Redirect } from 'wouter';
import { useApps } from '../api/queries.ts';

export function AppsPage(): ReactNode {
  const { data } = useApps();
  const [first] = data ?? [];
  return first ? <Redirect to={`/${first.sdkAppId}`} /> : null;
}
