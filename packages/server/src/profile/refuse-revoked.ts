/** Whether a UserSig still counts. */
import { ApiError } from '../errors.ts';
import type { Profile } from '../storage/store.ts';

/** Whose UserSig, and of what age. */
export interface IssuedUserSig {
  readonly userId: string;
  readonly issuedAtSeconds: number;
}

/** UserSigs count seconds: one of the very second of the kick is taken for an older one. */
export function isRevoked(
  profile: Pick<Profile, 'revokedAtMs'> | undefined,
  { issuedAtSeconds }: { readonly issuedAtSeconds: number },
): boolean {
  if (!profile || profile.revokedAtMs === 0) return false;
  return issuedAtSeconds <= Math.floor(profile.revokedAtMs / 1_000);
}

/** @throws ApiError 70001 if the user's UserSigs of this age were revoked */
export function refuseRevoked(profile: Pick<Profile, 'revokedAtMs'> | undefined, issued: IssuedUserSig): void {
  if (!profile || !isRevoked(profile, issued)) return;
  const until = new Date(profile.revokedAtMs).toISOString();
  throw new ApiError(70001, `usersig: all UserSigs of "${issued.userId}" up to ${until} were revoked`);
}
