/** `/session`: signing in to the console, and out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AdminTokens } from './access/admin-tokens.ts';
import { type ConsoleSession, type ConsoleSessions, SESSION_MS } from './access/console-sessions.ts';
import { type AdminRole, roleOf } from './access/role.ts';
import { formatSessionCookie, isFromConsole, sessionCookieOf } from './access/session-cookie.ts';
import type { SignInLimits } from './access/sign-in-limits.ts';
import { formatMoment } from './moment.ts';
import type { AdminContext } from './options.ts';
import { Problem } from './problem.ts';
import { type SessionCreate, type SessionInfoAnswer, sessionCreate } from './session-schemas.ts';
import { emptyQuery, responses } from './shared-schemas.ts';

const createSession = {
  operationId: 'createSession',
  tags: ['Sessions'],
  summary: 'Sign in to the console',
  description:
    'Takes a token and gives a cookie, which lasts 12 hours. It counts only together with the header `X-Portrait-Console`; programs use the token itself.',
  security: [],
  querystring: emptyQuery,
  body: sessionCreate,
  response: responses({
    status: 200,
    description: 'Signed in.',
    body: 'ConsoleSession',
    problems: [403, 413, 415, 429],
  }),
};

const getSession = {
  operationId: 'getSession',
  tags: ['Sessions'],
  summary: 'Tell who is signed in',
  querystring: emptyQuery,
  response: responses({ status: 200, description: 'Who asks.', body: 'ConsoleSession' }),
};

const deleteSession = {
  operationId: 'deleteSession',
  tags: ['Sessions'],
  summary: 'Sign out of the console',
  security: [],
  querystring: emptyQuery,
  response: responses({ status: 204, description: 'The session has ended.', problems: [403] }),
};

/** What the routes work with besides the context. */
export interface SessionParts {
  readonly tokens: AdminTokens;
  readonly sessions: ConsoleSessions;
  readonly limits: SignInLimits;
}

/** Adds the routes of this resource. */
export function addSessionRoutes(api: FastifyInstance, context: AdminContext, parts: SessionParts): void {
  const { clock, version, webSdkUrl = null } = context;
  const { tokens, sessions, limits } = parts;
  const show = (role: AdminRole, session: ConsoleSession | undefined): SessionInfoAnswer => ({
    role,
    expiresAt: session ? formatMoment(session.expiresAtMs) : null,
    version,
    webSdkUrl,
  });

  api.post<{ Body: SessionCreate }>(
    '/session',
    { schema: createSession, config: { isOpen: true } },
    async (request, reply) => {
      requireConsole(request);
      const waitSeconds = limits.waitSeconds(request.ip, clock.now());
      if (waitSeconds > 0) throw tooOften(waitSeconds);
      const role = tokens.roleOf(request.body.token);
      if (!role) {
        limits.failed(request.ip, clock.now());
        throw new Problem(401, 'this is neither the admin token nor the viewer token of this server');
      }
      limits.succeeded(request.ip);
      const { session, value } = sessions.start(role, clock.now());
      setCookie({ request, reply }, value, SESSION_MS / 1_000);
      return show(role, session);
    },
  );

  api.get('/session', { schema: getSession }, async (request) =>
    show(roleOf(request), sessions.read(sessionCookieOf(request) ?? '', clock.now())),
  );

  api.delete('/session', { schema: deleteSession, config: { isOpen: true } }, async (request, reply) => {
    requireConsole(request);
    const session = sessions.read(sessionCookieOf(request) ?? '', clock.now());
    if (session) sessions.end(session);
    setCookie({ request, reply }, '', 0);
    return reply.code(204).send();
  });
}

/** Another site must not sign people in or out. */
function requireConsole(request: FastifyRequest): void {
  if (!isFromConsole(request)) throw new Problem(403, 'expected the header X-Portrait-Console, from the same origin');
}

function tooOften(waitSeconds: number): Problem {
  const headers = { 'retry-after': String(waitSeconds) };
  return new Problem(429, `too many wrong tokens: try again in ${waitSeconds} s`, { headers });
}

function setCookie(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  value: string,
  maxAgeSeconds: number,
): void {
  const isHttps = request.protocol === 'https';
  reply.header('set-cookie', formatSessionCookie(value, { maxAgeSeconds, isHttps }));
}
