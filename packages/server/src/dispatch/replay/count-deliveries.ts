/** What a replay would send: counted before it is made, and without making it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReplayCount, ReplayQuery, ScannedDelivery } from '../../storage/replay-store.ts';
import { DELIVERY_STATES, type DeliveryState, type Endpoint, type Store } from '../../storage/store.ts';
import { judgeCandidate } from './which-deliveries.ts';

/** So many take 2 ms; others get their turn in between. */
const EVENTS_PER_STEP = 500;

/** @throws StoreError `missing` if the endpoint is gone */
export async function countDeliveries(store: Store, query: ReplayQuery, endpoint: Endpoint): Promise<ReplayCount> {
  const { sdkAppId, endpointId, userId } = query;
  const ranges = await store.findRange(query);
  const byState = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
  let total = 0;
  let [first, last]: (ScannedDelivery | undefined)[] = [];
  for (const { lane, afterSeq, toSeq } of ranges) {
    for (let seq = afterSeq; seq < toSeq; ) {
      const range = { lane, afterSeq: seq, toSeq, maxEvents: EVENTS_PER_STEP };
      const scan = { sdkAppId, endpointId, ...range, ...(userId !== undefined && { userId }) };
      const { items, scannedTo } = await store.scanDeliveries(scan);
      for (const item of items) {
        byState[item.state] += 1;
        if (judgeCandidate(query.deliveryState, endpoint, item) !== 'send') continue;
        total += 1;
        if (!first || item.atMs < first.atMs) first = item;
        if (!last || item.atMs >= last.atMs) last = item;
      }
      seq = scannedTo;
      await nextTurn();
    }
  }
  return { ranges, total, byState, first, last };
}
