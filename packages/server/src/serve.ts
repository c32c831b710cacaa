/** The composition root: the only file that names the concrete parts and puts them together. */
import { randomUUID } from 'node:crypto';
import { Activity } from './activity/activity.ts';
import type { EndedPost } from './activity/attempt-listener.ts';
import { FollowOthers } from './activity/follow-others.ts';
import type { Resend } from './admin/resend.ts';
import { loadAdminToken } from './admin-token.ts';
import { type Clock, systemClock } from './clock.ts';
import { dutyOf, type JoinedNode, joinNodes } from './cluster/join-nodes.ts';
import { RedeliveryWishes } from './cluster/redelivery-wishes.ts';
import type { ServeConfig } from './config.ts';
import { Directory } from './directory.ts';
import {
  AddressRefusedError,
  addressRule,
  checkLiteralHost,
  LOOPBACK_NETWORKS,
  type Lookup,
} from './dispatch/addresses.ts';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher.ts';
import { rebuildRequest } from './dispatch/rebuild-request.ts';
import { Redeliverer } from './dispatch/replay/redeliver.ts';
import { type Replays, startReplays } from './dispatch/replay/replays.ts';
import { sendSample } from './dispatch/send-sample.ts';
import { Authenticator } from './doors/authenticate.ts';
import { CallLimits } from './doors/call-limits.ts';
import { LoginLimits } from './doors/gateway/login-limits.ts';
import { ChangeFeed } from './feed/change-feed.ts';
import { type FirstStart, makeDemoApp } from './first-start.ts';
import { startHttpServer } from './http-server.ts';
import type { Log } from './log.ts';
import { logEndpointEvent } from './log-endpoint-event.ts';
import { Metrics } from './metrics.ts';
import { MetricsPage } from './metrics-page.ts';
import { openStore } from './open-store.ts';
import { startRetention } from './retention/retention.ts';
import { logTransition } from './sessions/log-transition.ts';
import { onlineIn } from './sessions/online-sessions.ts';
import { SessionRegistry } from './sessions/session-registry.ts';
import { tellSessions } from './sessions/tell-sessions.ts';
import { Stats } from './stats/stats.ts';
import type { CommittedChange, ProfileCommand } from './storage/store.ts';
import { VERSION } from './version.ts';

/** Callers and POSTs have 10 s each to end; a store that is silent for longer holds a stop up no more. */
const STORE_PATIENCE_MS = 22_000;

/** What a server is started with. */
export interface StartOptions {
  readonly config: ServeConfig;
  readonly log: Log;
  readonly clock?: Clock;
  /** resolves the host names of endpoints; default: the machine's own name service */
  readonly lookup?: Lookup | undefined;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://host:port`, with the real port */
  readonly url: string;
  readonly port: number;
  readonly adminToken: string;
  /** the token was made just now: to be shown once */
  readonly isNewAdminToken: boolean;
  /** the app that an empty store was given */
  readonly firstStart: FirstStart | undefined;
  /** Stop accepting, answer what is in hand, let running POSTs end (10 s at most), commit, close the store; 22 s in all if it is silent. */
  close(): Promise<void>;
}

/**
 * Open the store, take up deliveries, and listen.
 *
 * @throws StoreError `refused` if the store can't be opened; the socket's error if the port can't be had
 */
export async function startServer({ config, log, clock = systemClock, lookup }: StartOptions): Promise<RunningServer> {
  const closers: (() => Promise<void>)[] = [];
  let abandonStore = (): void => undefined;
  const close = async (): Promise<void> => {
    const stopWaiting = clock.after(STORE_PATIENCE_MS, () => abandonStore());
    try {
      for (const closer of closers.splice(0).reverse()) await closer();
    } finally {
      stopWaiting();
    }
  };
  try {
    const metrics = new Metrics();
    const node = randomUUID();
    const opened = await openStore({ config, clock, log, metrics, node });
    abandonStore = () => opened.abandon();
    closers.push(() => opened.close());
    const { store, shared, disk, leaseMs } = opened;
    if (shared) closers.push(() => shared.releaseDuties(node).catch(() => undefined)); // else they run out
    const token = loadAdminToken(config.dataDir, config.adminToken);
    const directory = await Directory.load(store);
    const isOurs = shared && dutyOf(shared, node, 'retention');
    const { retentionMs } = config;
    const retention = startRetention({ store, directory, clock, log, retentionMs, ...(isOurs && { isOurs }) });
    closers.push(() => retention.close());
    directory.onEndpointEvent((event, endpoint) => logEndpointEvent(event, endpoint, log));
    directory.onChange((change) => {
      if (change.kind === 'app' && !change.app) metrics.forgetApp(change.sdkAppId);
      if (change.kind === 'endpoint' && !change.endpoint) metrics.forgetEndpoint(change.endpointId);
    });
    const rule = addressRule(config.webhookAllow ?? (isLoopback(config.host) ? LOOPBACK_NETWORKS : []));

    const activity = new Activity((sdkAppId) => directory.endpointsOf(sdkAppId));
    let dispatcher: Dispatcher | undefined;
    const stats = new Stats({ store, shared, directory, clock, log, progress: () => dispatcher?.progress() ?? [] });
    closers.push(() => stats.close());
    const onAttempt = (post: EndedPost): void => {
      stats.attempted(post);
      activity.attempted(post);
    };
    let replays: Replays | undefined;
    let wishes: RedeliveryWishes | undefined;
    let resend: Resend | undefined;
    if (config.roles.includes('dispatch')) {
      const parts = {
        store,
        directory,
        clock,
        log,
        metrics,
        rule,
        lookup,
        onAttempt,
        version: VERSION,
        random: Math.random,
      };
      const started = await startDispatcher({ ...parts, leaseMs, owner: node });
      // at the same time: the POSTs of both have 10 s to end
      closers.push(async () => {
        await Promise.all([replays?.close(), started.close()]);
      });
      dispatcher = started;
      const context = {
        ...parts,
        takeTurn: started.takeTurn.bind(started),
        epochOf: started.epochOf.bind(started),
        share: () => started.share,
      };
      replays = await startReplays(context);
      const redeliverer = new Redeliverer(context);
      const redeliver = redeliverer.redeliver.bind(redeliverer);
      wishes =
        shared && new RedeliveryWishes({ store: shared, directory, clock, log, lanes: () => started.lanes, redeliver });
      resend = resendBy(replays, wishes ?? redeliverer);
    }
    const feed = new ChangeFeed({ store, directory, clock, log });
    let joined: JoinedNode | undefined;
    const sessions = new SessionRegistry((transition) => {
      logTransition(transition, log);
      joined?.sessions.follow(transition);
    });
    joined =
      shared &&
      (await joinNodes({
        store: shared,
        directory,
        sessions,
        feed,
        dispatcher,
        replays,
        wishes,
        clock,
        log,
        node,
        answers: config.roles.includes('api'),
        hasHints: !config.portableSql,
      }));
    closers.push(async () => joined?.close());
    if (shared) {
      const isAlone = (): boolean =>
        config.roles.includes('api') && joined?.answeringNodes === 1 && dispatcher?.lanes.length === shared.laneCount;
      activity.join(new FollowOthers({ activity, store: shared, clock, log, isAlone }));
    }
    const announce = (change: CommittedChange, command: ProfileCommand): void => {
      metrics.changed(command.sdkAppId, command.kind);
      if (change.event) {
        stats.changed(command.sdkAppId);
        activity.changed(change.event);
        dispatcher?.offer(change.event);
        feed.offer(change.event);
        joined?.announced(change.event);
      }
      if (command.kind === 'delete') feed.forget(command.sdkAppId);
      tellSessions(sessions, command);
    };

    const online = joined?.sessions ?? onlineIn(sessions);
    const authenticator = new Authenticator({ directory, store, clock });
    const http = await startHttpServer({
      host: config.host,
      port: config.port,
      log,
      trustProxy: config.trustProxy,
      disk,
      doors: config.roles.includes('api')
        ? {
            store,
            directory,
            log,
            clock,
            metrics,
            announce,
            sessions,
            nodeSessions: joined?.sessions,
            online,
            authenticator,
            limits: new CallLimits(clock, () => joined?.answeringNodes ?? 1),
            clientLimits: config,
            loginLimits: new LoginLimits(clock),
          }
        : undefined,
      admin: {
        store,
        directory,
        online,
        feed,
        activity,
        stats,
        announce,
        clock,
        adminToken: token.adminToken,
        viewerToken: config.viewerToken,
        webSdkUrl: config.webSdkUrl,
        version: VERSION,
        resend,
        sendTest: (endpoint) => sendSample(endpoint, { clock, rule, lookup, version: VERSION }),
        requestOf: (endpoint, what) => rebuildRequest(endpoint, { ...what, version: VERSION }),
        checkUrl: (url) => refusalOf(url, rule),
        log,
      },
      metrics: new MetricsPage({
        token: config.metricsToken,
        log,
        sources: { metrics, store, directory, dispatcher, sessions, clock, version: VERSION },
      }),
    });
    closers.push(() => http.close());
    // before it: an answer that goes on for ever would hold it up
    closers.push(() => feed.close());
    closers.push(() => activity.close());
    // only now: who can't listen is to find all of it at the next start
    const firstStart = await makeDemoApp(directory, clock);
    const isNewAdminToken = token.isNewAdminToken || firstStart !== undefined;
    return {
      url: `http://${urlHost(config.host)}:${http.port}`,
      port: http.port,
      adminToken: token.adminToken,
      isNewAdminToken,
      firstStart,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the admin API needs of those who send again. */
function resendBy(replays: Replays, redeliverer: Pick<Redeliverer, 'redeliver'>): Resend {
  return {
    redeliver: redeliverer.redeliver.bind(redeliverer),
    count: replays.count.bind(replays),
    create: replays.create.bind(replays),
    cancel: replays.cancel.bind(replays),
    obstacleOf: replays.obstacleOf.bind(replays),
  };
}

function refusalOf(url: string, rule: Parameters<typeof checkLiteralHost>[1]): string | undefined {
  try {
    checkLiteralHost(new URL(url).hostname, rule);
    return undefined;
  } catch (error) {
    if (error instanceof AddressRefusedError) return error.message;
    throw error;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
