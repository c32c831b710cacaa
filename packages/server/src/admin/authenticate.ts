import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Lets requests with `Authorization: Bearer <admin token>` pass.
 *
 * @returns a check that throws Problem 401; digests are compared, so that neither content nor length of the token shows
 *   in the time it takes
 */
export function createAuthentication(adminToken: string): (request: FastifyRequest) => Promise<void> {
  const expected = digestOf(adminToken);
  return async (request) => {
    const { authorization } = request.headers;
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      throw unauthorized('expected the header "Authorization: Bearer <admin token>"');
    }
    if (!timingSafeEqual(digestOf(token), expected)) throw unauthorized('this is not the admin token');
  };
}

function unauthorized(detail: string): Problem {
  return new Problem(401, detail, { headers: { 'www-authenticate': 'Bearer' } });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
