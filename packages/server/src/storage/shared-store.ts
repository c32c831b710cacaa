/** What a store that several nodes share has beside the rest: by it they learn of what the others do. */
import type { Store } from './store.ts';

/** What has changed somewhere. A hint: it can fail to come, and then a look finds it. */
export type Hint =
  | { readonly kind: 'lanes'; readonly lanes: readonly number[] }
  /** apps, endpoints or replays */
  | { readonly kind: 'settings' }
  /** lanes were given up */
  | { readonly kind: 'claims' };

/** What a node looks at every second. */
export interface News {
  /** another one than at the last look: settings have changed */
  readonly settingsNo: number;
  /** lanes have no owner who lives */
  readonly hasFreeLanes: boolean;
  /** nodes that answer clients, this one with them */
  readonly answeringNodes: number;
}

/** A lane of an app, as far as others than its dispatcher care. */
export interface LaneNews {
  readonly sdkAppId: number;
  readonly lane: number;
  readonly seq: number;
  /** grows when an account is deleted, or logged out by force */
  readonly endings: number;
}

/** A store of several nodes. */
export interface SharedStore extends Store {
  /** Call `listener` with what other nodes announce. @returns takes it back */
  onHint(listener: (hint: Hint) => void): () => void;
  /** Look what there is, and tell, if `answers`, that this node answers clients. */
  readNews(node: { readonly name: string; readonly answers: boolean }): Promise<News>;
  /** Lanes of these apps; without `sdkAppIds` of all apps those in which anything ever happened. */
  readLaneNews(query: {
    readonly lanes: readonly number[];
    readonly sdkAppIds?: readonly number[];
  }): Promise<readonly LaneNews[]>;
  /** Numbers of the last `resumed` event of each endpoint that has one. */
  readResumes(): Promise<ReadonlyMap<string, number>>;
  /** Whether the node has work that one does for all: if nobody has it, or he is silent for longer than his lease, it has from now on. */
  takeDuty(duty: { readonly name: string; readonly owner: string; readonly leaseMs: number }): Promise<boolean>;
  /** Leave what one does for all to others. */
  releaseDuties(owner: string): Promise<void>;
}
