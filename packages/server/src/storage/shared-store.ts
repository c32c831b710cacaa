/** What a store that several nodes share has beside the rest: by it they learn of what the others do. */
import type { SessionStore } from './session-store.ts';
import type { Delivery, Store } from './store.ts';

/** A node that answers clients counts for so long after it was heard of. */
export const ANSWERING_MS = 6_000;

/** What has changed somewhere. A hint: it can fail to come, and then a look finds it. */
export type Hint =
  | { readonly kind: 'lanes'; readonly lanes: readonly number[] }
  /** apps, endpoints or replays */
  | { readonly kind: 'settings' }
  /** lanes were given up, or somebody wishes something */
  | { readonly kind: 'claims' }
  /** logins elsewhere have ended sessions of this node */
  | { readonly kind: 'sessions' };

/** What a node looks at every second. */
export interface News {
  /** another one than at the last look: settings have changed */
  readonly settingsNo: number;
  /** lanes have no owner who lives */
  readonly hasFreeLanes: boolean;
  /** nodes that answer clients, this one with them */
  readonly answeringNodes: number;
  /** redeliveries wait for whoever has their lanes */
  readonly hasWishes: boolean;
  /** logins elsewhere have ended sessions of this node */
  readonly hasEndedSessions: boolean;
  /** nodes that answered clients were not heard of for 11 s: what is left of them is to be cleared away */
  readonly hasDeadNodes: boolean;
}

/** A delivery that is to be sent again by the node that has its lane. */
export interface Wish {
  readonly wishId: string;
  readonly lane: number;
  readonly endpointId: string;
  readonly eventId: string;
}

/** A lane of an app, as far as others than its dispatcher care. */
export interface LaneNews {
  readonly sdkAppId: number;
  readonly lane: number;
  readonly seq: number;
  /** grows when an account is deleted, or logged out by force */
  readonly endings: number;
}

/** A place in the log of an app. */
export interface LogPlace {
  readonly lane: number;
  readonly seq: number;
}

/** What all endpoints of an app still have to get, over all lanes. */
export interface AppBacklog {
  readonly sdkAppId: number;
  /** deliveries; up to a window of them in each lane may be delivered already */
  readonly deliveries: number;
  /** when the oldest of the changes was made */
  readonly oldestAtMs: number;
}

/** A store of several nodes. */
export interface SharedStore extends Store, SessionStore {
  /** Call `listener` with what other nodes announce. @returns takes it back */
  onHint(listener: (hint: Hint) => void): () => void;
  /** Look what there is, and tell, if `answers`, that this node answers clients. */
  readNews(node: { readonly name: string; readonly answers: boolean }): Promise<News>;
  /** Lanes of these apps; without `sdkAppIds` of all apps those in which anything ever happened. */
  readLaneNews(query: {
    readonly lanes: readonly number[];
    readonly sdkAppIds?: readonly number[];
  }): Promise<readonly LaneNews[]>;
  /** As they stand at one moment, without what attempts sent and were answered; of an event that is not there none. */
  readDeliveries(query: {
    readonly sdkAppId: number;
    readonly places: readonly LogPlace[];
  }): Promise<readonly Delivery[]>;
  /** What waits, of one app or of all; those for which nothing waits are left out. */
  readBacklogs(sdkAppId?: number): Promise<readonly AppBacklog[]>;
  /** Numbers of the last `resumed` event of each endpoint that has one. */
  readResumes(): Promise<ReadonlyMap<string, number>>;
  /** Write a wish down; it is void if nobody takes it up within `takeWithinMs`. */
  postWish(wish: Wish & { readonly takeWithinMs: number }): Promise<void>;
  /** Take up wishes of these lanes: each goes to one who asks. */
  takeWishes(lanes: readonly number[]): Promise<readonly Wish[]>;
  answerWish(wishId: string, answer: string): Promise<void>;
  /** @returns the answer; `void` if nobody took it up in time; undefined = there is none yet */
  readWish(wishId: string): Promise<string | undefined>;
  /** Whether the node has work that one does for all: if nobody has it, or he is silent for longer than his lease, it has from now on. */
  takeDuty(duty: { readonly name: string; readonly owner: string; readonly leaseMs: number }): Promise<boolean>;
  /** Leave what one does for all to others. */
  releaseDuties(owner: string): Promise<void>;
}
