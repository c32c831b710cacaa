/** The numbers by which Tencent's client packages name the platform they run on. */

import type { OptPlatform } from './platforms.ts';
import { isRawObject } from './raw-object.ts';

/** What `query_online_status` calls a platform. */
export type StatusPlatform = 'iPhone' | 'Android' | 'Web' | 'PC' | 'iPad' | 'Mac';

/** One row of CLIENT_PLATFORMS. */
export interface ClientPlatform {
  /** `platform` in the URL and in the head of a frame. */
  readonly number: number;
  /** Name in the SDK's own table. */
  readonly sdkName: string;
  readonly optPlatform: OptPlatform;
}

/** uni-app's native build: which system it runs on stands in `is_web_uniapp` of the login, if anywhere. */
const UNI_APP_NATIVE = 15;

/**
 * Numbers and names were read from the packages; what the callback's `OptPlatform` should say for mini programs is our
 * choice: they are web pages.
 */
export const CLIENT_PLATFORMS: readonly ClientPlatform[] = [
  { number: 2, sdkName: 'Android', optPlatform: 'Android' },
  { number: 3, sdkName: 'iOS', optPlatform: 'iOS' },
  { number: 4, sdkName: 'Mac', optPlatform: 'Mac' },
  { number: 7, sdkName: 'Web', optPlatform: 'Web' },
  { number: 8, sdkName: 'WeChat mini program', optPlatform: 'Web' },
  { number: 9, sdkName: 'QQ mini program', optPlatform: 'Web' },
  { number: 10, sdkName: 'ByteDance mini program', optPlatform: 'Web' },
  { number: 11, sdkName: 'Baidu mini program', optPlatform: 'Web' },
  { number: 12, sdkName: 'Alipay mini program', optPlatform: 'Web' },
  { number: 13, sdkName: 'iPad', optPlatform: 'iPad' },
  { number: UNI_APP_NATIVE, sdkName: 'uni-app native', optPlatform: 'Web' },
  { number: 19, sdkName: 'Donut', optPlatform: 'Unknown' },
  { number: 20, sdkName: 'NativeScript', optPlatform: 'Unknown' },
  { number: 21, sdkName: 'React Native', optPlatform: 'Unknown' },
];

const BY_NUMBER: ReadonlyMap<unknown, OptPlatform> = new Map(
  CLIENT_PLATFORMS.map((row) => [row.number, row.optPlatform]),
);

/**
 * The `OptPlatform` of a client.
 *
 * @param number     `platform` of the head; anything that is not in the table is Unknown
 * @param loginBody  body of its `wslogin`: for uni-app, `is_web_uniapp` may name the system underneath
 */
export function optPlatformOf(number: unknown, loginBody: unknown): OptPlatform {
  const underneath = number === UNI_APP_NATIVE && isRawObject(loginBody) ? loginBody.is_web_uniapp : undefined;
  return BY_NUMBER.get(underneath) ?? BY_NUMBER.get(number) ?? 'Unknown';
}

const STATUS_PLATFORMS: Readonly<Record<OptPlatform, StatusPlatform>> = {
  Android: 'Android',
  iOS: 'iPhone',
  iPad: 'iPad',
  Mac: 'Mac',
  Windows: 'PC',
  Web: 'Web',
  Unknown: 'Web',
  RESTAPI: 'Web',
};

/**
 * As what platform a login counts: for `query_online_status`, and where logins of one user on one platform are limited.
 * Everything that runs in JavaScript is one of the web, native shell or not.
 *
 * @see Tencent Cloud Chat, "Login and Logout" of the Web SDK, document 1047/47970
 */
export function instancePlatformOf(number: unknown): StatusPlatform {
  return STATUS_PLATFORMS[BY_NUMBER.get(number) ?? 'Unknown'];
}
