/** The cookie that a session of the console travels in. */
import type { FastifyRequest } from 'fastify';

const NAME = 'portrait_session';
/** Only a page of the same origin can send it: others would need the server's leave first (CORS). */
const CONSOLE_HEADER = 'x-portrait-console';

/** @returns value of the cookie, if the request comes from the console's own pages */
export function sessionCookieOf({ headers }: FastifyRequest): string | undefined {
  if (headers[CONSOLE_HEADER] === undefined || headers['sec-fetch-site'] === 'cross-site') return undefined;
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === NAME) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** Whether a page of ours sends it: nobody else's may sign people in or out. */
export function isFromConsole({ headers }: FastifyRequest): boolean {
  return headers[CONSOLE_HEADER] !== undefined && headers['sec-fetch-site'] !== 'cross-site';
}

/** @returns `Set-Cookie`. @param maxAgeSeconds  0 = remove it */
export function formatSessionCookie(
  value: string,
  { maxAgeSeconds, isHttps }: { readonly maxAgeSeconds: number; readonly isHttps: boolean },
): string {
  const secure = isHttps ? '; Secure' : '';
  return `${NAME}=${value}; Path=/admin/v1; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}
