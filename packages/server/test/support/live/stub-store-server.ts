/** The real doors in this process over a store that does what the test says. */
import { Activity } from '../../../src/activity/activity.ts';
import { systemClock } from '../../../src/clock.ts';
import { readServeConfig } from '../../../src/config.ts';
import { Directory } from '../../../src/directory.ts';
import { Authenticator } from '../../../src/doors/authenticate.ts';
import { CallLimits } from '../../../src/doors/call-limits.ts';
import type { GatewayContext } from '../../../src/doors/gateway/gateway-context.ts';
import { LoginLimits } from '../../../src/doors/gateway/login-limits.ts';
import { ChangeFeed } from '../../../src/feed/change-feed.ts';
import { startHttpServer } from '../../../src/http-server.ts';
import { createLog } from '../../../src/log.ts';
import { Metrics } from '../../../src/metrics.ts';
import { MetricsPage } from '../../../src/metrics-page.ts';
import { onlineIn } from '../../../src/sessions/online-sessions.ts';
import { SessionRegistry } from '../../../src/sessions/session-registry.ts';
import { tellSessions } from '../../../src/sessions/tell-sessions.ts';
import type { App, Profile, Store } from '../../../src/storage/store.ts';
import { FakeClock } from '../fake-clock.ts';
import { sampleApp } from '../samples.ts';
import { atEnd, type Owner } from './cleanup.ts';
import type { LogLine } from './test-server.ts';

/** The only app there is. */
export const STUB_APP: App = sampleApp();

/** A profile of an account that is there and has nothing set. */
export function stubProfile(userId: string, members: Partial<Profile> = {}): Profile {
  const state = { version: 0, fields: {}, isDeleted: false, revokedAtMs: 0, lastSeq: 0 };
  return { sdkAppId: STUB_APP.sdkAppId, userId, ...state, createdAtMs: 1, updatedAtMs: 1, ...members };
}

/** What the doors work with, over a store in which every account is there. */
export async function stubContext(onError: (line: LogLine) => void = () => undefined): Promise<StubContext> {
  const store: StubStore = {
    getProfiles: async (_sdkAppId, userIds) => userIds.map((userId) => stubProfile(userId)),
    commitChange: async ({ userId }) => ({ profile: stubProfile(userId) }),
  };
  const lists = { listApps: async () => [STUB_APP], listEndpoints: async () => [] };
  const whole = Object.assign(store, lists) as unknown as Store;
  const clock = systemClock;
  const log = createLog('error', { write: (line: string) => onError(JSON.parse(line)) });
  const directory = await Directory.load(whole);
  const sessions = new SessionRegistry();
  const context: GatewayContext = {
    store: whole,
    directory,
    log,
    clock,
    sessions,
    nodeSessions: undefined,
    online: onlineIn(sessions),
    announce: (_change, command) => tellSessions(sessions, command),
    authenticator: new Authenticator({ directory, store: whole, clock }),
    limits: new CallLimits(clock),
    metrics: new Metrics(),
    clientLimits: readServeConfig({ flags: {}, env: {}, cwd: '/nowhere' }),
    // what is taken does not come back by itself
    loginLimits: new LoginLimits(new FakeClock()),
  };
  return { context, store };
}

/** Methods that the test may replace at any time. */
export type StubStore = { -readonly [K in 'getProfiles' | 'commitChange']: Store[K] };

/** Doors and store. */
export interface StubContext {
  readonly context: GatewayContext;
  readonly store: StubStore;
}

/** Listen; the owner closes it. @returns the port */
export async function startStubServer(owner: Owner, { context }: StubContext): Promise<{ readonly port: number }> {
  const { store, directory, sessions, online, clock, log, metrics } = context;
  const unusable = (): never => {
    throw new Error('unused');
  };
  const activity = new Activity(() => []);
  const { announce } = context;
  const stats = { read: unusable };
  const unused = { adminToken: 'x', version: '0', sendTest: unusable, requestOf: unusable, activity, stats, announce };
  const feed = new ChangeFeed({ store, directory, clock, log });
  const admin = { store, directory, online, feed, clock, log, checkUrl: () => undefined, ...unused };
  const listen = { host: '127.0.0.1', port: 0, trustProxy: [], disk: { isBelowReserve: false } };
  const sources = { metrics, store, directory, dispatcher: undefined, sessions, clock, version: '0' };
  const page = new MetricsPage({ token: undefined, log, sources });
  const http = await startHttpServer({ ...listen, log, doors: context, admin, metrics: page });
  atEnd(owner, () => http.close());
  atEnd(owner, () => feed.close());
  return http;
}
