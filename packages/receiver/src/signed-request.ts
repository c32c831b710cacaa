import {
  CALLBACK_PORTRAIT_SET,
  formatCallbackUrl,
  formatPortraitSetCallback,
  type ProfileItem,
  STANDARD_TAGS,
  signCallback,
  signStandardWebhook,
} from '@portrait/wire';
import type { ProfilePatch, TypedProfileItem } from './profile-values.ts';

/** A profile change to make a body of. */
export interface SampleChange {
  readonly userId: string;
  /** Default: the user himself. */
  readonly operatorId?: string | undefined;
  /** Unix milliseconds. Default 1700000000000. */
  readonly atMs?: number | undefined;
  /** What changed: by name, or as items. */
  readonly changed: ProfilePatch | readonly TypedProfileItem[];
}

/** What a callback is made of; only the app is required. */
export interface CallbackParts {
  readonly sdkAppId: number;
  /** The receiver's address. Default `http://receiver.test/callback`. */
  readonly url?: string | undefined;
  /** Makes `Sign`; without it there is none. */
  readonly token?: string | undefined;
  /** Make `webhook-signature`, `whsec_…` or `whsk_…`; without any there is none. */
  readonly signingSecrets?: readonly string[] | undefined;
  /** When it is signed, Unix milliseconds. Default 1700000000000, where ManualClock starts. */
  readonly nowMs?: number | undefined;
  /** Default `Profile.CallbackPortraitSet`. */
  readonly command?: string | undefined;
  /** Raw body, as profileBody makes it. Default: `alice` has a new nickname. */
  readonly body?: string | undefined;
  /** Without it there are none of Portrait's headers: that is how Tencent sends. Default `evt_1` with signingSecrets. */
  readonly webhookId?: string | undefined;
  readonly sequence?: number | undefined;
  readonly attempt?: number | undefined;
  readonly clientIp?: string | undefined;
  readonly platform?: string | undefined;
  /** Headers that replace or join the others; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

const AT_MS = 1_700_000_000_000;
const TAG_OF: ReadonlyMap<string, string> = new Map(STANDARD_TAGS.map(({ option, tag }) => [option, tag]));

/** Body of `Profile.CallbackPortraitSet`. */
export function profileBody({ userId, operatorId = userId, atMs = AT_MS, changed }: SampleChange): string {
  return formatPortraitSetCallback({ operatorId, userId, atMs, items: itemsOf(changed) });
}

function itemsOf(changed: SampleChange['changed']): readonly ProfileItem[] {
  if (isItems(changed)) return changed;
  const { custom = {}, ...standard } = changed;
  return [
    ...Object.entries(standard).map(([option, value]) => ({ tag: TAG_OF.get(option) ?? option, value })),
    ...Object.entries(custom).map(([keyword, value]) => ({ tag: `Tag_Profile_Custom_${keyword}`, value })),
  ];
}

function isItems(changed: SampleChange['changed']): changed is readonly TypedProfileItem[] {
  return Array.isArray(changed);
}

/** A signed callback in its parts, for servers that take no `Request` and for files. */
export async function signedParts(
  parts: CallbackParts,
): Promise<{ method: 'POST'; url: string; headers: Record<string, string>; body: string }> {
  const { sdkAppId, url = 'http://receiver.test/callback', token, nowMs = AT_MS } = parts;
  const { command = CALLBACK_PORTRAIT_SET, clientIp = '127.0.0.1', platform = 'RESTAPI' } = parts;
  const { body = profileBody({ userId: 'alice', changed: { nick: 'Alice' } }) } = parts;
  const requestTimeSeconds = Math.floor(nowMs / 1000);
  const sign =
    token === undefined ? undefined : { sign: await signCallback(token, requestTimeSeconds), requestTimeSeconds };
  const query = { sdkAppId, command, clientIp, platform, ...(sign && { sign }) };
  const given = {
    'content-type': 'application/json',
    ...(await headersOf(parts, body, requestTimeSeconds)),
    ...parts.headers,
  };
  const headers = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { method: 'POST', url: formatCallbackUrl(url, query), headers: Object.fromEntries(headers), body };
}

async function headersOf(
  {
    signingSecrets = [],
    webhookId = signingSecrets.length > 0 ? 'evt_1' : undefined,
    sequence,
    attempt,
  }: CallbackParts,
  body: string,
  timestampSeconds: number,
): Promise<Record<string, string | undefined>> {
  if (webhookId === undefined) return {};
  const message = { id: webhookId, timestampSeconds, body, secrets: signingSecrets };
  const isSigned = signingSecrets.length > 0;
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': isSigned ? await signStandardWebhook(message) : undefined,
    'portrait-sequence': sequence?.toString(),
    'portrait-attempt': attempt?.toString(),
  };
}

/** A signed callback. @throws TypeError when a secret is malformed */
export async function signedRequest(parts: CallbackParts): Promise<Request> {
  const { url, ...init } = await signedParts(parts);
  return new Request(url, init);
}
