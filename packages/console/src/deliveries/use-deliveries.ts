import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { api, take } from '../api/client.ts';
import { type DeliveryRow, rowOf } from './delivery-row.ts';
import { type Filters, queryOf } from './filters.ts';
import { useLiveRows } from './use-live-rows.ts';

/** The list as it is seen. */
export interface Deliveries {
  readonly rows: readonly DeliveryRow[];
  /** new ones that are not shown, since the reader is further down */
  readonly held: number;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly isLive: boolean;
  readonly setLive: (isLive: boolean) => void;
  /** the reader has scrolled: what is new waits while he is not at the top */
  readonly scrolled: (isAtTop: boolean) => void;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

const PAGE = 100;

/** Pages of the search, and in front of them what came since. */
export function useDeliveries(sdkAppId: number, filters: Filters): Deliveries {
  const queries = useQueryClient();
  const queryKey = useMemo(() => ['deliveries', sdkAppId, filters], [sdkAppId, filters]);
  const [isLive, setLive] = useState(true);
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const more = pageParam === undefined ? {} : { cursor: pageParam };
      const params = { path: { sdkAppId }, query: { ...queryOf(filters, Date.now()), limit: PAGE, ...more } };
      const { items, nextCursor } = await take(api.GET('/admin/v1/apps/{sdkAppId}/deliveries', { params, signal }));
      return { rows: items.map(rowOf), nextCursor };
    },
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isFetching, error, refetch } = query;

  // from the first page again: what came meanwhile stands there
  const resetLive = useRef<() => void>(undefined);
  const onGap = useCallback(() => {
    resetLive.current?.();
    void queries.resetQueries({ queryKey });
  }, [queries, queryKey]);
  const onStart = useCallback(() => void queries.invalidateQueries({ queryKey }), [queries, queryKey]);
  const { fresh, states, reset } = useLiveRows({ sdkAppId, filters, isOn: isLive, onStart, onGap });
  resetLive.current = reset;

  const read = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const readIds = useMemo(() => new Set(read.map(({ deliveryId }) => deliveryId)), [read]);
  const [shownFresh, setShownFresh] = useState<number>();
  const unread = useMemo(() => fresh.filter(({ deliveryId }) => !readIds.has(deliveryId)), [fresh, readIds]);
  const visible = shownFresh === undefined ? unread : unread.slice(0, shownFresh);
  const rows = useMemo(
    () => [...visible.toReversed(), ...read.map((row) => states.get(row.deliveryId) ?? row)],
    [visible, read, states],
  );
  const scrolled = useCallback(
    (isAtTop: boolean) => setShownFresh((before) => (isAtTop ? undefined : (before ?? unread.length))),
    [unread.length],
  );
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    rows,
    held: unread.length - visible.length,
    hasMore: hasNextPage,
    isLoading: isFetching && (rows.length === 0 || isFetchingNextPage),
    error,
    isLive,
    setLive,
    scrolled,
    loadMore,
    refetch: () => void refetch(),
  };
}
