/** The tokens that open the admin API, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminRole } from './role.ts';

/** What is configured. */
export interface TokenSettings {
  /** not empty */
  readonly adminToken: string;
  /** undefined: there are no viewers */
  readonly viewerToken?: string | undefined;
}

/** Digests are compared, so that neither content nor length of a token shows in the time it takes. */
export class AdminTokens {
  readonly #digests: readonly (readonly [role: AdminRole, digest: Buffer])[];

  constructor({ adminToken, viewerToken }: TokenSettings) {
    this.#digests = [
      ['admin', digestOf(adminToken)],
      ...(viewerToken === undefined ? [] : [['viewer', digestOf(viewerToken)] as const]),
    ];
  }

  /** @returns undefined if it is none of them */
  roleOf(token: string): AdminRole | undefined {
    const digest = digestOf(token);
    const fitting = this.#digests.filter(([, expected]) => timingSafeEqual(digest, expected));
    return fitting[0]?.[0];
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
