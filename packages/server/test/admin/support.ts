/** The admin API on a store of its own, called without a socket. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FastifyInstance, fastify, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { Activity } from '../../src/activity/activity.ts';
import type { AdminOptions } from '../../src/admin/options.ts';
import { adminPlugin } from '../../src/admin/plugin.ts';
import type { Fault, ProblemDocument } from '../../src/admin/problem.ts';
import type { TestExchange } from '../../src/admin/test-exchange.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { Directory } from '../../src/directory.ts';
import { rebuildRequest } from '../../src/dispatch/rebuild-request.ts';
import { ChangeFeed } from '../../src/feed/change-feed.ts';
import type { Log } from '../../src/log.ts';
import { onlineIn } from '../../src/sessions/online-sessions.ts';
import { SessionRegistry } from '../../src/sessions/session-registry.ts';
import { Stats } from '../../src/stats/stats.ts';
import { openSqliteStore } from '../../src/storage/sqlite/open.ts';
import type { ChangeEvent, Endpoint, ProfileCommand, Store } from '../../src/storage/store.ts';

export const TOKEN = 'a-token-for-tests';
export const VIEWER_TOKEN = 'a-token-that-reads';
/** 2026-11-23T10:00:00.000Z */
export const START_MS = 1_795_428_000_000;

export interface Answer {
  readonly status: number;
  readonly headers: LightMyRequestResponse['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is expected of it stands in each test
  readonly body: any;
}

/** A running admin API. */
export interface Admin {
  readonly server: FastifyInstance;
  readonly store: Store;
  readonly directory: Directory;
  readonly feed: ChangeFeed;
  /** endpoints that were tested, oldest first */
  readonly tested: Endpoint[];
  readonly stats: Stats;
  /** commands that were carried out, oldest first */
  readonly announced: ProfileCommand[];
  /** log lines: name and fields */
  readonly lines: (readonly [name: string, fields: Record<string, unknown>])[];
  /** moves the clock */
  readonly advance: (ms: number) => void;
  /** @param path  behind `/admin/v1` */
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

export const EXCHANGE: TestExchange = {
  request: {
    method: 'POST',
    url: 'http://127.0.0.1:9000/cb?SdkAppid=1',
    headers: { 'webhook-id': 'evt_1' },
    body: '{}',
  },
  answer: { status: 500, headers: { 'content-type': 'text/plain' }, body: 'no' },
  outcome: 'failed',
  reason: 'status',
  detail: 'status 500, expected 200',
  durationMs: 3.1,
  timings: { reusedConnection: false, connectMs: 0.2, firstByteMs: 2.5, bodyMs: 0.1 },
};

/** @param changeStore  puts something between the API and the store */
export async function startAdmin(
  t: TestContext,
  options: {
    readonly changeStore?: (store: Store) => Store;
    readonly checkUrl?: AdminOptions['checkUrl'];
    readonly resend?: AdminOptions['resend'];
  } = {},
): Promise<Admin> {
  const { changeStore = (store) => store, checkUrl = () => undefined, resend } = options;
  const folder = mkdtempSync(join(tmpdir(), 'portrait-admin-'));
  let nowMs = START_MS;
  const clock: Clock = { ...systemClock, now: () => nowMs };
  const opened = openSqliteStore({ folder, clock });
  const store = changeStore(opened);
  const directory = await Directory.load(store);
  const sessions = new SessionRegistry();
  const tested: Endpoint[] = [];
  const lines: [string, Record<string, unknown>][] = [];
  const write = (fields: object, name: string) => void lines.push([name, fields as Record<string, unknown>]);
  const log = { debug: write, info: write, error: write };
  const feed = new ChangeFeed({ store, directory, clock, log });
  const activity = new Activity((sdkAppId) => directory.endpointsOf(sdkAppId));
  const silent = { error: write } as unknown as Log;
  const stats = new Stats({ store, directory, clock, log: silent, progress: () => [] });
  const announced: ProfileCommand[] = [];
  const server = fastify();
  // as the other doors of a server do
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  await server.register(adminPlugin, {
    store,
    directory,
    clock,
    online: onlineIn(sessions),
    feed,
    activity,
    stats,
    announce: (change, command) => {
      announced.push(command);
      if (change.event) activity.changed(change.event);
    },
    adminToken: TOKEN,
    viewerToken: VIEWER_TOKEN,
    version: '1.2.3',
    checkUrl,
    log,
    resend,
    requestOf: (endpoint, what) => rebuildRequest(endpoint, { ...what, version: '1.2.3' }),
    sendTest: async (endpoint) => {
      tested.push(endpoint);
      return EXCHANGE;
    },
  });
  t.after(async () => {
    await activity.close();
    await stats.close();
    await feed.close();
    await server.close();
    await opened.close();
    rmSync(folder, { recursive: true });
  });
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return {
    server,
    store,
    directory,
    feed,
    tested,
    stats,
    announced,
    lines,
    advance,
    call: (...of) => call(server, ...of),
  };
}

async function call(
  server: FastifyInstance,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await server.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url: `/admin/v1${path}`,
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    ...(body !== undefined && { payload: body as NonNullable<InjectOptions['payload']> }),
  });
  const { statusCode: status, body: text } = response;
  const isJson = /json/.test(String(response.headers['content-type'] ?? ''));
  return { status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** Asserts a problem document, and that `texts` stand in its sentence. @returns its faults by pointer */
export function assertProblem(answer: Answer, status: number, ...texts: readonly string[]): Record<string, string> {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
  const { type, title, status: told, detail = '', errors = [] } = answer.body as ProblemDocument;
  assert.deepEqual([type, told, title.length > 0], ['about:blank', status, true]);
  for (const text of texts) assert.ok(detail.includes(text), `"${detail}" does not say "${text}"`);
  return Object.fromEntries(errors.map((fault: Fault) => [fault.pointer, fault.detail]));
}

/** @returns SDKAppID */
export async function makeApp(admin: Admin, body: object = {}): Promise<number> {
  const { body: app } = await admin.call('POST', '/apps', { name: 'demo', ...body });
  return app.sdkAppId;
}

/** @returns endpointId */
export async function makeEndpoint(admin: Admin, sdkAppId: number, body: object = {}): Promise<string> {
  const url = 'http://127.0.0.1:9000/cb';
  const { body: endpoint } = await admin.call('POST', `/apps/${sdkAppId}/endpoints`, { url, ...body });
  return endpoint.endpointId;
}

const ORIGIN = { operatorId: 'administrator', clientIp: '127.0.0.1', platform: 'RESTAPI' };

/** Makes the account if it isn't there and gives it a nickname. */
export async function setNick(admin: Admin, sdkAppId: number, userId: string, nick: string): Promise<ChangeEvent> {
  const items = [{ tag: 'Tag_Profile_IM_Nick', value: nick }];
  await admin.store.commitChange({ sdkAppId, userId, kind: 'import', items: [], origin: ORIGIN, announce: false });
  const { event } = await admin.store.commitChange({ sdkAppId, userId, kind: 'set', items, origin: ORIGIN });
  assert.ok(event);
  return event;
}
