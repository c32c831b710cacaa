import { importWebhookKeys, isWebhookKey, type WebhookKeys } from '@portrait/wire';
import type { Clock } from './clock.ts';

/**
 * What a callback must bring. Beyond that, what it brings and the receiver can check must be right: nothing wrong is ever
 * outweighed by something right.
 *
 * | | must bring | also checked, if it is there and there is something to check it with |
 * |---|---|---|
 * | `body-signature` | a Standard Webhooks signature | `Sign` |
 * | `either` | such a signature; `Sign` only if it has none of its three headers | `Sign` |
 * | `token` | `Sign` | nothing: the signature of the body is not looked at |
 * | `none` | nothing | nothing |
 */
export type Policy = 'body-signature' | 'either' | 'token' | 'none';

/** An app whose callbacks are expected, and what they are verified with. */
export interface AppOptions {
  readonly sdkAppId: number;
  /** Token of the endpoint, or several while it is being changed. */
  readonly token?: string | readonly string[] | undefined;
  /**
   * All that is live: signing secrets of the endpoint (`whsec_…`), and its verification keys (`whpk_…`, which are no
   * secret). One match is enough.
   */
  readonly signingSecrets?: readonly string[] | undefined;
}

/** Whose callbacks are accepted, and when. */
export type VerifyOptions = (AppOptions | { readonly apps: readonly AppOptions[] }) & {
  /** Default `body-signature` for an app with signingSecrets, `token` for one that has a token only. */
  readonly require?: Policy | undefined;
  /** Longest body that is read. Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined;
  readonly clock?: Pick<Clock, 'now'> | undefined;
};

/** An app whose options were checked. */
export interface App {
  readonly policy: Policy;
  readonly tokens: readonly string[];
  /** Imported at the first call. */
  keys(): Promise<WebhookKeys>;
}

const POLICIES: readonly string[] = ['body-signature', 'either', 'token', 'none'] satisfies readonly Policy[];

/** Check options, once. @throws TypeError that says what was expected and what came, without secrets */
export function readApps(options: VerifyOptions): ReadonlyMap<number, App> {
  const apps = 'apps' in options ? options.apps : [options];
  if (apps.length === 0) throw new TypeError('apps: expected one app or more');
  const read = new Map(apps.map((app) => [app.sdkAppId, readApp(app, options.require)]));
  if (read.size < apps.length) throw new TypeError('apps: an sdkAppId stands there twice');
  return read;
}

function readApp({ sdkAppId, token, signingSecrets = [] }: AppOptions, required: Policy | undefined): App {
  const tokens = token === undefined ? [] : typeof token === 'string' ? [token] : token;
  const check = (isFine: boolean, what: string): void => {
    if (!isFine) throw new TypeError(`app ${sdkAppId}: ${what}`);
  };
  check(Number.isSafeInteger(sdkAppId) && sdkAppId > 0, 'sdkAppId must be a positive integer');
  check(
    tokens.every((one) => typeof one === 'string' && one !== ''),
    'a token is empty: anybody could make its Sign. Leave it out if there is none',
  );
  check(
    signingSecrets.every((one) => typeof one === 'string' && isWebhookKey(one)),
    'a signing secret must be whsec_ and 24 to 64 bytes in Base64, or whpk_ and 32',
  );
  const policy = required ?? (signingSecrets.length > 0 ? 'body-signature' : 'token');
  check(POLICIES.includes(policy), `require must be one of ${POLICIES.join(', ')}`);
  const needsSecrets = policy === 'body-signature' || policy === 'either';
  check(!needsSecrets || signingSecrets.length > 0, `require "${policy}" needs signingSecrets`);
  const needsToken = policy === 'token' || policy === 'either';
  check(
    !needsToken || tokens.length > 0,
    required
      ? `require "${policy}" needs a token`
      : 'give signingSecrets, or a token, or say require: "none" to believe anybody',
  );
  let keys: Promise<WebhookKeys> | undefined;
  return {
    policy,
    tokens,
    keys() {
      keys ??= importWebhookKeys(signingSecrets);
      return keys;
    },
  };
}
