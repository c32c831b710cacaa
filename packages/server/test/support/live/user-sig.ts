/** UserSigs by Tencent's own signing library, and such as it would never make. */
import { deflateSync } from 'node:zlib';
import tlsSigApi from 'tls-sig-api-v2';

const DAY_SECONDS = 86_400;

/** The app that signs. */
export interface SigningApp {
  readonly sdkAppId: number;
  readonly secretKey: string;
}

/** A UserSig as an app's backend makes it, issued now, for a day. */
export function userSigOf({ sdkAppId, secretKey }: SigningApp, userId: string): string {
  return new tlsSigApi.Api(sdkAppId, secretKey).genUserSig(userId, DAY_SECONDS);
}

/** A UserSig issued at another time than now; the MAC is the library's. */
export function userSigIssuedAt(
  { sdkAppId, secretKey }: SigningApp,
  userId: string,
  issuedAtSeconds: number,
  expireSeconds = DAY_SECONDS,
): string {
  const sig = new tlsSigApi.Api(sdkAppId, secretKey)._hmacsha256(userId, issuedAtSeconds, expireSeconds, null);
  return packUserSig(
    JSON.stringify({
      'TLS.ver': '2.0',
      'TLS.identifier': userId,
      'TLS.sdkappid': sdkAppId,
      'TLS.time': issuedAtSeconds,
      'TLS.expire': expireSeconds,
      'TLS.sig': sig,
    }),
  );
}

/** Any content in the text form of a UserSig. */
export function packUserSig(content: string | Uint8Array): string {
  const base64 = deflateSync(content).toString('base64');
  return base64.replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
}
