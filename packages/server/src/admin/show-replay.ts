/** Replays as the API shows them. */
import { formatEventId } from '../storage/event-id.ts';
import type { Replay, ReplayCount, ReplayObstacle, ReplayQuery, ScannedDelivery } from '../storage/replay-store.ts';
import { formatMoment } from './moment.ts';
import type { PreviewedEvent, ReplayAnswer, ReplayFilter, ReplayPreviewAnswer } from './replay-schemas.ts';

/** @param waitsFor  what keeps it from sending now */
export function showReplay(replay: Replay, waitsFor: ReplayObstacle | undefined): ReplayAnswer {
  const { delivered, failed, skipped, lanes, startedAtMs, finishedAtMs } = replay;
  return {
    jobId: replay.jobId,
    endpointId: replay.endpointId,
    filter: showFilter(replay),
    ratePerSecond: replay.ratePerSecond,
    state: replay.state,
    ...(replay.state === 'running' && waitsFor !== undefined && { waitsFor }),
    ...(replay.reason !== undefined && { reason: replay.reason }),
    total: replay.total,
    done: delivered + failed + skipped,
    delivered,
    failed,
    skipped,
    position: {
      events: lanes.reduce((sum, { afterSeq, seq, doneAhead }) => sum + seq - afterSeq + doneAhead.length, 0),
      of: lanes.reduce((sum, { afterSeq, toSeq }) => sum + toSeq - afterSeq, 0),
    },
    createdAt: formatMoment(replay.createdAtMs),
    ...(startedAtMs !== undefined && { startedAt: formatMoment(startedAtMs) }),
    ...(finishedAtMs !== undefined && { finishedAt: formatMoment(finishedAtMs) }),
  };
}

/** What a dry run comes to. */
export function showPreview(query: ReplayQuery, { total, byState, first, last }: ReplayCount): ReplayPreviewAnswer {
  const { sdkAppId, endpointId, ratePerSecond } = query;
  return {
    endpointId,
    filter: showFilter(query),
    ratePerSecond,
    total,
    byState,
    first: showEvent(sdkAppId, first),
    last: showEvent(sdkAppId, last),
  };
}

function showFilter({ fromMs, toMs, userId, deliveryState }: ReplayQuery): ReplayFilter {
  return {
    from: formatMoment(fromMs),
    to: formatMoment(toMs),
    ...(userId !== undefined && { userId }),
    ...(deliveryState !== undefined && { state: deliveryState }),
  };
}

function showEvent(sdkAppId: number, found: ScannedDelivery | undefined): PreviewedEvent | null {
  if (!found) return null;
  const { lane, seq, atMs, userId, version: sequence } = found;
  return { eventId: formatEventId({ atMs, sdkAppId, lane, seq }), userId, sequence, at: formatMoment(atMs) };
}
