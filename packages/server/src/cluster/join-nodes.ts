/** What a process does as one of several nodes on a store: it follows what the others do, and shares with them what one does for all. */
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Replays } from '../dispatch/replay/replays.ts';
import type { ChangeFeed } from '../feed/change-feed.ts';
import type { Log } from '../log.ts';
import { FollowSessions } from '../sessions/follow-sessions.ts';
import { NodeSessions } from '../sessions/node-sessions.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { SharedStore } from '../storage/shared-store.ts';
import type { ChangeEvent } from '../storage/store.ts';
import { startNodeFollower } from './node-follower.ts';
import type { RedeliveryWishes } from './redelivery-wishes.ts';

/** Who does what all need but one does is asked for this long; after a death another one does it. */
const DUTY_MS = 30_000;

/** The parts of a node that care what others do. */
export interface JoinOptions {
  readonly store: SharedStore;
  readonly directory: Directory;
  readonly sessions: SessionRegistry;
  readonly feed: ChangeFeed;
  readonly dispatcher: Dispatcher | undefined;
  readonly replays: Replays | undefined;
  readonly wishes: RedeliveryWishes | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
  readonly answers: boolean;
  readonly hasHints: boolean;
}

/** A node among others. */
export interface JoinedNode {
  /** nodes that answer clients, this one with them; 1 at least */
  readonly answeringNodes: number;
  readonly sessions: NodeSessions;
  /** An event was made here, and the clients of this node know. */
  announced(event: ChangeEvent): void;
  close(): Promise<void>;
}

/** Look once, then follow. @throws StoreError */
export async function joinNodes(options: JoinOptions): Promise<JoinedNode> {
  const { store, directory, sessions, feed, dispatcher, replays, wishes, clock, log, node, answers, hasHints } =
    options;
  const followed = new FollowSessions({ store, sessions, log });
  const limitOf = (sdkAppId: number): number => directory.app(sdkAppId)?.maxSessionsPerPlatform ?? 0;
  const nodeSessions = new NodeSessions({ store, limitOf, registry: sessions, followed, clock, log, node });
  const allLanes = Array.from({ length: store.laneCount }, (_, lane) => lane);
  const endings = new Map<string, number>();
  let answeringNodes = 1;
  const follower = await startNodeFollower({
    store,
    clock,
    log,
    node,
    answers,
    hasHints,
    lanes: () => (sessions.count > 0 || feed.isFollowed ? allLanes : (dispatcher?.lanes ?? [])),
    onHeads: (heads) => {
      dispatcher?.headsAre(heads);
      for (const { sdkAppId, lane, endings: count } of heads) {
        const key = `${sdkAppId}:${lane}`;
        // an account may have been deleted: none of its values is to be sent from memory
        if ((endings.get(key) ?? count) !== count) feed.forget(sdkAppId);
        endings.set(key, count);
      }
      feed.headsAre(heads);
      followed.headsAre(heads);
    },
    onSettings: async () => {
      await replays?.refresh();
      return await directory.reload(() => store.readResumes());
    },
    onFreeLanes: () => dispatcher?.claimSoon(),
    onWishes: () => void wishes?.fulfil(),
    onEndedSessions: () => nodeSessions.endTold(),
    onNews: (news, askedAt) => {
      answeringNodes = Math.max(1, news.answeringNodes);
      nodeSessions.looked(news, askedAt);
    },
    onFault: () => nodeSessions.doubt(),
  });
  return {
    get answeringNodes() {
      return answeringNodes;
    },
    sessions: nodeSessions,
    announced: (event) => followed.isOwn(event),
    async close() {
      await follower.close();
      await Promise.all([wishes?.close(), nodeSessions.close()]);
    },
  };
}

/** Whether this node is the one that does the work of this name now. */
export function dutyOf(store: SharedStore, node: string, name: string): () => Promise<boolean> {
  return () => store.takeDuty({ name, owner: node, leaseMs: DUTY_MS });
}
