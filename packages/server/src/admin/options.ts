import type { Activity } from '../activity/activity.ts';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { ChangeFeed } from '../feed/change-feed.ts';
import type { Log } from '../log.ts';
import type { CommitContext } from '../profile/commit.ts';
import type { OnlineSessions } from '../sessions/online-sessions.ts';
import type { Stats } from '../stats/stats.ts';
import type { Attempt, ChangeEvent, Endpoint, Store } from '../storage/store.ts';
import type { Resend } from './resend.ts';
import type { AttemptRequest } from './show-delivery.ts';
import type { TestExchange } from './test-exchange.ts';

/** What the admin API works on. */
export interface AdminOptions {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  /** who is online */
  readonly online: OnlineSessions;
  /** the logs of all apps, to be read and followed */
  readonly feed: ChangeFeed;
  /** what happens to deliveries, as it happens */
  readonly activity: Activity;
  readonly stats: Pick<Stats, 'read'>;
  /** told of changes that are made here */
  readonly announce: CommitContext['announce'];
  /** opens the API; not empty */
  readonly adminToken: string;
  /** opens it for reading alone; undefined: there are no viewers */
  readonly viewerToken?: string | undefined;
  /** script of the Web SDK that the console's playground may load */
  readonly webSdkUrl?: string | undefined;
  /** Portrait's version, for the description of the API */
  readonly version: string;
  /** Sends a sample callback now; never throws. */
  readonly sendTest: (endpoint: Endpoint) => Promise<TestExchange>;
  /** Sends deliveries again; undefined: this process does not deliver */
  readonly resend?: Resend | undefined;
  /** What an attempt sent. */
  readonly requestOf: (endpoint: Endpoint, what: { event: ChangeEvent; attempt: Attempt }) => AttemptRequest;
  /** Refuses a URL that callbacks may not go to. @returns undefined = fine, else the sentence that says why not */
  readonly checkUrl: (url: string) => string | undefined;
  /** by default the log of the Fastify instance */
  readonly log?: AdminLog;
}

/** What is written of requests: each as `admin.done`, and faults of ours as `admin.fault`. */
export type AdminLog = Pick<Log, 'debug' | 'info' | 'error'>;

/** What the routes of one resource get. */
export interface AdminContext extends AdminOptions {
  /** Runs changes of apps and endpoints one after the other: each reads what the one before it stored. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** @returns a function that starts each piece of work when the one before it has ended, well or badly */
export function createTurns(): AdminContext['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
