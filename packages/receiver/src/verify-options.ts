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

/** Check options, once. @throws TypeError that says what was expected, without secrets */
export function readApps(options: VerifyOptions): ReadonlyMap<number, App> {
  const apps = 'apps' in options ? options.apps : [options];
  const read = new Map(apps.map((app) => [app.sdkAppId, readApp(app, options.require)]));
  if (read.size === 0 || read.size < apps.length) throw new TypeError('apps: expected some, each once');
  return read;
}

function readApp({ sdkAppId, token = [], signingSecrets = [] }: AppOptions, required: Policy | undefined): App {
  const tokens = [token].flat();
  const hasSecrets = signingSecrets.length > 0;
  const policy = required ?? (hasSecrets ? 'body-signature' : 'token');
  const needs = NEEDS[policy];
  const check = (isFine: unknown, what: string): void => {
    if (!isFine) throw new TypeError(`app ${sdkAppId}: ${what}`);
  };
  check(Number.isSafeInteger(sdkAppId) && sdkAppId > 0, 'sdkAppId must be a positive integer');
  check(
    tokens.every((one) => one && typeof one === 'string'),
    'a token is empty: anybody could sign with it',
  );
  check(
    signingSecrets.every((one) => typeof one === 'string' && isWebhookKey(one)),
    'signingSecrets must be whsec_… or whpk_…',
  );
  check(needs, `require must be one of ${Object.keys(NEEDS).join(', ')}`);
  check(hasSecrets || !needs.secrets, `require "${policy}" needs signingSecrets`);
  check(tokens.length > 0 || !needs.token, `require "${policy}" needs a token; with neither say require: "none"`);
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

const NEEDS: Readonly<Record<Policy, { readonly secrets?: true; readonly token?: true }>> = {
  'body-signature': { secrets: true },
  either: { secrets: true, token: true },
  token: { token: true },
  none: {},
};
