/** The app and the endpoint of measurements that use the store without a server. */
import type { App, Endpoint, Origin, ProfileCommand } from '../../packages/server/src/storage/store.ts';

export const SDK_APP_ID = 1_400_000_001;
export const ORIGIN: Origin = { operatorId: 'administrator', clientIp: '127.0.0.1', platform: 'RESTAPI' };

export const app: App = {
  sdkAppId: SDK_APP_ID,
  name: 'bench',
  secretKey: 'bench',
  administrators: ['administrator'],
  customFields: [],
  rateLimitPerSecond: 0,
  announceImports: false,
  userWritableFields: [],
  maxSessionsPerPlatform: 0,
  createdAtMs: 0,
};

/** A change of three fields of one of `user_0`, `user_1` … @param index  1, 2, 3 …: users in a scattered order */
export function changeOf(index: number, users: number): ProfileCommand {
  const number = index * 7_919;
  const items = [
    { tag: 'Tag_Profile_IM_Nick', value: `Nick ${number}` },
    { tag: 'Tag_Profile_IM_Image', value: `https://example.com/avatars/${number}.png` },
    { tag: 'Tag_Profile_IM_Level', value: number % 100 },
  ];
  return { kind: 'set', sdkAppId: SDK_APP_ID, userId: `user_${number % users}`, items, origin: ORIGIN };
}

/** @param differs  members that are not as they are by default */
export function endpointOf(endpointId: string, differs: Partial<Endpoint>): Endpoint {
  return {
    endpointId,
    sdkAppId: SDK_APP_ID,
    url: 'http://127.0.0.1:9/callback',
    commands: ['Profile.CallbackPortraitSet'],
    token: '',
    signingSecrets: [],
    timeoutMs: 2_000,
    success: 'protocol',
    maxAttempts: 7,
    concurrency: 64,
    ratePerSecond: 0,
    headers: {},
    payload: 'tencent',
    onDead: 'skip',
    startFrom: 'now',
    state: 'active',
    createdAtMs: 0,
    ...differs,
  };
}
