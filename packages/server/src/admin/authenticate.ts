/** Who may call the admin API: bearers of a token, and sessions of the console. */
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { AdminTokens } from './access/admin-tokens.ts';
import type { ConsoleSessions } from './access/console-sessions.ts';
import { type AdminRole, setRole } from './access/role.ts';
import { sessionCookieOf } from './access/session-cookie.ts';
import { Problem } from './problem.ts';

const BEARER = /^Bearer +(\S+) *$/i;

/** What lets a request in. */
export interface AuthenticationOptions {
  readonly tokens: AdminTokens;
  readonly sessions: ConsoleSessions;
  readonly clock: Clock;
}

/**
 * Lets requests with `Authorization: Bearer <token>` pass, and those of the console's pages with the cookie of a session.
 *
 * @returns a check that throws Problem 401, or 403 if a viewer wants to change something or to see a secret
 */
export function createAuthentication(options: AuthenticationOptions): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (request.routeOptions.config.isOpen) return;
    const role = findRole(request, options);
    setRole(request, role);
    if (role === 'viewer') refuseMoreThanReading(request);
  };
}

function findRole(request: FastifyRequest, { tokens, sessions, clock }: AuthenticationOptions): AdminRole {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined) {
    const role = tokens.roleOf(token);
    if (role) return role;
    throw unauthorized('this is not the admin token');
  }
  const cookie = sessionCookieOf(request);
  if (cookie === undefined) throw unauthorized('expected the header "Authorization: Bearer <admin token>"');
  const session = sessions.read(cookie, clock.now());
  if (!session) throw unauthorized('the session has ended: sign in again');
  return session.role;
}

function refuseMoreThanReading({ method, query, routeOptions }: FastifyRequest): void {
  if (method !== 'GET' && method !== 'HEAD' && !routeOptions.config.readsOnly) {
    throw new Problem(403, 'the viewer token only reads: this needs the admin token');
  }
  if ((query as { readonly reveal?: unknown }).reveal === 'true') {
    throw new Problem(403, 'the viewer token shows no secrets: reveal needs the admin token');
  }
}

function unauthorized(detail: string): Problem {
  return new Problem(401, detail, { headers: { 'www-authenticate': 'Bearer' } });
}
