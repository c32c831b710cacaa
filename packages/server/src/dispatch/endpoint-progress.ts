/** How far an endpoint has got, as the dispatcher has it in memory: what is asked of it costs no query. */
import type { LaneState } from './lane-state.ts';
import type { ParkedUsers } from './parked-users.ts';

/** What an endpoint still has to get. */
export interface EndpointProgress {
  readonly endpointId: string;
  /** POSTs under way */
  readonly running: number;
  readonly parkedUsers: number;
  /** events of theirs that wait */
  readonly parkedEvents: number;
  /** events behind the cursor, of all lanes; up to a window of them may be delivered already */
  readonly backlog: number;
  /** in each lane that has one, the oldest event that is not settled, parked or not */
  readonly oldest: readonly { readonly lane: number; readonly seq: number }[];
}

/** Work it out: O(lanes + parked users). */
export function endpointProgress(endpoint: {
  readonly endpointId: string;
  readonly running: number;
  readonly lanes: Iterable<LaneState>;
  readonly parked: ParkedUsers;
}): EndpointProgress {
  const { endpointId, running, lanes, parked } = endpoint;
  const waiting = parked.waiting();
  const oldest: { lane: number; seq: number }[] = [];
  let backlog = 0;
  for (const { window, head } of lanes) {
    backlog += Math.max(0, head - window.doneSeq);
    const seq = Math.min(waiting.oldest.get(window.lane) ?? head + 1, window.doneSeq + 1);
    if (seq <= head) oldest.push({ lane: window.lane, seq });
  }
  return { endpointId, running, parkedUsers: parked.size, parkedEvents: waiting.events, backlog, oldest };
}
