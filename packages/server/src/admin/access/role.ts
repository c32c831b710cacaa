/** Who asks: what a token or a session lets him do. */
import type { FastifyRequest } from 'fastify';

/** `viewer` reads everything but secrets, and changes nothing. */
export type AdminRole = 'admin' | 'viewer';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** needs neither token nor session */
    readonly isOpen?: boolean;
    /** no GET, and changes nothing all the same: viewers may call it */
    readonly readsOnly?: boolean;
  }
}

const roles = new WeakMap<FastifyRequest, AdminRole>();

export function setRole(request: FastifyRequest, role: AdminRole): void {
  roles.set(request, role);
}

/** @returns the role that the request was let in with; `viewer` if it was let in without one */
export function roleOf(request: FastifyRequest): AdminRole {
  return roles.get(request) ?? 'viewer';
}
