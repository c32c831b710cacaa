/** What the console's pages may do: nothing that leaves this server, no inline code. */

/** What differs from answer to answer, and by setting. */
export interface PolicyOptions {
  /** Base64 */
  readonly nonce: string;
  /** script that the playground may load */
  readonly webSdkUrl: string | undefined;
}

/** @returns value of the header Content-Security-Policy */
export function contentSecurityPolicy({ nonce, webSdkUrl }: PolicyOptions): string {
  return [
    "default-src 'none'",
    `script-src 'self'${webSdkUrl === undefined ? '' : ` ${webSdkUrl}`}`,
    // the Web SDK keeps its timers in a worker that it makes itself
    ...(webSdkUrl === undefined ? [] : ['worker-src blob:']),
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
