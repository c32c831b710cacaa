import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import { type OptPlatform, parseOptPlatform } from './platforms.ts';

const INVALID = 40001;
const NO_PATH = /^[a-z][a-z0-9+.-]*:\/\/[^/]*$/i;
const DECIMAL = /^(?:0|[1-9][0-9]{0,14})$/;

/** The authentication parameters of a callback URL; see callback-sign.ts. */
export interface CallbackUrlSign {
  /** 64 lower-case hex digits. */
  readonly sign: string;
  /** Unix seconds. */
  readonly requestTimeSeconds: number;
}

/** What a callback URL says beyond the configured address. */
export interface CallbackUrlQuery {
  readonly sdkAppId: number;
  readonly command: string;
  readonly clientIp: string;
  readonly platform: string;
  readonly sign?: CallbackUrlSign;
}

/**
 * The URL of one POST: the configured one with the documented parameters behind it, in the documented order.
 *
 * A query of the configured URL is kept in front, a fragment is dropped, an absent path becomes `/`. Values are
 * percent-encoded.
 *
 * @param url  absolute http or https URL
 * @see Tencent Cloud Chat, "Webhook Overview", document 1047/34354
 */
export function formatCallbackUrl(url: string, query: CallbackUrlQuery): string {
  const parameters = [
    `SdkAppid=${query.sdkAppId}`,
    `CallbackCommand=${encodeValue(query.command)}`,
    'contenttype=json',
    `ClientIP=${encodeValue(query.clientIp)}`,
    `OptPlatform=${encodeValue(query.platform)}`,
  ];
  if (query.sign !== undefined) {
    parameters.push(`Sign=${encodeValue(query.sign.sign)}`, `RequestTime=${query.sign.requestTimeSeconds}`);
  }
  return openQuery(url) + parameters.join('&');
}

/** The URL up to where the next parameter goes. */
function openQuery(url: string): string {
  const [bare = ''] = url.split('#', 1);
  const at = bare.indexOf('?');
  if (at < 0) return `${withPath(bare)}?`;
  const query = bare.slice(at);
  return withPath(bare.slice(0, at)) + (query.endsWith('?') || query.endsWith('&') ? query : `${query}&`);
}

function withPath(address: string): string {
  return NO_PATH.test(address) ? `${address}/` : address;
}

/** encodeURIComponent throws on lone surrogates. */
function encodeValue(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** What a receiver reads from the URL of a callback. */
export interface ParsedCallbackUrl {
  readonly sdkAppId: number;
  readonly command: string;
  /** Empty when the parameter is not there. */
  readonly clientIp: string;
  /** `Unknown` when the parameter is not there or not known. */
  readonly platform: OptPlatform;
  /** Only when both `Sign` and `RequestTime` are there. */
  readonly sign?: CallbackUrlSign;
}

/**
 * Read the URL of a callback: absolute, or the request target only (`/callback?SdkAppid=…`).
 *
 * Order is free and unknown parameters are ignored. Of a repeated parameter the last counts: the documented ones
 * stand behind those of the configured URL.
 *
 * @returns what it says, or 40001 when SdkAppid or CallbackCommand is missing, or a number is not decimal
 */
export function parseCallbackUrl(url: string): Parsed<ParsedCallbackUrl> {
  const parameters = readParameters(url);
  const sdkAppId = parameters.get('SdkAppid') ?? '';
  if (!DECIMAL.test(sdkAppId)) {
    return parsedFault(INVALID, `SdkAppid: expected a decimal number, got ${describeValue(sdkAppId)}`);
  }
  const command = parameters.get('CallbackCommand') ?? '';
  if (command === '') return parsedFault(INVALID, 'CallbackCommand: the parameter is missing or empty');
  const sign = readSign(parameters);
  if (!sign.ok) return sign;
  return parsedOk({
    sdkAppId: Number(sdkAppId),
    command,
    clientIp: parameters.get('ClientIP') ?? '',
    platform: parseOptPlatform(parameters.get('OptPlatform') ?? ''),
    ...(sign.value !== undefined && { sign: sign.value }),
  });
}

function readParameters(url: string): ReadonlyMap<string, string> {
  const [bare = ''] = url.split('#', 1);
  const at = bare.indexOf('?');
  return new Map(at < 0 ? [] : new URLSearchParams(bare.slice(at + 1)));
}

function readSign(parameters: ReadonlyMap<string, string>): Parsed<CallbackUrlSign | undefined> {
  const sign = parameters.get('Sign');
  const requestTime = parameters.get('RequestTime');
  if (sign === undefined || requestTime === undefined) return parsedOk(undefined);
  if (DECIMAL.test(requestTime)) return parsedOk({ sign, requestTimeSeconds: Number(requestTime) });
  return parsedFault(INVALID, `RequestTime: expected Unix seconds in decimal, got ${describeValue(requestTime)}`);
}
