import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, take } from '../api/client.ts';
import { type DeliveryRow, rowOf } from './delivery-row.ts';
import { type Filters, queryOf } from './filters.ts';

/** The list as it is seen. */
export interface Deliveries {
  readonly rows: readonly DeliveryRow[];
  readonly held: number;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly isLive: boolean;
  readonly setLive: (isLive: boolean) => void;
  readonly hold: (isAtTop: boolean) => void;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

export function useDeliveries(sdkAppId: number, filters: Filters): Deliveries {
  const query = useInfiniteQuery({
    queryKey: ['deliveries', sdkAppId, filters],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const params = {
        path: { sdkAppId },
        query: { ...queryOf(filters, Date.now()), limit: 100, ...(pageParam && { cursor: pageParam }) },
      };
      const { items, nextCursor } = await take(api.GET('/admin/v1/apps/{sdkAppId}/deliveries', { params, signal }));
      return { rows: items.map(rowOf), nextCursor };
    },
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isFetching, error, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    rows,
    held: 0,
    hasMore: hasNextPage,
    isLoading: isFetching && (rows.length === 0 || isFetchingNextPage),
    error,
    isLive: false,
    setLive: () => undefined,
    hold: () => undefined,
    loadMore,
    refetch: () => void refetch(),
  };
}
