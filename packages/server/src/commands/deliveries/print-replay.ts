/** Replays in words. */
import type { ReplayAnswer } from '../../admin/replay-schemas.ts';

const OBSTACLES: Readonly<Record<NonNullable<ReplayAnswer['waitsFor']>, string>> = {
  paused: 'waits: the endpoint is paused',
  circuit: "waits: the endpoint's circuit is open",
  'endpoint-down': 'waits: the endpoint does not answer',
};

/** `rpl_…: running, 12 of 340 (3 %), 11 delivered, 1 failed` */
export function describeReplay(replay: ReplayAnswer): string {
  const { jobId, state, waitsFor, reason, total, done, delivered, failed, skipped } = replay;
  const parts = [
    state,
    `${done} of ${total} (${percentOf(replay)} %)`,
    `${delivered} delivered`,
    failed > 0 ? `${failed} failed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
    waitsFor === undefined ? '' : OBSTACLES[waitsFor],
    reason ?? '',
  ];
  return `${jobId}: ${parts.filter((part) => part !== '').join(', ')}`;
}

/** How much of its time it has gone through. */
export function percentOf({ state, position }: ReplayAnswer): number {
  if (state === 'done' || position.of === 0) return 100;
  return Math.floor((position.events / position.of) * 100);
}
