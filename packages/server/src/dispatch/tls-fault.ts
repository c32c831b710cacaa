/** Says what went wrong in TLS, for people. */

/** The endpoint's own `tls` can not be used. */
export class TlsSettingsError extends Error {
  override readonly name = 'TlsSettingsError';

  constructor(cause: Error & { readonly reason?: string }) {
    super(`the endpoint's tls can not be used: ${cause.reason ?? 'OpenSSL refuses it'}`, { cause });
  }
}

/** Codes of OpenSSL's certificate checks and of Node's TLS layer. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO)/;

const UNKNOWN_AUTHORITY = "the receiver's certificate is of an authority that is not known; name it in tls.ca";
/** What we have against the receiver's certificate. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the receiver's certificate has run out",
  CERT_NOT_YET_VALID: "the receiver's certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "the receiver's certificate is for another host name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the receiver's certificate is self-signed, and tls.ca does not have it",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};

const NOT_TAKEN = 'the receiver does not take our client certificate';
/** What the receiver has against ours, by the end of the code: OpenSSL's alerts have the protocol's version before it. */
const ALERTS: readonly (readonly [ending: string, words: string])[] = [
  ['ALERT_CERTIFICATE_REQUIRED', 'the receiver wants a client certificate: tls.cert and tls.key'],
  ['ALERT_UNKNOWN_CA', `${NOT_TAKEN}: its authority is not known there`],
  ['ALERT_CERTIFICATE_EXPIRED', `${NOT_TAKEN}: it has run out`],
  ['ALERT_CERTIFICATE_REVOKED', `${NOT_TAKEN}: it was revoked`],
  ['ALERT_CERTIFICATE_UNKNOWN', NOT_TAKEN],
  ['ALERT_BAD_CERTIFICATE', NOT_TAKEN],
  ['ALERT_UNSUPPORTED_CERTIFICATE', NOT_TAKEN],
  // what TLS 1.2 says where 1.3 says CERTIFICATE_REQUIRED, and of other things too
  ['ALERT_HANDSHAKE_FAILURE', 'the receiver ended the handshake; it may want a client certificate (tls.cert, tls.key)'],
];

/** The connection ended without an answer. */
const HANG_UPS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * @param isCertificateUntried  we show a client certificate, and nobody has answered to it yet: who hangs up then has most likely
 *                              refused it without a word, as Node's own servers do
 * @returns the code and a sentence, without OpenSSL's own line; undefined if it is no fault of TLS
 */
export function describeTlsFault(error: Error, isCertificateUntried: boolean): string | undefined {
  if (error instanceof TlsSettingsError) return error.message;
  const { code = '', message, reason } = error as NodeJS.ErrnoException & { readonly reason?: string };
  if (isCertificateUntried && HANG_UPS.has(code)) {
    return `${code}: the receiver hung up without an answer; it may not take our client certificate`;
  }
  if (!TLS_CODE.test(code)) return undefined;
  const words = CERTIFICATES[code] ?? ALERTS.find(([ending]) => code.endsWith(ending))?.[1];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${code}: ${words} (${message})`;
  return `${code}: ${words ?? reason ?? message}`;
}
