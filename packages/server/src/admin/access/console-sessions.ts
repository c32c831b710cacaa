/**
 * Sessions of the console: a signed cookie and no row anywhere, so that they outlive a restart. The key is made from the tokens:
 * whoever changes a token ends all sessions.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenSettings } from './admin-tokens.ts';
import type { AdminRole } from './role.ts';

/** A session lasts so long from the sign-in. */
export const SESSION_MS: number = 12 * 3_600_000;
/** Sessions that were ended before their time and are remembered for it; the oldest is let go beyond. */
const MAX_ENDED = 10_000;

/** Who signed in, and until when that holds. */
export interface ConsoleSession {
  readonly id: string;
  readonly role: AdminRole;
  readonly expiresAtMs: number;
}

/** Makes and reads cookies. */
export class ConsoleSessions {
  readonly #key: Buffer;
  readonly #ended = new Set<string>();

  constructor({ adminToken, viewerToken = '' }: TokenSettings) {
    this.#key = createHmac('sha256', adminToken).update(`portrait console session\n${viewerToken}`).digest();
  }

  /** @returns value of the cookie: role, end, id and signature */
  start(role: AdminRole, nowMs: number): { readonly session: ConsoleSession; readonly value: string } {
    const session = { id: randomBytes(12).toString('base64url'), role, expiresAtMs: nowMs + SESSION_MS };
    const claims = `${session.role}.${session.expiresAtMs}.${session.id}`;
    return { session, value: `${claims}.${this.#sign(claims)}` };
  }

  /** @returns undefined if it was not made here, has run out, or was ended */
  read(value: string, nowMs: number): ConsoleSession | undefined {
    const [role, expires, id = '', mac = '', ...more] = value.split('.');
    if (more.length > 0 || (role !== 'admin' && role !== 'viewer')) return undefined;
    const [given, expected] = [Buffer.from(mac), Buffer.from(this.#sign(`${role}.${expires}.${id}`))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const expiresAtMs = Number(expires);
    return expiresAtMs > nowMs && !this.#ended.has(id) ? { id, role, expiresAtMs } : undefined;
  }

  /** The session is over, in this process. */
  end({ id }: ConsoleSession): void {
    const [oldest] = this.#ended;
    if (this.#ended.size >= MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.add(id);
  }

  #sign(claims: string): string {
    return createHmac('sha256', this.#key).update(claims).digest('base64url');
  }
}
