/** Apps, endpoints and events that are fine, to be varied by the tests. */
import { CALLBACK_PORTRAIT_SET, formatPortraitSetCallback } from '@portrait/wire';
import { formatEventId } from '../../src/storage/event-id.ts';
import type { App, ChangeEvent, Endpoint, Origin } from '../../src/storage/store.ts';

export const APP = 1_400_000_001;
export const OTHER_APP = 1_400_000_002;

export const NICK = 'Tag_Profile_IM_Nick';
export const LEVEL = 'Tag_Profile_IM_Level';

export const ORIGIN: Origin = { operatorId: 'administrator', clientIp: '203.0.113.9', platform: 'RESTAPI' };

export function sampleApp(members: Partial<App> = {}): App {
  return {
    sdkAppId: APP,
    name: 'demo',
    secretKey: '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e',
    administrators: ['administrator'],
    customFields: [{ tag: 'Tag_Profile_Custom_Data', type: 'string', read: ['user', 'admin'], write: ['admin'] }],
    userWritableFields: [NICK, LEVEL],
    rateLimitPerSecond: 200,
    announceImports: false,
    maxSessionsPerPlatform: 0,
    createdAtMs: 1_795_428_000_000,
    ...members,
  };
}

export function sampleEndpoint(members: Partial<Endpoint> = {}): Endpoint {
  return {
    endpointId: 'ep_1',
    sdkAppId: APP,
    url: 'http://127.0.0.1:9000/cb',
    commands: [CALLBACK_PORTRAIT_SET],
    token: 'callback token',
    signingSecrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    timeoutMs: 2_000,
    success: 'protocol',
    maxAttempts: 7,
    concurrency: 64,
    ratePerSecond: 0,
    headers: { 'x-tenant': 'blue' },
    payload: 'tencent',
    onDead: 'skip',
    startFrom: 'beginning',
    state: 'active',
    createdAtMs: 1_795_428_000_000,
    ...members,
  };
}

/** The event of place `seq` in lane 0, as the store gives it. */
export function sampleEvent(members: Partial<ChangeEvent> & { readonly seq: number }): ChangeEvent {
  const { seq, userId = 'id1', sdkAppId = APP, lane = 0, version = seq, atMs = 1_795_428_000_000 } = members;
  const items = [{ tag: NICK, value: `name ${version}` }];
  return {
    eventId: formatEventId({ atMs, sdkAppId, lane, seq }),
    sdkAppId,
    lane,
    previousSeq: 0,
    userId,
    version,
    command: CALLBACK_PORTRAIT_SET,
    atMs,
    clientIp: '203.0.113.9',
    platform: 'RESTAPI',
    body: formatPortraitSetCallback({ operatorId: 'administrator', userId, atMs, items }),
    previousItems: [],
    ...members,
  };
}
