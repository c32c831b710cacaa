/** Reads that several pages share. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { api, take } from './client.ts';
import type { App, Endpoint } from './types.ts';

/** All apps, up to the 200 that a list can show. */
export function useApps(): UseQueryResult<readonly App[]> {
  return useQuery({
    queryKey: ['apps'],
    queryFn: async ({ signal }) => {
      const { items } = await take(api.GET('/admin/v1/apps', { params: { query: { limit: 200 } }, signal }));
      return items;
    },
  });
}

export function useApp(sdkAppId: number): UseQueryResult<App> {
  return useQuery({
    queryKey: ['app', sdkAppId],
    queryFn: ({ signal }) => take(api.GET('/admin/v1/apps/{sdkAppId}', { params: { path: { sdkAppId } }, signal })),
  });
}

/** Endpoints of an app, asked for again every few seconds: their states change by themselves. */
export function useEndpoints(sdkAppId: number): UseQueryResult<readonly Endpoint[]> {
  return useQuery({
    queryKey: ['endpoints', sdkAppId],
    refetchInterval: 5_000,
    queryFn: async ({ signal }) => {
      const params = { path: { sdkAppId }, query: { limit: 200 } };
      const { items } = await take(api.GET('/admin/v1/apps/{sdkAppId}/endpoints', { params, signal }));
      return items;
    },
  });
}
