/** What an empty store is given, so that a newcomer has something to try. */
import { randomBytes } from 'node:crypto';
import { signUserSig } from '@portrait/wire';
import type { Clock } from './clock.ts';
import type { Directory } from './directory.ts';
import { StoreError } from './errors.ts';
import { APP_DEFAULTS } from './storage/app-defaults.ts';
import type { App } from './storage/store.ts';

/** The app that was made. */
export interface FirstStart {
  readonly sdkAppId: number;
  readonly secretKey: string;
  readonly administrator: string;
  /** of the administrator */
  readonly userSig: string;
}

const DEMO_SDK_APP_ID = 1_400_000_001;
const DEMO_ADMINISTRATOR = 'administrator';
const CALLS_PER_SECOND = 200;

/** Make the app "demo" if there is no app at all. @returns undefined if there is one, or another node makes it. @throws StoreError */
export async function makeDemoApp(directory: Directory, clock: Clock): Promise<FirstStart | undefined> {
  if (directory.apps().length > 0) return undefined;
  const secretKey = randomBytes(32).toString('hex');
  const demo = { sdkAppId: DEMO_SDK_APP_ID, secretKey };
  const app = {
    ...APP_DEFAULTS,
    ...demo,
    name: 'demo',
    administrators: [DEMO_ADMINISTRATOR],
    customFields: [
      { tag: 'Tag_Profile_Custom_Data', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
    ],
    rateLimitPerSecond: CALLS_PER_SECOND,
    announceImports: false,
    createdAtMs: clock.now(),
  } satisfies App;
  try {
    await directory.createApp(app);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'exists') return undefined;
    throw error;
  }
  const userSig = await signUserSig({ ...demo, userId: DEMO_ADMINISTRATOR, nowSeconds: clock.now() / 1_000 });
  return { ...demo, administrator: DEMO_ADMINISTRATOR, userSig };
}
