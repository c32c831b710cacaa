import type { AttemptListener } from '../../activity/attempt-listener.ts';
import type { Log } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import type { Store } from '../../storage/store.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { SenderContext } from '../endpoint-sender.ts';

/** What all replays of a process work with. */
export interface ReplayContext extends SenderContext {
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onAttempt: AttemptListener;
  /** 0 to 1 */
  readonly random: () => number;
  readonly takeTurn: Dispatcher['takeTurn'];
  readonly epochOf: Dispatcher['epochOf'];
  /** part of a job's rate that is this process's: the part that its lanes are of all */
  readonly share: () => number;
}
