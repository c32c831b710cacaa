/** Tencent's own signing library comes without types; this is what its version 1.0.2 has. */
declare module 'tls-sig-api-v2' {
  class Api {
    constructor(sdkAppId: number, secretKey: string);
    genUserSig(userId: string, expireSeconds: number): string;
    genPrivateMapKey(userId: string, expireSeconds: number, roomId: number, privilegeMap: number): string;
    _hmacsha256(userId: string, issuedAtSeconds: number, expireSeconds: number, userbuf: string | null): string;
  }
  const library: { readonly Api: typeof Api };
  export = library;
}
